package cli_test

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ackrevoke/cmd/test/stage"
	"ackrevoke/job/report"
)

// Whatever speaks against it, nothing is written.
func TestRestoreRefuses(t *testing.T) {
	stage.Keys(t, stage.Account)
	left := stage.PolicyFile(t, stage.AliceLeft)
	runner := func(grants string) [2]string {
		return [2]string{"caller: {type: Account}\nusers:\n", `caller: {type: RAMUser, uid: "290000000000000001"}
users:
  - {uid: "290000000000000001", name: runner, created: 2024-01-01T00:00:00Z}
` + grants}
	}
	for _, c := range []struct {
		name   string
		policy []string    // in force now; "" for nobody
		estate [][2]string // edits of the account between run and restore
		edit   func(*report.Report)
		args   []string
		ends   int
		says   string
	}{
		{name: "renamed", estate: [][2]string{{"name: alice", "name: alicia"}}, ends: 4, says: "is named"},
		{name: "another creation time", estate: [][2]string{{"alice, created: 2024-01-01", "alice, created: 2025-01-01"}}, ends: 4,
			says: "somebody else"},
		{name: "gone", estate: [][2]string{{`  - {uid: "200000000000000001", name: alice, created: 2024-01-01T00:00:00Z}` + "\n", ""},
			{"clusters:\n", "deleted: [{uid: \"200000000000000001\", name: alice}]\nclusters:\n"}}, ends: 4, says: "no live user or role"},
		{name: "another kind", edit: func(r *report.Report) { r.Plan.Actions[0].Kind = "role" }, ends: 4, says: "taken from a role"},
		{name: "no creation time", edit: func(r *report.Report) { r.Plan.Actions[0].CreatedAt = report.Time{} }, ends: 4,
			says: "does not say when"},
		{name: "still listed", policy: stage.AliceLeft, ends: 4, says: "the next run would take it away again"},
		{name: "listed for later", policy: []string{`{uid: "200000000000000001", reason: departed, effective: 2027-01-01}`}, ends: 4,
			says: "take the entry out"},
		{name: "locked out", policy: []string{`{uid: "200000000000000001", reason: compromised, until: 2027-01-01}`}, ends: 4,
			says: "listed-departed"},
		{name: "another account's policy", ends: 4, edit: func(r *report.Report) { r.Account.ID = "9999999999999999" }, says: "for account"},
		{name: "too old", edit: func(r *report.Report) { r.Run.StartedAt = report.At(stage.Noon.AddDate(0, 0, -31)) }, ends: 4,
			says: "31 days old"},
		{name: "the caller itself", estate: [][2]string{{"caller: {type: Account}", `caller: {type: RAMUser, uid: "200000000000000001"}`}},
			ends: 4, says: "nobody gives grants to himself"},
		{name: "somebody granted another role", estate: [][2]string{{"cluster: c1, role: dev", "cluster: c1, role: ops"}}, ends: 4,
			says: "decide by hand"},
		{name: "grants not seen", edit: func(r *report.Report) { r.Plan.Actions[0].Before.GrantsSeen = false }, ends: 6,
			says: "were not visible"},
		{name: "blind now", estate: [][2]string{runner(""),
			{"grants:\n", "grants:\n  - {uid: \"290000000000000001\", cluster: c2, role: admin}\n"}}, ends: 6,
			says: "not administrator of cluster c1"},
		{name: "the cluster is gone", estate: [][2]string{{"{id: c1, name: one, region: r,",
			"{id: c1, name: one, region: r, state: deleted,"}}, ends: 6, says: "is not listed"},
		{name: "the old certificate again", estate: [][2]string{{"", ""}, {"cluster: c1, role: my-view", "cluster: c3, role: my-view"}},
			ends: 6, says: "still in force"},
		{name: "a dry run's report", edit: func(r *report.Report) { r.Run.Mode = report.DryRun }, ends: 2, says: "took nothing away"},
		{name: "a simulated run's report", edit: func(r *report.Report) { r.Run.Simulated = true }, ends: 2, says: "simulated account"},
		{name: "a failed action", edit: func(r *report.Report) { r.Outcomes[0].Status = report.WasFailed }, ends: 2, says: "is failed"},
		{name: "a refused action", edit: func(r *report.Report) { r.Plan.Actions[0].RefusedBy = "maxPrincipals" }, ends: 2,
			says: "was refused by"},
		{name: "nothing there", args: []string{"--cluster", "c9"}, ends: 2, says: "the report tells of c1/"},
		{name: "over its source", args: []string{"-o", "SOURCE"}, ends: 2, says: "would overwrite the source"},
		{name: "no uid", args: []string{"--uid", "alice"}, ends: 2, says: "is no uid"},
		{name: "no policy", args: []string{"--policy", "nowhere.yaml"}, ends: 2, says: "policy cannot be read"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var data []byte
			stage.Bubble(t, []byte(stage.Wronged), stage.Noon, func(w *stage.World) {
				first := w.Run(context.Background(), "-p", left, "--dry-run=false")
				w.Must(first, 0)
				if c.edit != nil {
					c.edit(first.Report)
				}
				data = stage.Must(first.Report.Encode())
			})
			estate := stage.Wronged
			if len(c.estate) == 0 { // as the run left it
				for _, row := range []string{"cluster: c1, role: dev", "cluster: c1, namespace: payments, role: restricted",
					"cluster: c1, role: my-view, custom: true"} {
					estate = strings.Replace(estate, `  - {uid: "200000000000000001", `+row+"}\n", "", 1)
				}
				estate = strings.Replace(estate, `cluster: c1, expires: 2028-01-01T00:00:00Z`, "cluster: c1, state: Removed", 1)
			}
			for _, e := range c.estate {
				if !strings.Contains(estate, e[0]) {
					t.Fatalf("the estate has no %q", e[0])
				}
				estate = strings.Replace(estate, e[0], e[1], 1)
			}
			stage.Bubble(t, []byte(estate), stage.Noon.Add(time.Hour), func(w *stage.World) {
				source := filepath.Join(w.Dir, "source.json")
				if err := os.WriteFile(source, data, 0o600); err != nil {
					t.Fatal(err)
				}
				for i, a := range c.args {
					c.args[i] = strings.Replace(a, "SOURCE", source, 1)
				}
				before := w.Account.Truth()
				got := w.RestoreFrom(context.Background(), nil, source, stage.PolicyFile(t, c.policy), "c1",
					append(slices.Clone(c.args), "--dry-run=false")...)
				if got.Code != c.ends || !strings.Contains(got.Stderr, c.says) {
					t.Errorf("exit %d, want %d and %q\n%s", got.Code, c.ends, c.says, got.Stderr)
				}
				if len(got.Gives()) > 0 || cmp.Diff(before, w.Account.Truth()) != "" {
					t.Errorf("something was written: %v", got.Gives())
				}
				if c.ends == 2 && len(got.Calls) > 0 {
					t.Errorf("%d calls", len(got.Calls))
				}
				if diff := cmp.Diff(data, stage.Must(os.ReadFile(source))); diff != "" {
					t.Error("the source was changed")
				}
			})
		})
	}
}

