package metrics

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"ackrevoke/job/end"
	"ackrevoke/job/report"
	"ackrevoke/policy"
)

const account1, account2 = "1234567890123456", "1234567890123457"

// What a run in which everything happened says, to the letter. UPDATE=1 writes
// testdata/rich.prom anew.
func TestGolden(t *testing.T) {
	r := rich()
	if n, sum := r.Summary.Targets, r.Targets(); n != sum.Acted+sum.Settled+sum.Unknown+sum.Residual {
		t.Fatalf("the sample does not add up: %+v of %d", sum, n)
	}
	s := New(Past{account1: {Success: noon.AddDate(0, 0, -2)}})
	s.Add(Attempt{Account: account1, Policy: accepts, Report: r})
	got := text(t, s.Gatherer())
	golden := filepath.Join("testdata", "rich.prom")
	if os.Getenv("UPDATE") != "" {
		if err := os.WriteFile(golden, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), got); d != "" {
		t.Error(d)
	}
	// A push says the account otherwise, and all else alike.
	bare := strings.NewReplacer(`account="`+account1+`",`, "", `{account="`+account1+`"}`, "").Replace(got)
	if d := cmp.Diff(bare, text(t, s.Of(account1))); d != "" {
		t.Error(d)
	}
	if all := text(t, s.Of(account2)); all != "" {
		t.Errorf("of an account that nobody tried:\n%s", all)
	}
}

// What promtool would say about names, help and types.
func TestLint(t *testing.T) {
	s := New(nil)
	s.Add(Attempt{Account: account1, Policy: accepts, Report: rich()})
	for name, from := range map[string]prometheus.Gatherer{"all": s.Gatherer(), "one": s.Of(account1)} {
		problems, err := testutil.GatherAndLint(from)
		if err != nil || len(problems) > 0 {
			t.Errorf("%s: %v %v", name, problems, err)
		}
	}
}

// A run says nothing of what it did not find out: what failed before there was
// a plan does not say that nothing is left.
func TestNothingIsSaidOfWhatWasNotSeen(t *testing.T) {
	runs := []string{"last_attempt_timestamp_seconds", "run_duration_seconds", "run_exit_code", "run_info", "run_verdict", "retries",
		"throttled_calls", "unfinished_writes", "policy_gone"}
	listing := &policy.Policy{Principals: make([]policy.Principal, 1)}
	withPolicy := []string{"entries", "overdue_entries", "overdue_oldest_age_seconds", "list_emptied", "list_empty",
		"accepted_nearest_end_timestamp_seconds"}
	for _, c := range []struct {
		name string
		a    Attempt
		want []string
	}{
		{"no policy", Attempt{Report: unmade(2, end.Invalid)}, runs},
		{"no credentials", Attempt{Policy: listing, Report: unmade(1, end.Errored)}, slices.Concat(runs, withPolicy)},
		{"nobody listed, which was not judged", Attempt{Policy: &policy.Policy{}, Report: unmade(1, end.Errored)},
			slices.DeleteFunc(slices.Concat(runs, withPolicy), func(name string) bool { return name == "list_emptied" })},
	} {
		s := New(nil)
		s.Add(c.a)
		got := names(text(t, s.Gatherer()))
		slices.Sort(c.want)
		if d := cmp.Diff(c.want, got); d != "" {
			t.Errorf("%s: %s", c.name, d)
		}
	}
}

// A list on which nobody is to be looked for, now or later, is told from one that says
// that this is meant, without any record of an earlier one.
func TestListEmpty(t *testing.T) {
	for _, c := range []struct {
		what  string
		is    report.Summary
		allow bool
		want  string
	}{
		{"nobody", report.Summary{}, false, "1"},
		{"nobody, which is meant", report.Summary{}, true, "0"},
		{"their time is over", report.Summary{Entries: 2, Lapsed: 2}, false, "1"},
		{"their time will come", report.Summary{Entries: 2, Lapsed: 1, Pending: 1}, false, "0"},
		{"a guard refuses them", report.Summary{Entries: 1, Refused: 1}, false, "0"},
		{"somebody", report.Summary{Entries: 1, InEffect: 1}, false, "0"},
	} {
		pol, r := &policy.Policy{}, unmade(0, end.Converged)
		pol.Guards.AllowEmpty, r.Summary = c.allow, c.is
		s := New(nil)
		s.Add(Attempt{Account: account1, Policy: pol, Report: r})
		if got := text(t, s.Gatherer()); !strings.Contains(got, `list_empty{account="`+account1+`"} `+c.want+"\n") {
			t.Errorf("%s: not %s in\n%s", c.what, c.want, got)
		}
	}
}

