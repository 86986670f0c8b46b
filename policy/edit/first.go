package edit

import (
	"fmt"
	"time"
)

// SchemaFile is where an editor looks for the schema of a policy, seen from it.
const SchemaFile = "./policy.schema.json"

// SchemaLine is the first line of a policy, for editors with a YAML language server:
// it completes the keys, says what each means, and underlines what is wrong.
const SchemaLine = "# yaml-language-server: $schema=" + SchemaFile

// First is a first policy for an account: it lists nobody, and has an example of
// each section in it, commented out. A line with a "#" and no space behind it is
// such an example: without the "#" of its lines it is a part of the policy. Dates
// lie ahead of now.
func First(account string, now time.Time) []byte {
	day := func(months int) string { return now.UTC().AddDate(0, months, 0).Format(time.DateOnly) }
	return fmt.Appendf(nil, first, SchemaLine, account, day(3), day(6), day(12))
}

const first = `%[1]s
# An editor with a YAML language server completes and checks this file, once
# the schema lies beside it: ackrevoke schema policy > policy.schema.json
#
# The policy of account %[2]s: who must hold no KubeConfig credential on its ACK
# clusters. Each run looks again, and what comes back is found again. Nothing is
# revoked without --dry-run=false.
#
# Lines such as "#timeZone: ..." are examples: take the # away to use them.
version: 1
account: "%[2]s" # a run under any other account is refused

# A role of this account that is assumed before anything is looked at, and the
# external id that its trust policy asks for.
#assumeRole: acs:ram::%[2]s:role/ackrevoke
#externalId: audit-2026

# Where a date without a time is a day. Without it: UTC.
#timeZone: Asia/Shanghai

# Which clusters this is about. Without it: every cluster of the account.
# include and exclude take cluster ids, or globs over names.
#scope:
#  regions: [cn-hangzhou]
#  include: ["prod-*"]
#  exclude: ["sandbox-*"]
#  minClusters: 3 # fewer clusters than that are no account but a listing that is short

# What stops a run that would take away too much. The caps are the defaults: they
# are judged before the first write, and a group over its cap is refused whole.
#guards:
#  maxPrincipals: 10 # departed principals with something to revoke
#  maxRevocations: 200 # actions of each group
#  maxCompromised: 5 # compromised principals with something to revoke
#  protect: # never touched, whoever lists them
#    - {name: "breakglass-*"}
#    - {uid: "200000000000000014"}
#  raise: {maxPrincipals: 60, until: %[3]s} # a reviewed exception, with an end

# Leftovers that are known and must not keep a run red, each with an end and a
# reason. They are listed and counted all the same.
#accepted:
#  - {uid: "200000000000000003", what: owner, until: %[4]s, why: created the cluster}
#  - {cluster: c0a1000000000000000000000000000007, what: unread, until: %[4]s, why: offline until the move}

# Whom the list is about. The uid is the identity: a string of digits in quotation
# marks. name and createdAt are checks on it, so that a mistyped uid hits nobody.
# departed: holds nothing in scope, now and later. compromised: with until locked
# out until that day, with certificates exactly these must go.
# To look somebody up and add the entry: ackrevoke add NAME --reason departed --write
#
# By hand: the first entry takes the place of the brackets, which go.
principals: []
#  - uid: "200000000000000001"
#    name: alice
#    createdAt: 2024-05-06T07:08:09Z
#    reason: departed
#    effective: %[3]s # pending before that day
#    ticket: HR-4711
#  - uid: "200000000000000002" # a kubeconfig leaked, and its owner works on
#    name: bob
#    reason: compromised
#    certificates: [{cluster: c0a1000000000000000000000000000002, expires: 2034-09-10T11:12:13Z}]
#  - uid: "300000000000000003" # a role: its credential is everybody's who can assume it
#    kind: role
#    name: pipeline
#    reason: compromised
#    until: %[5]s
`
