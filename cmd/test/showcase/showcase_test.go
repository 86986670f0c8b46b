package showcase

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"gopkg.in/yaml.v3"

	"ackrevoke/cmd/cli"
	"ackrevoke/cmd/test/stage"
	"ackrevoke/job/report"
)

// showcase is what a case of testdata/showcase promises. Where a list or map
// of a step is not given, it is not looked at; an empty one means "nothing".
type showcase struct {
	Note  string    `yaml:"note"`
	Now   time.Time `yaml:"now"`
	Again *bool     `yaml:"again"` // default true: after the last applying step that exits 0, one more writes nothing
	Steps []step    `yaml:"steps"`
}

type step struct {
	Policy     string             `yaml:"policy"` // default policy.yaml
	Args       []string           `yaml:"args"`
	Exit       int                `yaml:"exit"`
	Verdict    string             `yaml:"verdict"`
	Reasons    *[]string          `yaml:"reasons"`
	Actions    *[]string          `yaml:"actions"`    // ids, with ", refused by X" and ", warning X" where they are
	Statuses   *map[string]string `yaml:"statuses"`   // action id: status
	Principals *map[string]string `yaml:"principals"` // uid: verdict
	Settled    *map[string]string `yaml:"settled"`    // uid: "removed 1, unissued 2"
	Unknown    *[]string          `yaml:"unknown"`    // "uid cluster why", ", accepted"
	Residual   *[]string          `yaml:"residual"`
	Refused    *[]string          `yaml:"refused"`    // "uid guard"
	Tripped    *[]string          `yaml:"tripped"`    // "guard group limit found"
	OutOfScope *[]string          `yaml:"outOfScope"` // "uid cluster"
	Retirable  *[]string          `yaml:"retirable"`
	Pending    *[]string          `yaml:"pending"`
	Lapsed     *[]string          `yaml:"lapsed"`
	Warnings   *map[string]string `yaml:"warnings"`   // uid: warnings, comma separated
	Writes     *[]string          `yaml:"writes"`     // "operation cluster uid"; default: none in a dry run
	Calls      *map[string]int    `yaml:"calls"`      // operation: how often
	Unlisted   *[]string          `yaml:"unlisted"`   // "uid clusters"
	Collateral *[]string          `yaml:"collateral"` // "action: cluster role", of every outcome that names rows
	Notes      *[]string          `yaml:"notes"`      // warnings of the policy as a whole
	Left       *[]string          `yaml:"left"`       // what really is there afterwards: "uid cluster 2028-01-01" in force, "uid cluster role"
	Says       []string           `yaml:"says"`       // texts that stand in the report or are said
	Audit      *auditStep         `yaml:"audit"`      // the step is an audit; see audit_test.go
}

func TestShowcase(t *testing.T) {
	stage.Keys(t, stage.Account)
	folders, err := filepath.Glob("../../../testdata/showcase/*/expect.yaml")
	if err != nil || len(folders) == 0 {
		t.Fatalf("no showcase found: %v", err)
	}
	exits, played := map[int]bool{}, 0
	for _, f := range folders {
		folder := filepath.Dir(f)
		t.Run(filepath.Base(folder), func(t *testing.T) {
			var c showcase
			d := yaml.NewDecoder(bytes.NewReader(stage.Must(os.ReadFile(f))))
			d.KnownFields(true)
			if err := d.Decode(&c); err != nil && !errors.Is(err, io.EOF) {
				t.Fatal(err)
			}
			if c.Note == "" || c.Now.IsZero() || len(c.Steps) == 0 {
				t.Fatal("a case needs note, now and steps")
			}
			played++
			for _, s := range c.Steps {
				exits[s.Exit] = true
			}
			stage.BubbleWith(t, stage.Must(os.ReadFile(filepath.Join(folder, "estate.yaml"))), stage.Must(loadFaults(faultsOf(folder))), c.Now,
				func(w *stage.World) { c.play(w, folder) })
		})
	}
	for _, code := range []int{0, 1, 2, 3, 4, 5, 6, 130} {
		if !exits[code] && played == len(folders) { // not where -run picked some
			t.Errorf("no showcase ends with exit code %d", code)
		}
	}
}

func (c showcase) play(w *stage.World, folder string) {
	for i, s := range c.Steps {
		name := fmt.Sprintf("step %d %v", i+1, s.Args)
		if s.Audit != nil {
			s.audits(w, name, folder)
			continue
		}
		got := w.Run(s.context(w.T), s.args(folder)...)
		s.check(w, name, got)
		if s.applies() && s.Exit == 0 && (c.Again == nil || *c.Again) {
			again := w.Run(context.Background(), s.args(folder)...)
			if again.Code != 0 || len(again.Writes()) > 0 {
				w.T.Errorf("%s: a second run exits %d and writes %v", name, again.Code, again.Writes())
			}
		}
	}
}

func (s step) applies() bool { return slices.Contains(s.Args, "--dry-run=false") }

func (s step) args(folder string) []string {
	if s.Policy == "" {
		s.Policy = "policy.yaml"
	}
	return append([]string{"-p", filepath.Join(folder, s.Policy)}, s.Args...)
}

// context is one that a signal has ended, where that is what the step is about.
func (s step) context(t *testing.T) context.Context {
	ctx, cancel := context.WithCancelCause(context.Background())
	t.Cleanup(func() { cancel(nil) })
	if s.Exit == 130 {
		cancel(cli.Interruption(os.Interrupt))
	}
	return ctx
}