// Of an account that has no policy any more it is known when it was tried, and no run
// of today outdoes that it is there.
func TestGone(t *testing.T) {
	s := New(Past{account1: {Attempt: noon, Success: noon}, account2: {Attempt: noon}})
	s.Add(Attempt{Account: account2, Report: unmade(1, end.Errored)})
	s.Gone(account1)
	s.Gone(account2)
	s.Forget(account2)
	s.Forget("7")
	has(t, s, `policy_gone{account="`+account1+`"} 1`, `policy_gone{account="`+account2+`"} 0`, `run_exit_code{account="`+account2+`"} 1`)
	if got := names(text(t, s.Of(account1))); !slices.Equal(got, []string{lastAttempt, lastSuccess, policyGone}) {
		t.Errorf("%v", got)
	}
	if past := s.Past()[account1]; past.Success != noon || !slices.Equal(s.Forgotten(), []string{"7"}) {
		t.Errorf("%+v %v", past, s.Forgotten())
	}
}

var typed = regexp.MustCompile(`(?m)^# TYPE ackrevoke_(\w+) `)

// names are the families in a text, in order and without the prefix.
func names(text string) []string {
	var all []string
	for _, m := range typed.FindAllStringSubmatch(text, -1) {
		all = append(all, m[1])
	}
	slices.Sort(all)
	return all
}

// has looks for one line of what is gathered.
func has(t *testing.T, s *Set, lines ...string) {
	t.Helper()
	all := text(t, s.Gatherer())
	for _, l := range lines {
		if !strings.Contains(all, "\n"+prefix+l+"\n") {
			t.Errorf("no %s in:\n%s", l, all)
		}
	}
}

func TestOverdue(t *testing.T) {
	at := func(v report.Standing, effective report.Time) report.Principal {
		return report.Principal{Verdict: v, Effective: effective}
	}
	for _, c := range []struct {
		name string
		rows []report.Principal
		n    int
		days int
	}{
		{"nobody", nil, 0, 0},
		{"out, in whatever time", []report.Principal{at(report.Out, daysAgo(9)), at(report.Out, report.Time{})}, 0, 0},
		{"planned in a dry run is not out", []report.Principal{at(report.Acting, daysAgo(9))}, 1, 9},
		{"the oldest counts", []report.Principal{at(report.Left, daysAgo(2)), at(report.Unclear, daysAgo(5)), at(report.Left, daysAgo(3))}, 3, 5},
		{"without a date the age is 0", []report.Principal{at(report.Left, report.Time{})}, 1, 0},
		{"not yet, and no more", []report.Principal{at(report.PendingYet, daysAgo(-1)), at(report.LapsedSince, daysAgo(9))}, 0, 0},
		{"refused after its time, and before", []report.Principal{at(report.Refusal, daysAgo(4)), at(report.Refusal, daysAgo(-4))}, 1, 4},
	} {
		r := unmade(5, end.Failed)
		r.Principals = c.rows
		n, oldest := overdue(Attempt{Report: r})
		if n != c.n || oldest != time.Duration(c.days)*24*time.Hour {
			t.Errorf("%s: %d and %v", c.name, n, oldest)
		}
	}
}

