package history

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ackrevoke/job/report"
	"ackrevoke/job/write"
	"ackrevoke/policy"
)

const (
	account = "1234567890123456"
	alice   = "200000000000000001"
	bob     = "200000000000000002"
)

var (
	noon    = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	expires = time.Date(2034, 1, 1, 0, 0, 0, 0, time.UTC)
	other   = expires.AddDate(1, 0, 0)
	asked   = Asked{Account: account, UIDs: []string{alice}, Before: noon}
)

// said is one write that a journal tells of: intent, and each word on it.
type said struct {
	run    string
	days   int // before noon
	action string
	op     policy.Operation
	change func(*write.Line) // of the intent
	words  []string
}

func (s said) lines() []write.Line {
	cluster, uid, _ := strings.Cut(s.action, "/")
	at := noon.AddDate(0, 0, -s.days)
	l := write.Line{Type: "intent", Run: s.run, At: at, Account: account, Action: s.action, Operation: s.op, UID: uid, Kind: policy.User,
		Reason: policy.Departed, Cluster: &write.JournalCluster{ID: cluster}, GrantsSeen: true,
		Certificate: write.NewJournalCertificate(policy.Certificate{State: policy.Unexpired, Expires: expires})}
	if s.change != nil {
		s.change(&l)
	}
	all := []write.Line{l}
	for i, w := range s.words {
		all = append(all, write.Line{Type: "outcome", Run: s.run, At: at.Add(time.Duration(i+1) * time.Second), Account: account,
			Action: s.action, Status: w})
	}
	return all
}

// lay puts a journal into a folder under its name.
func lay(t testing.TB, dir, name string, all ...said) string {
	t.Helper()
	var data []byte
	for _, s := range all {
		for _, l := range s.lines() {
			b, err := json.Marshal(l)
			if err != nil {
				t.Fatal(err)
			}
			data = append(append(data, b...), '\n')
		}
	}
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func revoked(run string, days int) said {
	return said{run, days, "c1/" + alice, policy.Clean, nil, []string{"accepted", "revoked"}}
}

// did is a write about alice on c1 that is otherwise.
func did(change func(*write.Line), words ...string) said {
	return said{"r1", 3, "c1/" + alice, policy.Clean, change, words}
}

func gave(run string, days int, words ...string) said {
	return said{run, days, "c1/" + alice, write.GivesBack, nil, words}
}

func earlier(run string, days int, c report.Returned) *report.Earlier {
	return &report.Earlier{Run: run, At: report.At(noon.AddDate(0, 0, -days).Add(2 * time.Second)), Certificate: c}
}

// holding is the action of a run that finds a certificate of alice on c1, or, with
// a zero expiry, grants alone.
func holding(expires time.Time) report.Action {
	a := report.Action{ID: "c1/" + alice, UID: alice, Because: []string{"grants"}}
	if !expires.IsZero() {
		a.Because, a.Before.Certificate = []string{"certificate"}, report.Certificate{State: policy.Unexpired, Expires: report.At(expires)}
	}
	return a
}

// about lets an intent be about one pinned certificate alone.
func about(at time.Time) func(*write.Line) { return func(l *write.Line) { l.Pins = []time.Time{at} } }

// The kinds of what can have been before: alice holds something on c1 again.
var kinds = map[string]struct {
	before      []said
	holds       time.Time // the certificate; zero for grants alone
	resurrected *report.Earlier
	given       string // the restore
}{
	"nothing":              {},
	"proven gone":          {[]said{revoked("r1", 3)}, time.Time{}, earlier("r1", 3, ""), ""},
	"the same certificate": {[]said{revoked("r1", 3)}, expires, earlier("r1", 3, report.SameCertificate), ""},
	"a new certificate":    {[]said{revoked("r1", 3)}, other, earlier("r1", 3, report.NewCertificate), ""},
	"the latest of several": {[]said{revoked("r2", 2), revoked("r3", 1), revoked("r1", 3)}, time.Time{}, earlier("r3", 1, ""),
		""},
	"absent":          {[]said{did(nil, "gone", "absent")}, time.Time{}, earlier("r1", 3, ""), ""},
	"with collateral": {[]said{did(nil, "accepted", "collateral")}, time.Time{}, earlier("r1", 3, ""), ""},
	"accepted alone":  {[]said{did(nil, "accepted")}, expires, nil, ""},
	"never proven":    {[]said{did(nil, "accepted", "unverified")}, expires, nil, ""},
	"no word":         {[]said{did(nil)}, expires, nil, ""},
	"proven, then not": {[]said{revoked("r1", 3), {"r2", 1, "c1/" + alice, policy.Clean, nil, []string{"failed"}}}, time.Time{},
		earlier("r1", 3, ""), ""},
	"another cluster":    {[]said{{"r1", 3, "c2/" + alice, policy.Clean, nil, []string{"revoked"}}}, expires, nil, ""},
	"all clusters":       {[]said{{"r1", 3, "all-clusters/" + alice, policy.RevokeGrant, nil, []string{"revoked"}}}, expires, nil, ""},
	"another principal":  {[]said{{"r1", 3, "c1/" + bob, policy.Clean, nil, []string{"revoked"}}}, expires, nil, ""},
	"another account":    {[]said{did(func(l *write.Line) { l.Account = "2" }, "revoked")}, expires, nil, ""},
	"a simulated one":    {[]said{did(func(l *write.Line) { l.Simulated = true }, "revoked")}, expires, nil, ""},
	"of the future":      {[]said{revoked("r1", -3)}, expires, nil, ""},
	"future and past":    {[]said{revoked("r1", -3), revoked("r2", 3)}, time.Time{}, earlier("r2", 3, ""), ""},
	"its own credential": {[]said{{"r1", 3, "c1/" + alice, write.RevokesOwn, nil, []string{"proven"}}}, expires, nil, ""},

	"given back":               {[]said{revoked("r1", 3), gave("x1", 2, "accepted", "proven")}, expires, nil, "x1"},
	"perhaps given back":       {[]said{revoked("r1", 3), gave("x1", 2, "unverified")}, expires, nil, "x1"},
	"killed as it gave":        {[]said{revoked("r1", 3), gave("x1", 2)}, expires, nil, "x1"},
	"not given back":           {[]said{revoked("r1", 3), gave("x1", 2, "failed")}, time.Time{}, earlier("r1", 3, ""), ""},
	"given, and revoked again": {[]said{revoked("r1", 3), gave("x1", 2, "proven"), revoked("r2", 1)}, time.Time{}, earlier("r2", 1, ""), ""},
	"given, and taken back": {[]said{revoked("r1", 3), gave("x1", 2, "proven"),
		{"x1", 2, "c1/" + alice, write.TakesBack, nil, []string{"accepted", "proven"}}}, time.Time{}, earlier("r1", 3, ""), ""},
	"given, and perhaps taken back": {[]said{revoked("r1", 3), gave("x1", 2, "proven"),
		{"x1", 2, "c1/" + alice, write.TakesBack, nil, []string{"unverified"}}}, expires, nil, "x1"},

	"its pin": {[]said{did(about(expires), "", "revoked")}, expires,
		earlier("r1", 3, report.SameCertificate), ""},
	"a pin, and another certificate": {[]said{did(about(expires), "revoked")}, other, nil, ""},
	"a pin, and grants alone":        {[]said{did(about(expires), "revoked")}, time.Time{}, nil, ""},
}

func TestMark(t *testing.T) {
	for name, tc := range kinds {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			ofRun := map[string][]said{}
			for _, s := range tc.before {
				ofRun[s.run] = append(ofRun[s.run], s)
			}
			for run, all := range ofRun {
				lay(t, dir, run+write.DoneSuffix, all...)
			}
			together := filepath.Join(dir, "together") // one journal may hold several runs
			if err := os.Mkdir(together, 0o700); err != nil {
				t.Fatal(err)
			}
			if len(tc.before) > 0 {
				lay(t, together, "all"+write.DoneSuffix, tc.before...)
			}
			for _, folder := range []string{dir, together} {
				plan := report.Plan{Actions: []report.Action{holding(tc.holds)}}
				Read(folder, asked).Mark(&plan)
				got := plan.Actions[0]
				if diff := cmp.Diff(tc.resurrected, got.Resurrected); diff != "" {
					t.Errorf("(-want +got):\n%s", diff)
				}
				if slices.Contains(got.Because, report.Resurrected) != (tc.resurrected != nil) {
					t.Errorf("because %q", got.Because)
				}
				if (got.GivenBack == nil) != (tc.given == "") || got.GivenBack != nil && got.GivenBack.Run != tc.given {
					t.Errorf("given back: %+v, want %q", got.GivenBack, tc.given)
				}
				if len(plan.Warnings) > 0 {
					t.Errorf("warned: %q", plan.Warnings)
				}
			}
		})
	}
}

