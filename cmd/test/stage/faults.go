package stage

import (
	"strings"
)

// Faulty is the account that the faults happen to: one who left, on two
// clusters, with a grant on a third that no policy of these tests covers.
const Faulty = `
account: "1234567890123456"
caller: {type: Account}
users: [{uid: "200000000000000001", name: alice, created: 2024-01-01T00:00:00Z}]
roles: [{uid: "300000000000000001", name: role, created: 2024-01-01T00:00:00Z}]
clusters:
  - {id: c1, name: one, region: r, created: 2024-01-01T00:00:00Z}
  - {id: c2, name: two, region: r, created: 2024-01-01T00:00:00Z}
  - {id: c3, name: other, region: r, created: 2024-01-01T00:00:00Z}
credentials:
  - {uid: "200000000000000001", cluster: c1, expires: 2028-01-01T00:00:00Z}
  - {uid: "200000000000000001", cluster: c2, expires: 2028-01-01T00:00:00Z}
grants:
  - {uid: "200000000000000001", cluster: c1, role: dev}
  - {uid: "200000000000000001", cluster: c2, role: dev}
  - {uid: "200000000000000001", cluster: c3, role: dev}
`

const Clean1 = "on: CleanClusterUserPermissions, cluster: c1"

// Clear asserts by the truth that a principal holds nothing on a cluster.
func (w *World) Clear(action string) {
	cluster, uid, _ := strings.Cut(action, "/")
	truth := w.Account.Truth()
	for _, c := range truth.Certificates {
		if c.UID == uid && c.Cluster == cluster && c.State == "Unexpired" {
			w.T.Errorf("%s: the certificate is in force", action)
		}
	}
	for _, g := range truth.Grants {
		if g.UID == uid && g.Cluster == cluster && !g.Owner {
			w.T.Errorf("%s: the grant %+v is there", action, g)
		}
	}
}
