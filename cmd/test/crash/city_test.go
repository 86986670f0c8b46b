package crash

import (
	"ackrevoke/cmd/test/stage"
)

// The account that processes die over: one whose kubeconfig leaked and who
// stays, one who left with everything there is to hold, one who is already
// deleted, and two whom nobody listed.
var crashCity = stage.City{Caller: `{type: RAMUser, uid: "290000000000000001"}`,
	Users: []string{
		`{uid: "200000000000000001", name: bob, created: 2024-01-01T00:00:00Z}`,
		`{uid: "200000000000000002", name: alice, created: 2024-01-01T00:00:00Z}`,
		`{uid: "200000000000000003", name: carol, created: 2024-01-01T00:00:00Z}`,
		`{uid: "290000000000000001", name: runner, created: 2024-01-01T00:00:00Z}`},
	Roles:   []string{`{uid: "300000000000000001", name: deployer, created: 2024-01-01T00:00:00Z}`},
	Deleted: []string{`{uid: "200000000000000009", name: gone, kind: user}`},
	Clusters: []string{
		`{id: c1, name: one, region: cn-hangzhou, created: 2024-01-01T00:00:00Z}`,
		`{id: c2, name: two, region: cn-hangzhou, created: 2024-01-01T00:00:00Z}`,
		`{id: c3, name: three, region: eu-central-1, created: 2024-01-01T00:00:00Z}`},
	Creds: []string{
		`{uid: "200000000000000001", cluster: c1, expires: 2048-09-10T11:12:13Z}`,
		`{uid: "200000000000000001", cluster: c2, expires: 2048-01-01T00:00:00Z}`,
		`{uid: "200000000000000002", cluster: c1, expires: 2048-02-02T00:00:00Z}`,
		`{uid: "200000000000000002", cluster: c2, expires: 2048-03-03T00:00:00Z}`,
		`{uid: "200000000000000003", cluster: c1, expires: 2048-01-01T00:00:00Z}`,
		`{uid: "200000000000000009", cluster: c2, expires: 2048-04-04T00:00:00Z}`,
		`{uid: "300000000000000001", cluster: c3, expires: 2048-01-01T00:00:00Z}`},
	Grants: []string{
		`{uid: "290000000000000001", allClusters: true, role: admin}`,
		`{uid: "200000000000000001", cluster: c1, role: dev}`,
		`{uid: "200000000000000001", cluster: c2, role: dev}`,
		`{uid: "200000000000000002", allClusters: true, role: restricted}`,
		`{uid: "200000000000000002", cluster: c1, role: admin}`,
		`{uid: "200000000000000002", cluster: c2, namespace: payments, role: dev}`,
		`{uid: "200000000000000002", cluster: c3, role: log-reader, custom: true}`,
		`{uid: "200000000000000003", cluster: c1, role: admin}`,
		`{uid: "200000000000000009", cluster: c2, namespace: default, role: dev}`,
		`{uid: "300000000000000001", cluster: c3, role: ops}`}}

var crashPolicy = []string{
	`{uid: "200000000000000001", name: bob, reason: compromised, certificates: [{cluster: c1, expires: 2048-09-10T11:12:13Z}]}`,
	`{uid: "200000000000000002", name: alice, reason: departed}`,
	`{uid: "200000000000000009", reason: departed}`}

// crashWrites is what a run does that nobody kills: bob's pin; alice's
// all-clusters grant and her three clusters; the deleted one's.
const crashWrites = 6
