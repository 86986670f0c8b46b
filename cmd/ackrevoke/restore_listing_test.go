package main

import (
	"context"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// A restore lists the clusters as a run does, by the policy in force: what a run
// could take away, it can give back, and a cluster that cannot be listed now is
// no cluster to give anything on.
func TestRestoreListsAsARun(t *testing.T) {
	keys(t, showcaseAccount)
	regions := "regions:\n  - {id: r}\n  - {id: q%s}\n"
	for _, c := range []struct {
		name      string
		scope     string
		regions   string // how the other one answers
		behaviour string
		change    [2]string // of the account between run and restore
		exit      int
		says      string
	}{
		{name: "the service does not say which regions there are", scope: "scope: {regions: [r]}", behaviour: "{regions: denied}", exit: 0},
		{name: "the other region cannot be read", scope: "scope: {regions: [r]}", regions: ", clusters: failed", exit: 0},
		{name: "the listing is the retired one", behaviour: "{regionalList: denied, clustersV1: served}", exit: 0},
		{name: "the region of the cluster cannot be read any more", scope: "scope: {regions: [r]}",
			change: [2]string{"{id: r}", "{id: r, clusters: failed}"}, exit: 6, says: "its region could not be read"},
		{name: "the cluster is hidden by a condition", change: [2]string{"{id: c1, name: one,",
			"{id: c1, conditioned: true, name: one,"}, exit: 6, says: "the caller may not list it"},
	} {
		t.Run(c.name, func(t *testing.T) {
			listed, nobody := policyOf(t, c.scope, aliceLeft...), policyOf(t, c.scope)
			estate := strings.Replace(wronged, "clusters:\n", strings.Replace(regions, "%s", c.regions,
				1)+"clusters:\n  - {id: c4, name: four, region: q, created: 2024-01-01T00:00:00Z}\n", 1)
			if c.behaviour != "" {
				estate += "behaviour: " + c.behaviour + "\n"
			}
			bubble(t, []byte(estate), noon, func(w *world) {
				before := w.grants(aliceUID, "c1")
				got := w.run(context.Background(), "-p", listed, "--dry-run=false")
				if got.report.Summary.Revoked != 2 {
					t.Fatalf("exit %d\n%s", got.code, got.stderr)
				}
				if c.change[0] != "" {
					w = w.another([]byte(strings.Replace(estate, c.change[0], c.change[1], 1)), nil)
					defer w.end()
				}
				back := w.restore(context.Background(), nobody, "c1", "--dry-run=false")
				if back.code != c.exit || !strings.Contains(back.stderr, c.says) {
					t.Errorf("exit %d, want %d and %q\n%s", back.code, c.exit, c.says, back.stderr)
				}
				if want := map[int]int{0: 1, 6: 0}[c.exit]; len(back.gives()) != want {
					t.Errorf("writes %v, want %d", back.gives(), want)
				}
				if diff := cmp.Diff(before, w.grants(aliceUID, "c1")); diff != "" && c.exit == 0 {
					t.Errorf("grants (-before +after):\n%s", diff)
				}
			})
		})
	}
}