// The proof of a principal is that of its last action; what was only partly
// taken, or has no date, is not measured.
func TestTimeToProof(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(r *report.Report)
		want   []float64
	}{
		{"as it is", func(*report.Report) {}, []float64{30*day - 60}},
		{"the later of two", func(r *report.Report) { r.Outcomes[0].VerifiedAt = report.At(noon) }, []float64{30 * day}},
		{"not out after all", func(r *report.Report) { r.Principals[0].Verdict = report.Left }, []float64{}},
		{"no date", func(r *report.Report) { r.Principals[0].Effective = report.Time{} }, []float64{}},
		{"a date for bob, too", func(r *report.Report) { r.Principals[1].Effective = daysAgo(1) }, []float64{30*day - 60, day - 60}},
		{"out before this run", func(r *report.Report) { r.Outcomes = nil }, []float64{}},
		{"proven before its time", func(r *report.Report) { r.Principals[0].Effective = daysAgo(-1) }, []float64{0}},
	} {
		r := rich()
		c.change(r)
		if d := cmp.Diff(c.want, timeToProof(Attempt{Report: r})[0].seconds); d != "" {
			t.Errorf("%s: %s", c.name, d)
		}
	}
}

// When a run succeeded last survives runs that do not.
func TestPast(t *testing.T) {
	before, after := noon.Add(-24*time.Hour), noon
	old := Past{account1: {Attempt: before, Success: before}, account2: {Attempt: before, Success: before}}
	failed := Moments{Attempt: after, Success: before}
	for _, c := range []struct {
		name  string
		tried map[string]int // account: exit code
		want  Past
	}{
		{"a failed run", map[string]int{account1: 6}, Past{account1: failed}},
		{"a good one", map[string]int{account1: 0}, Past{account1: {Attempt: after, Success: after}}},
		{"the first of an account", map[string]int{"3": 1}, Past{"3": {Attempt: after}}},
		{"nobody knows whose", map[string]int{"": 2}, Past{"": {Attempt: after}, account1: old[account1], account2: old[account2]}},
		{"one of two, the other's policy is gone", map[string]int{account2: 143}, Past{account2: failed}},
		{"one of two, the other's cannot be read", map[string]int{account2: 3, "": 2},
			Past{"": {Attempt: after}, account1: old[account1], account2: failed}},
	} {
		s := New(old)
		for id, code := range c.tried {
			s.Add(Attempt{Account: id, Report: unmade(code, end.Errored)})
		}
		if d := cmp.Diff(c.want, s.Past()); d != "" {
			t.Errorf("%s: %s", c.name, d)
		}
		for id, m := range c.want {
			has(t, s, fmt.Sprintf(`last_attempt_timestamp_seconds{account=%q} %s`, id, float(m.Attempt)))
			if !m.Success.IsZero() {
				has(t, s, fmt.Sprintf(`last_success_timestamp_seconds{account=%q} %s`, id, float(m.Success)))
			}
		}
		if n := strings.Count(text(t, s.Gatherer()), "last_attempt_timestamp_seconds{"); n != len(c.want) {
			t.Errorf("%s: %d accounts", c.name, n)
		}
	}
}

func float(t time.Time) string { return strconv.FormatFloat(float64(t.Unix()), 'g', -1, 64) }

// Of several runs whose account nobody knows the weightiest ending is told.
func TestWeightiestEndingStays(t *testing.T) {
	for _, codes := range [][]int{{6, 2, 1}, {2, 1, 6}, {1, 6, 2}} {
		s := New(nil)
		for _, code := range codes {
			s.Add(Attempt{Report: unmade(code, end.Invalid)})
		}
		has(t, s, `run_exit_code{account=""} 2`)
	}
}

// The next end is that of a row in force; without one it never comes.
func TestNearestEnd(t *testing.T) {
	row := func(days int) policy.Accepted { return policy.Accepted{Until: noon.AddDate(0, 0, days)} }
	for want, rows := range map[string][]policy.Accepted{
		"+Inf": nil, float(noon.AddDate(0, 0, 3)): {row(9), row(-1), row(3)}, float(noon.AddDate(0, 0, 1)): {row(0), row(1)},
	} {
		s := New(nil)
		s.Add(Attempt{Policy: &policy.Policy{Accepted: rows}, Report: unmade(6, end.Incomplete)})
		has(t, s, `accepted_nearest_end_timestamp_seconds{account=""} `+want)
	}
}

