{{/* What a run leaves for a monitor. */}}

{{/* "true" where runs push. */}}
{{- define "ackrevoke.pushes" -}}
{{- if or .Values.metrics.push .Values.metrics.pushSecret.name }}true{{ end }}
{{- end }}

{{/* Runs whose account nobody knows are told apart by the release: the name of a pod is another one each time. */}}
{{- define "ackrevoke.pushFlags" -}}
{{- with .Values.metrics.push }}
- --push={{ . }}
{{- end }}
{{- if include "ackrevoke.pushes" . }}
- --push-source={{ printf "%s.%s" .Release.Namespace (include "ackrevoke.name" .) }}
{{- end }}
{{- end }}

{{- define "ackrevoke.pushEnv" -}}
{{- with .Values.metrics.pushSecret }}
{{- if .name }}
- name: ACKREVOKE_PUSH # holds a password, and is on no command line
  valueFrom:
    secretKeyRef: {name: {{ .name | quote }}, key: {{ .key | quote }}}
{{- end }}
{{- end }}
{{- end }}

{{/* The accounts that the values state, in order. What is in a ConfigMap of the user's nobody knows here. */}}
{{- define "ackrevoke.accountIDs" -}}
{{- $ids := list }}
{{- range append (values .Values.accounts) .Values.policy }}
{{- $id := get (fromYaml .) "account" }}
{{- if and (kindIs "string" $id) (regexMatch "^[0-9]{1,32}$" (toString $id)) }}
{{- $ids = append $ids $id }}
{{- end }}
{{- end }}
{{- $ids | uniq | sortAlpha | join " " }}
{{- end }}

{{- define "ackrevoke.checkMetrics" -}}
{{- $m := .Values.metrics }}
{{- if and $m.push $m.pushSecret.name }}
{{- fail "\n\nmetrics.push and metrics.pushSecret.name are both set. Set one of them.\n" }}
{{- end }}
{{- if contains "@" $m.push }}{{/* also behind a slash, which a password can have */}}
{{- fail (print "\n\nmetrics.push says who pushes, and everybody who may look at the CronJob would read it.\n"
  "Put the whole URL into a Secret, without a line end:\n"
  "  kubectl create secret generic NAME --from-file=url=FILE, and --set metrics.pushSecret.name=NAME\n") }}
{{- end }}
{{- if and $m.pushSecret.name .Values.networkPolicy.enabled (not .Values.networkPolicy.pushPort) }}
{{- fail (print "\n\nThe port of the Pushgateway is in a Secret, and the NetworkPolicy has to name it:\n"
  "  --set networkPolicy.pushPort=9091\n") }}
{{- end }}
{{- end }}
