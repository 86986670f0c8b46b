package cli_test

import (
	"context"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ackrevoke/cmd/test/stage"
)

// A restore lists the clusters as a run does, by the policy in force: what a run
// could take away, it can give back, and a cluster that cannot be listed now is
// no cluster to give anything on.
func TestRestoreListsAsARun(t *testing.T) {
	stage.Keys(t, stage.Account)
	regions := "regions:\n  - {id: r}\n  - {id: q%s}\n"
	for _, c := range []struct {
		name      string
		scope     string
		regions   string // how the other one answers
		behaviour string
		change    [2]string // of the account between run and restore
		ends      int
		says      string
	}{
		{name: "the service does not say which regions there are", scope: "scope: {regions: [r]}", behaviour: "{regions: denied}", ends: 0},
		{name: "the other region cannot be read", scope: "scope: {regions: [r]}", regions: ", clusters: failed", ends: 0},
		{name: "the listing is the retired one", behaviour: "{regionalList: denied, clustersV1: served}", ends: 0},
		{name: "the region of the cluster cannot be read any more", scope: "scope: {regions: [r]}",
			change: [2]string{"{id: r}", "{id: r, clusters: failed}"}, ends: 6, says: "its region could not be read"},
		{name: "the cluster is hidden by a condition", change: [2]string{"{id: c1, name: one,",
			"{id: c1, conditioned: true, name: one,"}, ends: 6, says: "the caller may not list it"},
	} {
		t.Run(c.name, func(t *testing.T) {
			listed, nobody := stage.PolicyOf(t, c.scope, stage.AliceLeft...), stage.PolicyOf(t, c.scope)
			estate := strings.Replace(stage.Wronged, "clusters:\n", strings.Replace(regions, "%s", c.regions,
				1)+"clusters:\n  - {id: c4, name: four, region: q, created: 2024-01-01T00:00:00Z}\n", 1)
			if c.behaviour != "" {
				estate += "behaviour: " + c.behaviour + "\n"
			}
			stage.Bubble(t, []byte(estate), stage.Noon, func(w *stage.World) {
				before := w.Grants(stage.AliceUID, "c1")
				got := w.Run(context.Background(), "-p", listed, "--dry-run=false")
				if got.Report.Summary.Revoked != 2 {
					t.Fatalf("exit %d\n%s", got.Code, got.Stderr)
				}
				if c.change[0] != "" {
					w = w.Another([]byte(strings.Replace(estate, c.change[0], c.change[1], 1)), nil)
					defer w.End()
				}
				back := w.Restore(context.Background(), nobody, "c1", "--dry-run=false")
				if back.Code != c.ends || !strings.Contains(back.Stderr, c.says) {
					t.Errorf("exit %d, want %d and %q\n%s", back.Code, c.ends, c.says, back.Stderr)
				}
				if want := map[int]int{0: 1, 6: 0}[c.ends]; len(back.Gives()) != want {
					t.Errorf("writes %v, want %d", back.Gives(), want)
				}
				if diff := cmp.Diff(before, w.Grants(stage.AliceUID, "c1")); diff != "" && c.ends == 0 {
					t.Errorf("grants (-before +after):\n%s", diff)
				}
			})
		})
	}
}
