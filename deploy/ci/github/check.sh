#!/usr/bin/env bash
# The steps of action.yml, which sets the variables. What others control (names of
# files and branches) is only ever an argument in quotation marks.
set -uo pipefail

# The program: a path, or built of the revision that this script is of.
ackrevoke=$BINARY
if [ -z "$ackrevoke" ]; then
	ackrevoke=$RUNNER_TEMP/ackrevoke
	(cd "$GITHUB_ACTION_PATH/../../.." && CGO_ENABLED=0 go build -trimpath -o "$ackrevoke" ./cmd/ackrevoke) || {
		echo '::error::ackrevoke could not be built: set up Go before this action, or name a program with its input binary'
		exit 1
	}
fi

policies=()
while IFS= read -r file; do
	[ -z "$file" ] || policies+=("$file")
done <<<"$POLICIES"
here=()
for file in "${policies[@]}"; do
	[ ! -e "$file" ] || here+=("$file")
done
strict=()
[ "$STRICT" != true ] || strict=(--strict)

# Every finding at its line, and all of them for code scanning.
failed=0
sarif=$RUNNER_TEMP/ackrevoke.sarif
if [ ${#here[@]} -gt 0 ]; then
	"$ackrevoke" validate --format github "${strict[@]}" -- "${here[@]}" || failed=1
	"$ackrevoke" validate --format sarif "${strict[@]}" -- "${here[@]}" >"$sarif" 2>/dev/null
	echo "sarif=$sarif" >>"$GITHUB_OUTPUT"
fi

# What changed, against the branch that the pull request goes into.
if [ -z "$BASE" ]; then
	exit $failed
fi
git fetch --quiet --no-tags --depth=1 origin "+refs/heads/$BASE:refs/remotes/origin/$BASE" || {
	echo '::error::the base branch could not be fetched, so the policies were not compared'
	exit 1
}

# comment FILE KEY: one comment for each policy, found again by its first line.
comment() {
	local mark="<!-- ackrevoke:$2 -->" id
	{ echo "$mark" && cat "$1"; } >"$1.body"
	id=$(gh api --paginate "repos/$GITHUB_REPOSITORY/issues/$PULL_REQUEST/comments" \
		--jq ".[] | select(.user.type == \"Bot\" and (.body | startswith(\"$mark\"))) | .id" | head -n 1)
	if [ -n "$id" ]; then
		gh api --silent -X PATCH "repos/$GITHUB_REPOSITORY/issues/comments/$id" -F "body=@$1.body"
	else
		gh api --silent -X POST "repos/$GITHUB_REPOSITORY/issues/$PULL_REQUEST/comments" -F "body=@$1.body"
	fi
}

changed=false
for file in "${policies[@]}"; do
	key=$(printf '%s' "$file" | sha256sum | cut -c 1-16) # a name is nothing to put into a comment as it is
	diff=$RUNNER_TEMP/ackrevoke-$key.md
	new=$file
	if [ ! -e "$file" ]; then
		new="git:HEAD:$file" # the pull request took it away
		git cat-file -e "origin/$BASE:$file" 2>/dev/null || {
			echo '::error::a file of the input policy is neither here nor on the base branch: correct its name'
			failed=1
		}
	fi
	"$ackrevoke" diff --exit-code --format markdown -- "git:origin/$BASE:$file" "$new" >"$diff"
	case $? in
	0) ;;
	3) changed=true ;;
	*) echo 'The policy could not be compared with the base branch: the log of the job says why.' >"$diff" ;;
	esac
	cat "$diff" >>"$GITHUB_STEP_SUMMARY"
	echo >>"$GITHUB_STEP_SUMMARY"
	if [ "$COMMENT" = true ] && [ -n "$PULL_REQUEST" ]; then
		comment "$diff" "$key" || echo '::warning::the comment could not be written (a pull request of a fork has no right to): see the summary'
	fi
done
echo "changed=$changed" >>"$GITHUB_OUTPUT"
exit $failed
