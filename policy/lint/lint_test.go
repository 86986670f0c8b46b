package lint

import (
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	_ "time/tzdata"

	"ackrevoke/policy"
)

// theDay is when the examples are read.
var theDay = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

func rulesOf(found []Finding) []string {
	var rules []string
	for _, f := range found {
		rules = append(rules, f.Rule)
	}
	slices.Sort(rules)
	return slices.Compact(rules)
}

// folder has a file for every rule, named as the rule, that trips it and no other.
var folder = filepath.Join("..", "..", "testdata", "lint")

// Every rule can be tripped alone: by its file, and by the example that explains it.
func TestEveryRuleIsAlive(t *testing.T) {
	t.Parallel()
	for _, r := range slices.Concat(ofText, ofKeys, ofValues, ofMeaning, warnings) {
		file := filepath.Join(folder, r.ID+".yaml")
		if r.ID == policy.RuleTooLarge {
			checkTooLarge(t)
			continue
		}
		if os.Getenv("UPDATE") != "" {
			if err := os.WriteFile(file, []byte(Whole(r.Wrong)), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for what, text := range map[string][]byte{"its file": data, "its wrong example": []byte(Whole(r.Wrong))} {
			got := Check(file, text, theDay)
			if rules := rulesOf(got.Findings); !slices.Equal(rules, []string{r.ID}) || (got.Policy == nil) != (r.Severity == Error) {
				t.Errorf("%s: %s trips %v: %v", r.ID, what, rules, got.Findings)
			}
		}
		if got := Check(file, []byte(Whole(r.Right)), theDay); len(got.Findings) > 0 || got.Policy == nil {
			t.Errorf("%s: its right example has %v", r.ID, got.Findings)
		}
	}
}

func checkTooLarge(t *testing.T) {
	t.Helper()
	got := Check("p", []byte("version: 1\n#"+strings.Repeat("x", 1<<20)), theDay)
	if rules := rulesOf(got.Findings); !slices.Equal(rules, []string{policy.RuleTooLarge}) {
		t.Errorf("more than 1 MiB trips %v", rules)
	}
}

// Files without a rule would be tests that nobody runs.
func TestEveryFileHasARule(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(filepath.Join(folder, "*.yaml"))
	if err != nil || len(files) < 50 {
		t.Fatal(len(files), err)
	}
	for _, f := range files {
		if _, _, known := Lookup(strings.TrimSuffix(filepath.Base(f), ".yaml")); !known {
			t.Errorf("%s is named after no rule", f)
		}
	}
}

// The constants of policy are in the table, and the table says everything.
func TestTableIsWhole(t *testing.T) {
	t.Parallel()
	var named []string
	for _, name := range []string{"load_rules.go", "load_strange.go"} {
		source, err := os.ReadFile(filepath.Join("..", name))
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile(`(?m)^\tRule\w+ += "([a-z0-9-]+)"`).FindAllSubmatch(source, -1) {
			named = append(named, string(m[1]))
		}
	}
	if len(named) < 40 {
		t.Fatalf("only %d rules found in the source", len(named))
	}
	for _, id := range named {
		if _, _, known := Lookup(id); !known {
			t.Errorf("%s is in no table", id)
		}
	}
	seen := map[string]bool{}
	for _, r := range Rules() {
		if seen[r.ID] || r.Title == "" || r.Meaning == "" || r.Fix == "" || r.Severity != Error && r.Severity != Warning ||
			!regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`).MatchString(r.ID) || !strings.HasSuffix(r.Meaning, ".") {
			t.Errorf("%+v", r)
		}
		seen[r.ID] = true
	}
}

// What every policy of the tests trips has a known rule.
func TestKnownPoliciesTripKnownRules(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(filepath.Join("..", "..", "testdata", "policies", "*", "*.yaml"))
	if err != nil || len(files) < 70 {
		t.Fatal(len(files), err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		checkFindings(t, file, data)
	}
}

// checkFindings holds what is promised of every finding.
func checkFindings(t *testing.T, name string, data []byte) {
	t.Helper()
	got := Check(name, data, theDay)
	_, err := policy.Load(name, data)
	var wrong policy.Errors
	if errors.As(err, &wrong) != (got.Policy == nil) {
		t.Fatalf("%s: loads with %v, and lint says %v", name, err, got.Findings)
	}
	text := strings.ToValidUTF8(strings.TrimPrefix(string(data), "\ufeff"), "?")
	lines := 1 + strings.Count(text, "\n") + strings.Count(text, "\r") + strings.Count(text, "\u0085") + strings.Count(text, "\u2028") +
		strings.Count(text, "\u2029")
	for i, f := range got.Findings {
		r, _, known := Lookup(f.Rule)
		if !known || f.File != name || f.Message == "" || f.Fix == "" || (f.Severity == Error) != (got.Policy == nil) ||
			f.Severity != r.Severity {
			t.Errorf("%s: %+v", name, f)
		}
		if f.Line < 1 || f.Line > lines+1 || f.Column < 1 || f.Column > len(data)+1 {
			t.Errorf("%s: no such place in %d lines: %+v", name, lines, f)
		}
		if i > 0 && f.Line < got.Findings[i-1].Line {
			t.Errorf("%s: out of order: %+v", name, f)
		}
	}
}

func FuzzCheck(f *testing.F) {
	for _, pattern := range []string{folder, filepath.Join("..", "..", "testdata", "policies", "good")} {
		files, err := filepath.Glob(filepath.Join(pattern, "*.yaml"))
		if err != nil || len(files) == 0 {
			f.Fatal(pattern, err)
		}
		for _, file := range files {
			data, err := os.ReadFile(file)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(data)
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) { checkFindings(t, "p", data) })
}
