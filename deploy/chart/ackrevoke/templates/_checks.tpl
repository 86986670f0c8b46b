{{/* What an install is refused for, each with what to do about it. */}}

{{- define "ackrevoke.checkPolicy" -}}
{{- $v := .Values }}
{{- $given := list }}
{{- if $v.policy }}{{ $given = append $given "policy" }}{{ end }}
{{- if $v.existingPolicy.configMap }}{{ $given = append $given "existingPolicy.configMap" }}{{ end }}
{{- if $v.accounts }}{{ $given = append $given "accounts" }}{{ end }}
{{- if $v.existingAccounts.configMap }}{{ $given = append $given "existingAccounts.configMap" }}{{ end }}
{{- if not $given }}
{{- fail (print "\n\nThere is no policy, so nobody would be looked for. Give the file with the list:\n  --set-file policy=policy.yaml\n" 
  "or name a ConfigMap of yours: --set existingPolicy.configMap=NAME\n"
  "On an upgrade --reset-then-reuse-values keeps the one that is installed.\n") }}
{{- end }}
{{- if gt (len $given) 1 }}
{{- fail (printf "\n\nSeveral policies: %s. Give one of them.\n" (join ", " $given)) }}
{{- end }}
{{- if $v.policy }}{{ include "ackrevoke.checkText" (dict "name" "policy" "flag" "policy" "text" $v.policy) }}{{ end }}
{{- range $name, $text := $v.accounts }}
{{- include "ackrevoke.checkText" (dict "name" $name "flag" (printf "'accounts.%s'" (replace "." "\\." $name)) "text" $text) }}
{{- end }}
{{- $own := include "ackrevoke.policyName" . }}
{{- if or (eq $own $v.existingPolicy.configMap) (eq $own $v.existingAccounts.configMap) }}
{{- fail (printf "\n\nThe ConfigMap %s is the release's own: helm would delete it. Give yours another name.\n" $own) }}
{{- end }}
{{- if and (gt (int $v.shards) 1) (not (include "ackrevoke.many" .)) }}
{{- fail "\n\nshards share out the files of accounts, and there is one policy: leave shards at 1.\n" }}
{{- end }}
{{- if and (include "ackrevoke.many" .) (semverCompare "<1.29.0-0" .Capabilities.KubeVersion.Version) }}
{{- fail (printf "\n\nMany accounts need Kubernetes 1.29 (backoffLimitPerIndex), and this is %s: install one release for each.\n"
  .Capabilities.KubeVersion.Version) }}
{{- end }}
{{- end }}

{{/* A list that is no list, or names nobody, would be green and mean nothing. */}}
{{- define "ackrevoke.checkText" -}}
{{- $p := fromYaml .text }}
{{- if hasKey $p "Error" }}
{{- if not (contains "\n" (trim .text)) }}
{{- fail (printf "\n\n%s is the text %q. To hand over what is in a file: --set-file %s=%s\n" .name .text .flag (trim .text)) }}
{{- end }}
{{- fail (printf "\n\n%s is no policy: %s. Check the file with: ackrevoke validate\n" .name $p.Error) }}
{{- end }}
{{- if not (hasKey $p "principals") }}
{{- $kind := get $p "kind" | default "file" }}
{{- fail (printf "\n\n%s has no key principals: it is no policy but a %s. Give the file with the list:\n  --set-file %s=policy.yaml\n" .name $kind .flag) }}
{{- end }}
{{- $guards := get $p "guards" | default dict }}
{{- if and (not $p.principals) (not (and (kindIs "map" $guards) (eq (toString $guards.allowEmpty) "true"))) }}
{{- fail (printf "\n\n%s lists nobody: every run would be green, whoever holds what. If that is meant, let it say so itself:\n  guards: {allowEmpty: true}\n" .name) }}
{{- end }}
{{- end }}

{{- define "ackrevoke.checkAccess" -}}
{{- $v := .Values }}
{{- if not $v.image.repository }}
{{- fail (print "\n\nimage.repository is not set, and no image is published. Build one with make image, push it to a registry of yours,\n"
  "and name it: --set image.repository=registry.example.com/ackrevoke\n") }}
{{- end }}
{{- if not (or $v.image.tag $v.image.digest) }}
{{- fail (print "\n\nWhich image? make image prints the tag and the digest of the one that it builds. Name one of the two:\n"
  "  --set image.tag=TAG or --set image.digest=sha256:...\n") }}
{{- end }}
{{- if and $v.rrsa.roleName $v.existingSecret.name }}
{{- fail "\n\nrrsa.roleName and existingSecret.name are both set, and an access key beats RRSA. Set one of them.\n" }}
{{- end }}
{{- $own := false }}
{{- range $name, $_ := $v.env }}{{ if hasPrefix "ALIBABA_CLOUD_" $name }}{{ $own = true }}{{ end }}{{ end }}
{{- if not (or $v.rrsa.roleName $v.existingSecret.name $own) }}
{{- fail (print "\n\nNobody is named who asks the account: --set rrsa.roleName=ROLE (RRSA),\n"
  "or --set existingSecret.name=NAME (with ALIBABA_CLOUD_ACCESS_KEY_ID and ALIBABA_CLOUD_ACCESS_KEY_SECRET)\n") }}
{{- end }}
{{- if and $v.audit.roleName $v.existingSecret.name }}
{{- fail (print "\n\naudit.roleName is for RRSA, and existingSecret.name is set: the audit would use those keys.\n"
  "Set rrsa.roleName in its place, or leave audit.roleName out.\n") }}
{{- end }}
{{- if and $v.vpc (not $v.region) }}
{{- fail "\n\nvpc needs the region of this cluster: --set region=cn-hangzhou\n" }}
{{- end }}
{{- end }}

