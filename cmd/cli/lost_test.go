package cli_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ackrevoke/ack/sim"
	"ackrevoke/cmd/test/stage"
	"ackrevoke/job/report"
)

// renewed is the account of somebody with two certificates on one cluster: a
// clean ends the newer one only, and the older one comes to the fore.
const renewed = `
account: "1234567890123456"
caller: {type: Account}
users: [{uid: "200000000000000001", name: alice, created: 2024-01-01T00:00:00Z}]
roles: [{uid: "300000000000000001", name: role, created: 2024-01-01T00:00:00Z}]
clusters:
  - {id: c1, name: one, region: r, created: 2024-01-01T00:00:00Z}
credentials:
  - {uid: "200000000000000001", cluster: c1, expires: 2030-01-01T00:00:00Z, previous: 2029-01-01T00:00:00Z}
grants:
  - {uid: "200000000000000001", cluster: c1, role: dev}
`

// A repetition of a pinned write looks at the pin: once no surface shows it in
// force, nothing is sent again, for that would end the certificate which came to
// the fore and which nobody named.
func TestRepetitionLooksAtThePin(t *testing.T) {
	stage.Keys(t, stage.Account)
	pin := `{uid: "200000000000000001", reason: compromised, certificates: [{cluster: c1, expires: 2030-01-01T00:00:00Z}]}`
	blind := [2]string{"caller: {type: Account}\nusers: [", `caller: {type: RAMUser, uid: "290000000000000001"}` +
		"\nusers: [{uid: \"290000000000000001\", name: runner, created: 2024-01-01T00:00:00Z}, "}
	older := []string{"2029-01-01"}
	for _, c := range []struct {
		name   string
		entry  string
		edit   [2]string // of the account
		also   string    // beside cleanRenewed: newest
		faults string
		writes int
		ends   int
		status report.Status
		left   []string // certificates in force
	}{
		{name: "it took effect", entry: pin, faults: "{" + stage.Clean1 + ", do: resetAfter}", writes: 1, status: report.WasRevoked, left: older},
		{name: "it took effect, and no answer says so", entry: pin, faults: "{" + stage.Clean1 + ", do: truncated}", writes: 1,
			status: report.WasRevoked, left: older},
		{name: "it never arrived", entry: pin, faults: "{" + stage.Clean1 + ", do: resetBefore}", writes: 2,
			status: report.WasRevoked, left: older},
		{name: "it never arrived, and the next answer is lost", entry: pin,
			faults: "{" + stage.Clean1 + ", do: resetBefore}, {" + stage.Clean1 + ", do: resetAfter}", writes: 2,
			status: report.WasRevoked, left: older},
		{name: "reads lag", entry: pin, also: ", lag: 8s", faults: "{" + stage.Clean1 + ", do: resetAfter}", writes: 1,
			status: report.WasRevoked, left: older},
		{name: "it takes effect late", entry: pin, also: ", cleanEffect: 8s", faults: "{" + stage.Clean1 + ", do: resetAfter}",
			writes: 1, status: report.WasRevoked, left: older},
		{name: "nobody can look", entry: pin,
			faults: "{" + stage.Clean1 + ", do: resetAfter}, {on: ListUserKubeConfigStates, from: 2, times: 0, do: denied}",
			writes: 1, ends: 5, status: report.WasUnverified, left: older},
		{name: "the grants cannot be seen", entry: pin, edit: blind, faults: "{" + stage.Clean1 + ", do: resetAfter}", writes: 1,
			ends: 5, status: report.WasUnverified, left: older},
		{name: "who left has two to lose", entry: departedAlice, faults: "{" + stage.Clean1 + ", do: resetAfter}", writes: 2,
			status: report.WasRevoked},
	} {
		t.Run(c.name, func(t *testing.T) {
			listed := stage.PolicyFile(t, []string{c.entry})
			script := stage.Must(sim.LoadFaults("faults.yaml", fmt.Appendf(nil, "faults: [%s]", c.faults)))
			estate := strings.Replace(renewed, c.edit[0], c.edit[1], 1) + "behaviour: {cleanRenewed: newest" + c.also + "}\n"
			stage.BubbleWith(t, []byte(estate), script, stage.Noon, func(w *stage.World) {
				got := w.Run(context.Background(), "-p", listed, "--dry-run=false")
				if got.Code != c.ends || len(got.Writes()) != c.writes || got.Report.Outcomes[0].Status != c.status {
					t.Errorf("exit %d, %s after %d writes; want %d, %s after %d\n%s", got.Code,
						got.Report.Outcomes[0].Status, len(got.Writes()), c.ends, c.status, c.writes, got.Stderr)
				}
				var left []string
				for _, x := range w.Account.Truth().Certificates {
					if x.State == "Unexpired" {
						left = append(left, x.Expires.Format(time.DateOnly))
					}
				}
				if diff := cmp.Diff(c.left, left); diff != "" {
					t.Errorf("certificates in force (-want +got):\n%s", diff)
				}
			})
		})
	}
}