func TestEmptiedList(t *testing.T) {
	for tripped, want := range map[bool]string{true: "1", false: "0"} {
		r := unmade(4, end.Refused)
		r.Plan.Guards = []report.Guard{{Guard: "listing", Tripped: true}, {Guard: "emptied", Tripped: tripped}}
		s := New(nil)
		s.Add(Attempt{Account: account1, Policy: accepts, Report: r})
		has(t, s, `list_emptied{account="`+account1+`"} `+want)
	}
}

// Thousands of accounts, added by several at a time, are told one by one.
func TestManyAccounts(t *testing.T) {
	s := New(nil)
	var wg sync.WaitGroup
	for i := range 64 {
		wg.Go(func() {
			s.Add(Attempt{Account: strconv.Itoa(i), Policy: accepts, Report: rich()})
			_, _ = s.Gatherer().Gather()
		})
	}
	wg.Wait()
	if n := strings.Count(text(t, s.Gatherer()), "ackrevoke_run_exit_code{"); n != 64 || len(s.Accounts()) != 64 {
		t.Errorf("%d accounts", n)
	}
}

// Whatever others write into names, uids, clusters, messages and codes, no label
// has a piece of it, and the text is well formed.
func TestNoLabelHoldsWhatOthersControl(t *testing.T) {
	for _, poison := range []string{"mallory", "200000000000000099", "c0ffee\"} 1\nevil{a=\"", "\xff\x1b[2J"} {
		r := rich()
		spoil(reflect.ValueOf(r).Elem(), poison)
		r.Run.Version, r.Calls = "1.2.3", rich().Calls // the program's own words
		s := New(nil)
		s.Add(Attempt{Account: account1, Policy: accepts, Report: r})
		all := text(t, s.Gatherer())
		if strings.Contains(all, poison) || strings.Contains(all, "evil") {
			t.Errorf("%q is in:\n%s", poison, all)
		}
		has(t, s, `outcomes{account="`+account1+`",status="other"} 5`)
		for line := range strings.Lines(all) {
			if !strings.HasPrefix(line, "#") && !wellFormed.MatchString(line) {
				t.Errorf("with %q: %s", poison, line)
			}
		}
	}
}

var wellFormed = regexp.MustCompile(`^ackrevoke_[a-z_]+\{account="\d{16}"(,[a-z]+="[A-Za-z0-9_+.-]+")*\} ([0-9.e+]+|\+Inf)\n$`)

// spoil puts a text wherever a report has a place for one.
func spoil(v reflect.Value, text string) {
	switch v.Kind() {
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[report.Time]() {
			return
		}
		for i := range v.NumField() {
			spoil(v.Field(i), text)
		}
	case reflect.Slice:
		for i := range v.Len() {
			spoil(v.Index(i), text)
		}
	case reflect.Pointer:
		if !v.IsNil() {
			spoil(v.Elem(), text)
		}
	case reflect.String:
		v.SetString(text)
	}
}

// The words that a label can hold are all that the code has.
func TestWordsAreWhole(t *testing.T) {
	for _, c := range []struct {
		file, typ string
		list      []string
	}{{"../../policy/plan.go", "Why", whys}, {"../report/outcome.go", "Status", statuses}, {"../report/report.go", "Mode", modes}} {
		f, err := parser.ParseFile(token.NewFileSet(), c.file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		var words []string
		ast.Inspect(f, func(n ast.Node) bool {
			spec, ok := n.(*ast.ValueSpec)
			if !ok {
				return true
			}
			if typ, ok := spec.Type.(*ast.Ident); ok && typ.Name == c.typ {
				word, _ := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
				words = append(words, word)
			}
			return true
		})
		slices.Sort(words)
		if d := cmp.Diff(words, slices.Sorted(slices.Values(c.list))); d != "" || len(words) < 2 {
			t.Errorf("%s: %s", c.typ, d)
		}
	}
}
