{{/* What all pods have in common. */}}

{{/* The spec of a pod before its containers, of (list . serviceAccount). */}}
{{- define "ackrevoke.pod" -}}
{{- $ := index . 0 -}}
restartPolicy: Never # podFailurePolicy needs it, and an exit code is an answer
serviceAccountName: {{ index . 1 }}
automountServiceAccountToken: false # nothing is asked of this cluster's API server
enableServiceLinks: false
terminationGracePeriodSeconds: 30 # after SIGTERM calls in flight get 5 s, then the report is written
securityContext:
  runAsNonRoot: true
  runAsUser: 65532
  runAsGroup: 65532
  fsGroup: 65532 # also lets this user read the token of RRSA
  seccompProfile:
    type: RuntimeDefault
{{- with $.Values.image.pullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . | quote }}
  {{- end }}
{{- end }}
{{- with $.Values.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $.Values.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $.Values.affinity }}
affinity:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{/* Labels and annotations of a pod, of (list . component). */}}
{{- define "ackrevoke.podMeta" -}}
{{- $ := index . 0 -}}
labels:
  {{- include "ackrevoke.podLabels" . | nindent 2 }}
{{- with $.Values.annotations }}
annotations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{/* What a container needs beside its arguments. */}}
{{- define "ackrevoke.container" -}}
terminationMessagePolicy: FallbackToLogsOnError # the closing line is the last of the log
resources:
  {{- toYaml .Values.resources | nindent 2 }}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities:
    drop: [ALL]
{{- end }}

{{/* The environment: where STS is, whose keys, and what the values say. */}}
{{- define "ackrevoke.env" -}}
{{- with .Values.region }}
- name: ALIBABA_CLOUD_STS_REGION
  value: {{ . | quote }}
- name: ALIBABA_CLOUD_VPC_ENDPOINT_ENABLED
  value: {{ $.Values.vpc | quote }}
{{- end }}
{{- with .Values.existingSecret.name }}
{{- range list "ALIBABA_CLOUD_ACCESS_KEY_ID" "ALIBABA_CLOUD_ACCESS_KEY_SECRET" }}
- name: {{ . }}
  valueFrom:
    secretKeyRef: {name: {{ $.Values.existingSecret.name | quote }}, key: {{ . }}}
{{- end }}
- name: ALIBABA_CLOUD_SECURITY_TOKEN
  valueFrom:
    secretKeyRef: {name: {{ . | quote }}, key: ALIBABA_CLOUD_SECURITY_TOKEN, optional: true}
{{- end }}
{{- if .Values.ca.configMap }}
- name: SSL_CERT_FILE
  value: /etc/ackrevoke-ca/ca.crt
{{- end }}
{{- range $name, $value := .Values.env }}
- name: {{ $name }}
  value: {{ $value | quote }}
{{- end }}
{{- end }}

{{/* The flags of every command that asks the account. */}}
{{- define "ackrevoke.flags" -}}
- --timeout={{ .Values.timeout }}
- --log-format=json
{{- if .Values.vpc }}
- --region={{ .Values.region }}
- --vpc
{{- end }}
{{- end }}

{{- define "ackrevoke.policyMount" -}}
- {name: policy, mountPath: {{ if include "ackrevoke.many" . }}/etc/ackrevoke/accounts{{ else }}/etc/ackrevoke{{ end }}, readOnly: true}
{{- if .Values.ca.configMap }}
- {name: ca, mountPath: /etc/ackrevoke-ca, readOnly: true}
{{- end }}
{{- end }}

{{- define "ackrevoke.policyVolume" -}}
- name: policy
  configMap:
    {{- with .Values.existingPolicy.configMap }}
    name: {{ . | quote }}
    items: [{key: {{ $.Values.existingPolicy.key | quote }}, path: policy.yaml}]
    {{- else }}
    name: {{ .Values.existingAccounts.configMap | default (include "ackrevoke.policyName" .) | quote }}
    {{- end }}
{{- with .Values.ca.configMap }}
- name: ca
  configMap:
    name: {{ . | quote }}
    items: [{key: {{ $.Values.ca.key | quote }}, path: ca.crt}]
{{- end }}
{{- end }}

{{- define "ackrevoke.dataVolume" -}}
{{- $claim := include "ackrevoke.claim" . -}}
- name: data
  {{- if $claim }}
  persistentVolumeClaim:
    claimName: {{ $claim | quote }}
  {{- else }}
  emptyDir:
    sizeLimit: 1Gi
  {{- end }}
{{- end }}

{{/* A disruption (drain, preemption, eviction) is retried and counts for nothing; an exit code is an answer. */}}
{{- define "ackrevoke.podFailurePolicy" -}}
rules:
  - action: Ignore
    onPodConditions:
      - type: DisruptionTarget
  - action: {{ . }}
    onExitCodes:
      containerName: ackrevoke
      operator: NotIn
      values: [0]
{{- end }}
