{{/* What things are called. A name has at most 40 characters: a CronJob may have 52, and "-audit" follows. */}}
{{- define "ackrevoke.name" -}}
{{- $n := .Release.Name }}
{{- if not (contains .Chart.Name $n) }}{{ $n = printf "%s-%s" $n .Chart.Name }}{{ end }}
{{- $n | trunc 40 | trimSuffix "-" }}
{{- end }}

{{/* The labels of an object, of (list . component). */}}
{{- define "ackrevoke.labels" -}}
{{- $ := index . 0 -}}
app.kubernetes.io/name: {{ $.Chart.Name }}
app.kubernetes.io/instance: {{ $.Release.Name | quote }}
app.kubernetes.io/component: {{ index . 1 }}
app.kubernetes.io/version: {{ $.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ $.Release.Service }}
helm.sh/chart: {{ $.Chart.Name }}-{{ $.Chart.Version | replace "+" "_" }}
{{- with $.Values.labels }}
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
{{- if $i.digest }}{{ $i.repository }}@{{ $i.digest }}{{ else }}{{ $i.repository }}:{{ $i.tag | default .Chart.AppVersion }}{{ end }}
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

{{/* --timeout in seconds. */}}
{{- define "ackrevoke.seconds" -}}
{{- $t := .Values.timeout -}}
{{- mul (regexFind "^[0-9]+" $t | int) (get (dict "s" 1 "m" 60 "h" 3600) (regexFind "[smh]$" $t)) }}
{{- end }}
