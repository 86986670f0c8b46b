{{/*
Flags by hand, of the values args, audit.args and restore.args. What a release is about
its values say: a flag that they set, or that is about one run and its plan, would make
of every night another run than the one that the values show, or none (--help, exit 0).
So only flags that tune a run are taken, and what is not known here is none of them.
deploy/tools/args_test.go holds the lists to the flags that the program has.
*/}}

{{/* The lists, by value, in YAML. --forget says once that the file of an account is gone on purpose. */}}
{{- define "ackrevoke.tuning" -}}
{{- $all := "call-timeout concurrency cs-endpoint log-format log-level max-share ram-endpoint read-qps region sts-endpoint" -}}
args: {{ $all }} accounts-concurrency {{ if include "ackrevoke.many" . }}forget {{ end }}max-principals max-revocations no-bulk verify-timeout write-qps
audit.args: {{ $all }} grants residual
restore.args: {{ $all }} older prove-with run server verify-timeout write-qps
{{- end }}

{{/* Which value decides what a flag would. */}}
{{- define "ackrevoke.decided" -}}
{check: revoke, cluster: restore.cluster, dry-run: revoke, fail-on: audit.failOn, format: audit, journal: storage,
  metrics-file: metrics.push, metrics-listen: metrics.push, output: storage, policy: policy, policy-dir: accounts, push: metrics.push,
  push-source: metrics.push, report: storage, schedule: schedule, shard: shards, timeout: timeout, uid: restore.uid, vpc: vpc}
{{- end }}

{{/* And which flags are about one run. */}}
{{- define "ackrevoke.once" -}}
allow-revocations emit-policy expect-plan help only simulate
{{- end }}

{{- define "ackrevoke.checkArgs" -}}
{{- $tuning := include "ackrevoke.tuning" . | fromYaml }}
{{- $lists := dict "args" .Values.args "audit.args" .Values.audit.args "restore.args" .Values.restore.args }}
{{- range $list, $args := $lists }}
{{- $may := splitList " " (get $tuning $list) }}
{{- range $args }}
{{- $flag := regexFind "^[-a-z]+" (trimPrefix "--" .) }}
{{- if hasPrefix "-" $flag }}{{/* -pFILE is -p FILE; -o is --report, and of audit --output */}}
{{- $flag = get (dict "p" "policy" "o" "report" "h" "help") (substr 1 2 $flag) | default $flag }}
{{- end }}
{{- if not (has $flag $may) }}
{{- include "ackrevoke.refuseFlag" (list $list . $flag (get $tuning $list)) }}
{{- end }}
{{- if and (eq $flag "region") $.Values.vpc }}
{{- include "ackrevoke.refuseFlag" (list $list . "vpc" "") }}
{{- end }}
{{- end }}
{{- end }}
{{- $taken := without (splitList " " (get $tuning "args")) "forget" }}{{/* which no variable gives */}}
{{- range $name, $_ := .Values.env }}
{{- $flag := trimPrefix "ackrevoke-" (lower $name | replace "_" "-") }}
{{- if and (hasPrefix "ACKREVOKE_" $name) (not (has $flag $taken)) }}
{{- include "ackrevoke.refuseFlag" (list "env" $name $flag (join " " $taken)) }}
{{- end }}
{{- end }}
{{- end }}

{{/* The words, of (list value given flag taken). */}}
{{- define "ackrevoke.refuseFlag" -}}
{{- $list := index . 0 }}
{{- $given := index . 1 }}
{{- $flag := index . 2 }}
{{- $decided := include "ackrevoke.decided" . | fromYaml }}
{{- if hasKey $decided $flag }}
{{- fail (printf "\n\n%s has %s, which the value %s decides.\n" $list $given (get $decided $flag)) }}
{{- end }}
{{- if has $flag (splitList " " (include "ackrevoke.once" . | trim)) }}
{{- fail (printf (print "\n\n%s has %s, which is about one run, and a release makes one after another.\n"
  "Take it out; a run of its own is typed by hand: docs/operate.md.\n") $list $given) }}
{{- end }}
{{- fail (printf "\n\n%s has %s, and of the flags it takes only these:\n  --%s\n" $list $given (index . 3 | replace " " " --")) }}
{{- end }}