func (s step) check(w *stage.World, name string, got stage.Ran) {
	t := w.T
	t.Helper()
	if got.Code != s.Exit {
		t.Errorf("%s: exit %d, want %d\n%s", name, got.Code, s.Exit, got.Stderr)
	}
	writes := s.Writes
	if writes == nil && !s.applies() {
		writes = &[]string{}
	}
	same(t, name+" writes", writes, stage.Sorted(got.Writes()))
	if s.Calls != nil {
		counts := map[string]int{}
		for _, c := range got.Calls {
			counts[c.Operation]++
		}
		same(t, name+" calls", s.Calls, counts)
	}
	same(t, name+" left", s.Left, left(w))
	r := got.Report
	if r == nil {
		t.Errorf("%s: no report\n%s", name, got.Stderr)
		return
	}
	stage.Fits(t, "report", got.Raw)
	for _, text := range s.Says {
		if !strings.Contains(got.Stderr+string(got.Raw), text) {
			t.Errorf("%s: nothing says %q\n%s", name, text, got.Stderr)
		}
	}
	if s.Verdict != "" && string(r.Verdict.Name) != s.Verdict || r.Verdict.ExitCode != s.Exit {
		t.Errorf("%s: verdict %s, exit code %d", name, r.Verdict.Name, r.Verdict.ExitCode)
	}
	same(t, name+" reasons", s.Reasons, r.Verdict.Reasons)
	s.checkRows(t, name, r)
}

// checkRows compares what the report lists.
func (s step) checkRows(t *testing.T, name string, r *report.Report) {
	t.Helper()
	for _, l := range []struct {
		what string
		want *[]string
		got  []string
	}{
		{"actions", s.Actions, stage.Each(r.Plan.Actions, actionLine)},
		{"unknown", s.Unknown, stage.Each(r.Plan.Unknown, func(u report.Unknown) string {
			return fmt.Sprintf("%s %s %s%s", u.UID, u.Cluster, u.Why, stage.Accepted(u.Accepted))
		})},
		{"residual", s.Residual, stage.Each(r.Plan.Residual, func(x report.Residual) string {
			return fmt.Sprintf("%s %s %s%s", x.UID, x.Cluster, x.What, stage.Accepted(x.Accepted))
		})},
		{"refused", s.Refused, stage.Each(r.Plan.Refused, func(f report.RefusedEntry) string { return f.UID + " " + f.Guard })},
		{"tripped", s.Tripped, stage.Each(slices.DeleteFunc(slices.Clone(r.Plan.Guards), func(g report.Guard) bool { return !g.Tripped }),
			func(g report.Guard) string {
				return fmt.Sprintf("%s %s %d %d", g.Guard, g.Group, g.Limit, g.Found)
			})},
		{"outOfScope", s.OutOfScope, stage.Each(r.Plan.OutOfScope, func(o report.Outside) string { return o.UID + " " + o.Cluster })},
		{"notes", s.Notes, r.Plan.Warnings},
		{"collateral", s.Collateral, stage.CollateralLines(r)},
		{"unlisted", s.Unlisted, stage.Each(r.Plan.Unlisted,
			func(u report.Overlooked) string { return u.UID + " " + strings.Join(u.Clusters, " ") })},
		{"retirable", s.Retirable, stage.Each(slices.DeleteFunc(slices.Clone(r.Principals),
			func(p report.Principal) bool { return !p.Retirable }), func(p report.Principal) string { return p.UID })},
		{"pending", s.Pending, stage.Each(r.Plan.Pending, func(p report.Pending) string { return p.UID })},
		{"lapsed", s.Lapsed, stage.Each(r.Plan.Lapsed, func(p report.Lapsed) string { return p.UID })},
	} {
		same(t, name+" "+l.what, l.want, l.got)
	}
	same(t, name+" statuses", s.Statuses, byKey(r.Outcomes, func(o report.Outcome) (string, string) { return o.Action, string(o.Status) }))
	same(t, name+" principals", s.Principals, byKey(r.Principals,
		func(p report.Principal) (string, string) { return p.UID, string(p.Verdict) }))
	same(t, name+" settled", s.Settled, byKey(r.Plan.Settled, func(x report.Settled) (string, string) { return x.UID, settledLine(x) }))
	same(t, name+" warnings", s.Warnings, byKey(slices.DeleteFunc(slices.Clone(r.Principals),
		func(p report.Principal) bool { return len(p.Warnings) == 0 }),
		func(p report.Principal) (string, string) { return p.UID, fmt.Sprint(p.Warnings) }))
}

func actionLine(a report.Action) string {
	line := a.ID
	if a.RefusedBy != "" {
		line += ", refused by " + a.RefusedBy
	}
	for _, w := range a.Warnings {
		line += ", warning " + w
	}
	return line
}

func settledLine(s report.Settled) string {
	line := ""
	for _, n := range []struct {
		name string
		n    int
	}{{"removed", s.Removed}, {"unissued", s.Unissued}, {"expired", s.Expired}, {"unlisted", s.Unlisted},
		{"otherCertificate", s.OtherCertificate}, {"ownerOfRecord", s.OwnerOfRecord}} {
		if n.n > 0 {
			line += fmt.Sprintf(", %s %d", n.name, n.n)
		}
	}
	return line[min(2, len(line)):]
}

func byKey[T any](rows []T, pair func(T) (string, string)) map[string]string {
	m := map[string]string{}
	for _, r := range rows {
		k, v := pair(r)
		m[k] = v
	}
	return m
}

// same compares where something is promised.
func same[T any](t *testing.T, what string, want *T, got T) {
	t.Helper()
	if want == nil {
		return
	}
	if diff := cmp.Diff(*want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}