// An old snapshot is given back when it is asked for, and an owner row never.
func TestRestoreOlderAndOwner(t *testing.T) {
	stage.Keys(t, stage.Account)
	left, nobody := stage.PolicyFile(t, []string{`{uid: "200000000000000001", reason: departed, clusters: [one]}`}), stage.PolicyFile(t, nil)
	estate := strings.Replace(stage.Wronged, "grants:\n", "grants:\n  - {uid: \"200000000000000001\", cluster: c1, owner: true}\n", 1)
	stage.Bubble(t, []byte(estate), stage.Noon, func(w *stage.World) {
		before := w.Account.Truth()
		w.Must(w.Run(context.Background(), "-p", left, "--dry-run=false"), 5) // the creator's row stays
		<-time.After(31 * 24 * time.Hour)
		w.Must(w.Restore(context.Background(), nobody, "c1", "--dry-run=false").Ran, 4)
		got := w.Restore(context.Background(), nobody, "c1", "--dry-run=false", "--older")
		w.Must(got.Ran, 0)
		if diff := cmp.Diff(before.Grants, w.Account.Truth().Grants); diff != "" {
			t.Errorf("(-before +after):\n%s", diff)
		}
		if !slices.ContainsFunc(got.Restore.Rows, func(r report.Row) bool { return r.Owner && r.State == report.RowOwner }) {
			t.Errorf("rows %+v", got.Restore.Rows)
		}
	})
}
