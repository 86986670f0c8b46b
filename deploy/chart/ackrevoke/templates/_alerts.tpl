{{/* Labels and annotations of an alert, of (list severity summary description). */}}
{{- define "ackrevoke.alert" -}}
labels:
  severity: {{ index . 0 }}
annotations:
  summary: {{ index . 1 | quote }}
  description: {{ index . 2 | quote }}
  runbook: docs/operate.md#alerts
{{- end }}

{{/* Whom an alert is about that not only accounts have, in the language of Prometheus. */}}
{{- define "ackrevoke.whose" -}}
{{ "{{ with $labels.account }}account {{ . }}{{ else }}{{ with $labels.source }}source {{ . }}{{ else }}" -}}
{{ "{{ with $labels.job_name }}Job {{ . }}{{ else }}{{ with $labels.cronjob }}CronJob {{ . }}{{ else }}" -}}
{{ "no run is heard of{{ end }}{{ end }}{{ end }}{{ end }}" -}}
{{- end }}

{{/*
A failed Job of a CronJob, of (list . cronjob since): one that was made after the last
Job that ended well, and after what `since` says. Jobs that were made by hand have other names.
*/}}
{{- define "ackrevoke.failedJob" -}}
{{- $jobs := printf "namespace=%q, job_name=~%q" (index . 0).Release.Namespace (printf "%s-[0-9]+" (index . 1)) -}}
or (kube_job_created{ {{- $jobs -}} } and on (namespace, job_name) kube_job_failed{condition="true"} == 1)
  > on () group_left () max((kube_job_created{ {{- $jobs -}} } and on (namespace, job_name) kube_job_complete{condition="true"} == 1)
    or {{ index . 2 }})
{{- end }}

{{/*
Since when a failed Job of runs is one that said nothing. That of one account has spoken
once that account was pushed after it. Where several share a Job, or the account stands in
a ConfigMap of the user's, what somebody pushed says nothing of it.
*/}}
{{- define "ackrevoke.heard" -}}
{{- $id := include "ackrevoke.accountIDs" . }}
{{- if and (include "ackrevoke.pushes" .) .Values.policy $id -}}
ackrevoke_last_attempt_timestamp_seconds{account="{{ $id }}"} or {{ end }}vector(0)
{{- end }}

{{/* A CronJob whose Jobs have not ended well for too long, or never since it was made. */}}
{{- define "ackrevoke.noGoodJob" -}}
{{- $which := printf "namespace=%q, cronjob=%q" .Release.Namespace (include "ackrevoke.name" .) -}}
{{- $hours := .Values.prometheusRule.noSuccessHours -}}
time() - kube_cronjob_status_last_successful_time{ {{- $which -}} } > {{ $hours }} * 3600
  or (time() - kube_cronjob_created{ {{- $which -}} } > {{ $hours }} * 3600
    unless on (namespace, cronjob) kube_cronjob_status_last_successful_time)
{{- end }}

{{/* No success for too long. What is heard of other accounts is no sign of life of these. */}}
{{- define "ackrevoke.noSuccess" -}}
{{- $ids := include "ackrevoke.accountIDs" . -}}
{{- if not (include "ackrevoke.pushes" .) -}}
{{ include "ackrevoke.noGoodJob" . }}
  or absent(kube_cronjob_created{namespace={{ .Release.Namespace | quote }}, cronjob={{ include "ackrevoke.name" . | quote }}})
{{- else -}}
time() - ackrevoke_last_success_timestamp_seconds > {{ .Values.prometheusRule.noSuccessHours }} * 3600
  or (ackrevoke_last_attempt_timestamp_seconds unless on (account) ackrevoke_last_success_timestamp_seconds)
{{- range splitList " " $ids }}
  or absent(ackrevoke_last_attempt_timestamp_seconds{{ with . }}{account={{ . | quote }}}{{ end }})
{{- end }}
{{- if not $ids }}
  or {{ include "ackrevoke.noGoodJob" . }}
{{- end }}
{{- end }}
{{- end }}
