{{/* Labels and annotations of an alert, of (list severity summary description). */}}
{{- define "ackrevoke.alert" -}}
labels:
  severity: {{ index . 0 }}
annotations:
  summary: {{ index . 1 | quote }}
  description: {{ index . 2 | quote }}
  runbook: docs/operate.md#alerts
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