{{/* Selectors go by the labels of the chart, and of two with one name either may win. */}}
{{- define "ackrevoke.checkLabels" -}}
{{- range $name, $_ := merge (dict) .Values.labels .Values.prometheusRule.labels }}
{{- if regexMatch "^(app\\.kubernetes\\.io/(name|instance|component|version|managed-by)|helm\\.sh/chart)$" $name }}
{{- fail (printf "\n\nlabels has %s, which the chart sets itself. Give yours another name.\n" $name) }}
{{- end }}
{{- end }}
{{- end }}

{{- define "ackrevoke.checkTimes" -}}
{{- $v := .Values }}
{{- if $v.roundTimeout }}
{{- if not (include "ackrevoke.many" .) }}
{{- fail "\n\nroundTimeout is of a round over the files of accounts, and there is one policy: set timeout.\n" }}
{{- end }}
{{- if lt (include "ackrevoke.seconds" $v.roundTimeout | int) (include "ackrevoke.seconds" $v.timeout | int) }}
{{- fail (printf "\n\nroundTimeout is %s, and a single file of the round may take %s (timeout): give it more.\n" $v.roundTimeout $v.timeout) }}
{{- end }}
{{- end }}
{{- end }}

{{/* Kubernetes changes neither the mode nor the class of a claim, and says so in words that help nobody. */}}
{{- define "ackrevoke.checkClaim" -}}
{{- $s := .Values.storage }}
{{- $claim := include "ackrevoke.claim" . }}
{{- if and $claim (not $s.existingClaim) }}
{{- $there := include "ackrevoke.claimThere" . | default "{}" | fromJson }}
{{- $is := $there.accessModes | default list | join "," }}
{{- $want := include "ackrevoke.accessMode" . }}
{{- $other := print "or make one that fits, copy all of the old one onto it while suspend is true, and name it:\n"
  "  --set storage.existingClaim=NAME\nThe old one stays until you delete it: it holds the journal, which is the way back.\n" }}
{{- if and $is (ne $is $want) }}
{{- fail (printf (print "\n\nThe claim %s is there with the access mode %s, and %s is asked for, which Kubernetes changes on no claim.\n"
  "Keep it: --set storage.accessMode=%s, where the pods of all shards run on one node, or --set shards=1;\n%s")
  $claim $is $want $is $other) }}
{{- end }}
{{- if and $s.className $there.storageClassName (ne $s.className $there.storageClassName) }}
{{- fail (printf (print "\n\nThe claim %s is there with the class %s, and %s is asked for, which Kubernetes changes on no claim.\n"
  "Keep it: --set storage.className=%s;\n%s") $claim $there.storageClassName $s.className $there.storageClassName $other) }}
{{- end }}
{{- end }}
{{- end }}

{{- define "ackrevoke.checkJobs" -}}
{{- $v := .Values }}
{{- $claim := include "ackrevoke.claim" . }}
{{- if $v.read.enabled }}
{{- if not $v.read.image }}
{{- fail (print "\n\nread.image is not set. Name a small image with cat, ls and tar:\n"
  "  --set read.image=registry.example.com/busybox:1.36\n") }}
{{- end }}
{{- if not $claim }}
{{- fail "\n\nThere is no claim to read: the reports of a dry run go with their pod. --set storage.always=true keeps those to come.\n" }}
{{- end }}
{{- end }}
{{- with $v.restore }}
{{- if .enabled }}
{{- if not $claim }}
{{- fail (print "\n\nThere is no claim to restore from: only a release with revoke takes something away.\n"
  "Name the claim that it left: --set storage.existingClaim=NAME\n") }}
{{- end }}
{{- if not (and .uid .cluster) }}
{{- fail (print "\n\nrestore gives back to one principal on one cluster, as they stand in the action of the report:\n"
  "  --set-string restore.uid=UID --set restore.cluster=ID\n") }}
{{- end }}
{{- $alive := lookup "v1" "ServiceAccount" $.Release.Namespace "default" }}
{{- if and .apply (not .inRelease) (or $.Release.IsUpgrade $alive) }}
{{- fail (print "\n\nrestore.apply in a release gives back once more with each upgrade, also what a run took away in between.\n"
  "Leave restore out of the release, and make that Job by itself:\n"
  "  helm template ... --show-only templates/restore-job.yaml | kubectl create -f -\n"
  "If it is meant all the same: --set restore.inRelease=true\n") }}
{{- end }}
{{- if and (include "ackrevoke.many" $) (not .policy) }}
{{- fail "\n\nWhich of the accounts? Name its policy file: --set restore.policy=FILE.yaml\n" }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}