// What is unknown today, and access that a run cannot end, say it as well.
func TestMarkBesideActions(t *testing.T) {
	dir := t.TempDir()
	lay(t, dir, "1"+write.DoneSuffix, revoked("r1", 3),
		said{"r1", 3, "all-clusters/" + alice, policy.RevokeGrant, nil, []string{"accepted", "revoked"}},
		said{"r1", 3, "c2/" + alice, policy.Clean, nil, []string{"accepted", "revoked"}})
	lay(t, dir, "2"+write.DoneSuffix, said{"x1", 2, "c2/" + alice, write.GivesBack, nil, []string{"proven"}})
	p := report.Plan{
		Actions: []report.Action{{ID: "all-clusters/" + alice, UID: alice, Because: []string{"all-clusters"}}},
		Unknown: []report.Unknown{{UID: alice, Cluster: "c1"}, {UID: alice, Cluster: "c2"}, {UID: alice}, {}},
		Residual: []report.Residual{{UID: alice, What: policy.LeftAllClusters}, {UID: alice, Cluster: "c1", What: policy.LeftOwner},
			{UID: bob, What: policy.LeftAllClusters}},
	}
	Read(dir, asked).Mark(&p)
	was := earlier("r1", 3, "")
	want := report.Plan{
		Actions: []report.Action{{ID: "all-clusters/" + alice, UID: alice, Because: []string{"all-clusters", "resurrected"}, Resurrected: was}},
		Unknown: []report.Unknown{{UID: alice, Cluster: "c1", ProvenGone: was}, {UID: alice, Cluster: "c2"}, {UID: alice}, {}},
		Residual: []report.Residual{{UID: alice, What: policy.LeftAllClusters, Resurrected: was},
			{UID: alice, Cluster: "c1", What: policy.LeftOwner}, {UID: bob, What: policy.LeftAllClusters}},
	}
	if diff := cmp.Diff(want, p); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
