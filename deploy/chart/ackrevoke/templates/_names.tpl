{{/* What things are called. A name has at most 40 characters: a CronJob may have 52, and "-summary" follows. */}}
{{- define "ackrevoke.name" -}}
{{- $n := .Release.Name }}
{{- if not (contains .Chart.Name $n) }}{{ $n = printf "%s-%s" $n .Chart.Name }}{{ end }}
{{- $n | trunc 40 | trimSuffix "-" }}
{{- end }}

{{/* The labels of an object, of (list . component), or with more of them than the values have for all: (list . component more). */}}
{{- define "ackrevoke.labels" -}}
{{- $ := index . 0 -}}
app.kubernetes.io/name: {{ $.Chart.Name }}
app.kubernetes.io/instance: {{ $.Release.Name | quote }}
app.kubernetes.io/component: {{ index . 1 }}
{{- with regexFind "^[A-Za-z0-9]([-_.A-Za-z0-9]{0,61}[A-Za-z0-9])?$" $.Values.image.tag }}
app.kubernetes.io/version: {{ . | quote }}
{{- end }}
app.kubernetes.io/managed-by: {{ $.Release.Service }}
helm.sh/chart: {{ $.Chart.Name }}-{{ $.Chart.Version | replace "+" "_" }}
{{- $more := dict }}{{ if gt (len .) 2 }}{{ $more = index . 2 }}{{ end }}
{{- with merge (dict) $more $.Values.labels }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{/* The labels of a pod: those of the object without what an upgrade changes. */}}
{{- define "ackrevoke.podLabels" -}}
{{- $ := index . 0 -}}
app.kubernetes.io/name: {{ $.Chart.Name }}
app.kubernetes.io/instance: {{ $.Release.Name | quote }}
app.kubernetes.io/component: {{ index . 1 }}
{{- with $.Values.labels }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "ackrevoke.image" -}}
{{- $i := .Values.image -}}
{{- if $i.digest }}{{ $i.repository }}@{{ $i.digest }}{{ else }}{{ $i.repository }}:{{ $i.tag }}{{ end }}
{{- end }}

{{- define "ackrevoke.policyName" -}}
{{ include "ackrevoke.name" . }}-policy
{{- end }}

{{/* "true" where the policy is many files, of one account each. */}}
{{- define "ackrevoke.many" -}}
{{- if or .Values.accounts .Values.existingAccounts.configMap }}true{{ end }}
{{- end }}

{{/* The claim of reports and journal, or nothing where an emptyDir does. */}}
{{- define "ackrevoke.claim" -}}
{{- if .Values.storage.existingClaim }}{{ .Values.storage.existingClaim }}
{{- else if or .Values.revoke .Values.storage.always }}{{ include "ackrevoke.name" . }}{{ end }}
{{- end }}

{{/* What lies on the claim that is there already: its spec, or nothing. Without a cluster, as in helm template, none is. */}}
{{- define "ackrevoke.claimThere" -}}
{{- with (lookup "v1" "PersistentVolumeClaim" .Release.Namespace (include "ackrevoke.claim" .)) }}{{ toJson .spec }}{{ end }}
{{- end }}

{{/* Who can mount the claim. One that many can write stays so when the shards become one. */}}
{{- define "ackrevoke.accessMode" -}}
{{- $there := include "ackrevoke.claimThere" . | default "{}" | fromJson -}}
{{- if .Values.storage.accessMode }}{{ .Values.storage.accessMode }}
{{- else if or (gt (int .Values.shards) 1) (has "ReadWriteMany" ($there.accessModes | default list)) }}ReadWriteMany
{{- else }}ReadWriteOnce{{ end }}
{{- end }}

{{/*
How much is asked for. A claim that has more, as one that was made larger by hand,
keeps it: Kubernetes makes none smaller.
*/}}
{{- define "ackrevoke.size" -}}
{{- $there := include "ackrevoke.claimThere" . | default "{}" | fromJson -}}
{{- $has := dig "resources" "requests" "storage" "" $there -}}
{{- if gt (include "ackrevoke.mebibytes" $has | int64) (include "ackrevoke.mebibytes" .Values.storage.size | int64) }}{{ $has }}
{{- else }}{{ .Values.storage.size }}{{ end }}
{{- end }}

{{/* A size in MiB; 0 for what is not written in Mi, Gi or Ti. */}}
{{- define "ackrevoke.mebibytes" -}}
{{- mul (regexFind "^[0-9]+" . | int64) (get (dict "Mi" 1 "Gi" 1024 "Ti" 1048576) (regexFind "[MGT]i$" .) | default 0 | int64) }}
{{- end }}

{{/* "true" where a CronJob proves that shards handled every file: they need one place for their summaries. */}}
{{- define "ackrevoke.summed" -}}
{{- if and .Values.summary.enabled (include "ackrevoke.many" .) (gt (int .Values.shards) 1) (include "ackrevoke.claim" .) }}true{{ end }}
{{- end }}

{{/* A duration of the values in seconds. */}}
{{- define "ackrevoke.seconds" -}}
{{- mul (regexFind "^[0-9]+" . | int) (get (dict "s" 1 "m" 60 "h" 3600) (regexFind "[smh]$" .)) }}
{{- end }}

{{/* How many policy files a pod runs at a time: by flag, by variable, or the program's own 16. */}}
{{- define "ackrevoke.atATime" -}}
{{- $n := get .Values.env "ACKREVOKE_ACCOUNTS_CONCURRENCY" | default "16" }}
{{- range .Values.args }}
{{- if hasPrefix "--accounts-concurrency=" . }}{{ $n = trimPrefix "--accounts-concurrency=" . }}{{ end }}
{{- end }}
{{- max 1 (int $n) }}
{{- end }}

{{/*
How long a run may take, in seconds: --timeout, which with many accounts is of one file.
All files of a shard take it as often as they come one after the other, should every
one of them hang. How many are in a ConfigMap of the user's nobody knows here: 6 hours.
*/}}
{{- define "ackrevoke.runSeconds" -}}
{{- $one := include "ackrevoke.seconds" .Values.timeout | int }}
{{- if not (include "ackrevoke.many" .) }}{{ $one }}
{{- else if .Values.roundTimeout }}{{ include "ackrevoke.seconds" .Values.roundTimeout }}
{{- else if .Values.existingAccounts.configMap }}{{ max $one 21600 }}
{{- else }}
{{- $files := divf (len .Values.accounts) .Values.shards | ceil }}
{{- mul $one (divf $files (include "ackrevoke.atATime" .) | ceil) }}
{{- end }}
{{- end }}
