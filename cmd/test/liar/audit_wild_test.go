package liar

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"ackrevoke/ack/sim"
	"ackrevoke/cmd/test/stage"
	"ackrevoke/job/end"
	"ackrevoke/policy"
	"ackrevoke/policy/audit"
)

// auditWild audits a world that was drawn without a thought of what the program
// does about it. Nothing but the ground truth judges it: whoever is called deleted
// is gone, and has what it says; and where an audit calls itself complete without
// anything unknown, every certificate in force of somebody gone was found, if the
// lists of clusters show the deleted at all.
func auditWild(t *testing.T, f *fable, path string) {
	var script *sim.Faults
	if raw := f.script(); raw != nil {
		script = stage.Must(sim.LoadFaults("faults.yaml", raw))
	}
	stage.BubbleWith(t, f.estate(), script, stage.Noon, func(w *stage.World) {
		a, truth := w.Audit(stage.Full(path, "--fail-on", stage.EveryKind)...), w.Account.Truth()
		if a.Audit == nil {
			if a.Code == end.CodeClean || a.Code == end.CodeLeft {
				t.Errorf("LIAR_SEED=%d: exit %d without an audit", f.seed, a.Code)
			}
			return
		}
		holds := func(uid, cluster string) bool {
			return slices.ContainsFunc(truth.Certificates, func(c sim.Certificate) bool {
				return c.UID == uid && c.Cluster == cluster && c.State == "Unexpired"
			})
		}
		found := map[string]bool{}
		for _, row := range a.Audit.Findings {
			if row.Kind != audit.FoundDeleted {
				continue
			}
			if who, known := f.person(row.UID); known && !who.deleted && !who.hidden {
				t.Errorf("LIAR_SEED=%d: %s is there, and is called deleted", f.seed, row.UID)
			}
			for _, place := range row.Places {
				found[row.UID+" "+place.Cluster.ID] = true
				if place.Certificate.State == policy.Unexpired && !holds(row.UID, place.Cluster.ID) {
					t.Errorf("LIAR_SEED=%d: %s has no certificate in force on %s", f.seed, row.UID, place.Cluster.ID)
				}
			}
		}
		if a.Code != 0 && a.Code != 3 || len(a.Audit.Unknown) > 0 || !f.open.listDeleted {
			return
		}
		for _, c := range truth.Certificates {
			who, known := f.person(c.UID)
			place, _ := f.place(c.Cluster)
			if known && who.deleted && c.State == "Unexpired" && place.read() && place.real() && !found[c.UID+" "+c.Cluster] {
				t.Errorf("LIAR_SEED=%d: exit %d, and nothing tells of the certificate of %s on %s", f.seed, a.Code, c.UID, c.Cluster)
			}
		}
	})
}

// writePolicy writes a world's policy and returns its path.
func (f *fable) writePolicy(t *testing.T) string {
	path := filepath.Join(t.TempDir(), "policy.yaml")
	if err := os.WriteFile(path, f.policy(), 0o600); err != nil {
		t.Fatal(fmt.Errorf("the policy of world %d: %w", f.seed, err))
	}
	return path
}
