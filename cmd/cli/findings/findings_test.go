package findings

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	junit "github.com/joshdk/go-junit"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"ackrevoke/policy/lint"
)

var theDay = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// hostile is a name that means something in every one of the formats.
const hostile = "a: b/[x](y),{0}%41\n::error::no\u202e<b>&\"'\U0001F600.yaml"

// everything is a report of every file that the rules have, and of a hostile one.
func everything(t *testing.T, strict bool) *Report {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("..", "..", "..", "testdata", "lint", "*.yaml"))
	if err != nil || len(files) < 50 {
		t.Fatal(len(files), err)
	}
	r := &Report{Version: "v1", Strict: strict}
	for _, name := range files {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		r.add(filepath.Base(name), data)
	}
	text := strings.NewReplacer("\n", `\n`, `"`, `\"`).Replace(hostile)
	r.add(hostile, []byte(`{version: 1, account: "1", principals: [{uid: "2", reason: "`+text+`", "`+text+`": 1}]}`))
	r.add("<stdin>", []byte(`{version: 1, account: "1", guards: {protect: [{name: "*"}]}, principals: [{uid: "2", name: "`+text+`", reason: departed}]}`))
	r.Files = append(r.Files, File{Name: "/no/where.yaml", Missing: true,
		Findings: []lint.Finding{lint.Of("/no/where.yaml", lint.Missing, "/no/where.yaml is missing", "")}})
	return r
}

func (r *Report) add(name string, data []byte) {
	got := lint.Check(name, data, theDay)
	f := File{Name: name, Valid: got.Policy != nil, Findings: got.Findings, Allowed: got.Allowed}
	if f.Valid {
		f.Entries = len(got.Policy.Principals)
	}
	r.Files = append(r.Files, f)
}

func written(t *testing.T, format string, r *Report) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := Writers[format](&b, r); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func valid(t *testing.T, schema, document []byte) map[string]any {
	t.Helper()
	parse := func(data []byte) any {
		doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
		return doc
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource("urn:it", parse(schema)); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("urn:it")
	if err != nil {
		t.Fatal(err)
	}
	doc := parse(document)
	if err := s.Validate(doc); err != nil {
		t.Error(err)
	}
	return doc.(map[string]any)
}

// ends is how often there is a finding, and how the command ends.
func ends(t *testing.T, r *Report) (findings int) {
	t.Helper()
	errors, warnings := r.Count()
	if errors < 40 || warnings < 13 || r.ExitCode() != 2 {
		t.Fatalf("%d errors, %d warnings, exit %d", errors, warnings, r.ExitCode())
	}
	return errors + warnings
}

func TestJSONIsWhatItsSchemaSays(t *testing.T) {
	t.Parallel()
	r := everything(t, false)
	closed := bytes.ReplaceAll(Schema(), []byte(`"type": "object"`), []byte(`"type": "object", "additionalProperties": false`))
	doc := valid(t, closed, written(t, "json", r))
	if got := doc["findings"].([]any); len(got) != ends(t, r) {
		t.Errorf("%d findings", len(got))
	}
	valid(t, Schema(), written(t, "json", &Report{}))
}

func TestSARIFIsWhatItsSchemaSays(t *testing.T) {
	t.Parallel()
	schema, err := os.ReadFile(filepath.Join("..", "..", "..", "testdata", "sarif-schema-2.1.0.json"))
	if err != nil {
		t.Fatal(err)
	}
	for _, strict := range []bool{false, true} {
		r := everything(t, strict)
		run := valid(t, schema, written(t, "sarif", r))["runs"].([]any)[0].(map[string]any)
		results := run["results"].([]any)
		if len(results) != ends(t, r) {
			t.Errorf("%d results", len(results))
		}
		rules := run["tool"].(map[string]any)["driver"].(map[string]any)["rules"].([]any)
		prints := map[string]bool{}
		for _, x := range results {
			checkResult(t, x.(map[string]any), rules, prints, strict)
		}
	}
	valid(t, schema, written(t, "sarif", &Report{}))
}

func checkResult(t *testing.T, x map[string]any, rules []any, prints map[string]bool, strict bool) {
	t.Helper()
	n, err := x["ruleIndex"].(interface{ Int64() (int64, error) }).Int64()
	if err != nil || rules[n].(map[string]any)["id"] != x["ruleId"] || strict && x["level"] != "error" {
		t.Errorf("result %v", x)
	}
	print := x["partialFingerprints"].(map[string]any)[fingerprint].(string)
	if prints[print] {
		t.Errorf("two results have the fingerprint %s", print)
	}
	prints[print] = true
	place := x["locations"].([]any)[0].(map[string]any)["physicalLocation"].(map[string]any)["artifactLocation"].(map[string]any)
	uri := place["uri"].(string)
	absolute := strings.HasPrefix(uri, "file:///")
	if absolute == (place["uriBaseId"] == "%SRCROOT%") || strings.ContainsAny(uri, " \n\"<>[]{}") {
		t.Errorf("uri %v", place)
	}
	if text := x["message"].(map[string]any)["text"].(string); regexp.MustCompile(`(^|[^{])\{\d+\}|[^\\]\[[^\]\\]*\]\(`).MatchString(text) {
		t.Errorf("a placeholder or a link: %s", text)
	}
}

// A finding keeps its fingerprint when lines are put in above it, and when a day passes.
func TestFingerprintsStay(t *testing.T) {
	t.Parallel()
	const text = `{version: 1, account: "1", guards: {raise: {maxPrincipals: 20, until: 2026-11-30}}, principals: [` +
		"\n" + `{uid: "234567890123456781", name: a, reason: departed}, {uid: "234567890123456782", name: b, reason: departed}]}`
	prints := func(text string, now time.Time) []string {
		var all []string
		seen := map[string]int{}
		for _, x := range lint.Check("p", []byte(text), now).Findings {
			all = append(all, print(x, seen))
		}
		return all
	}
	before, after := prints(text, theDay), prints("# a comment\n"+text, theDay.AddDate(0, 0, 2))
	if len(before) != 2 || strings.Join(before, " ") != strings.Join(after, " ") {
		t.Errorf("%v, then %v", before, after)
	}
}

// annotation is a workflow command as GitHub reads it: one line, properties between
// commas, the message behind the second pair of colons.
var annotation = regexp.MustCompile(`^::(error|warning) ((?:\w+=[^,:\r\n]*,?)+)::([^\r\n]*)$`)

func TestGitHubAnnotationsAreEscaped(t *testing.T) {
	t.Parallel()
	r := everything(t, false)
	lines := strings.Split(strings.TrimSuffix(string(written(t, "github", r)), "\n"), "\n")
	if len(lines) != ends(t, r) {
		t.Errorf("%d lines", len(lines))
	}
	var all []lint.Finding
	for _, f := range r.Files {
		all = append(all, f.Findings...)
	}
	back := strings.NewReplacer("%0D", "\r", "%0A", "\n", "%3A", ":", "%2C", ",", "%25", "%")
	for i, line := range lines {
		m := annotation.FindStringSubmatch(line)
		if m == nil {
			t.Errorf("no annotation: %q", line)
			continue
		}
		got := map[string]string{}
		for _, p := range strings.Split(m[2], ",") {
			k, v, _ := strings.Cut(p, "=")
			got[k] = back.Replace(v)
		}
		if want := all[i]; got["file"] != slashed(want.File) || got["title"] != want.Rule || m[1] != string(want.Severity) || got["line"] == "" ||
			got["col"] == "" {
			t.Errorf("%q is not %+v", line, want)
		}
	}
}

// A parser of JUnit files reads one suite for each file, and a failure where there is
// an error.
func TestJUnitIsRead(t *testing.T) {
	t.Parallel()
	for _, strict := range []bool{false, true} {
		r := everything(t, strict)
		suites, err := junit.Ingest(written(t, "junit", r))
		if err != nil || len(suites) != len(r.Files) {
			t.Fatalf("%d suites of %d files: %v", len(suites), len(r.Files), err)
		}
		for i, s := range suites {
			errors, warnings := r.Files[i].Count()
			failed := errors > 0 || strict && warnings > 0
			if (s.Totals.Failed > 0) != failed || s.Totals.Error > 0 || len(s.Tests) < 14 || (s.Totals.Skipped > 0) == r.Files[i].Valid {
				t.Errorf("%s, strict %v: %+v", s.Name, strict, s.Totals)
			}
			for _, c := range s.Tests {
				if c.Error != nil && !strings.Contains(c.Error.Error(), r.Files[i].Findings[0].Rule) && errors > 0 {
					t.Errorf("%s: %v", c.Name, c.Error)
				}
			}
		}
	}
}

func TestTextIsHarmless(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	for _, f := range everything(t, false).Files {
		if err := Text(&b, f); err != nil {
			t.Fatal(err)
		}
	}
	for line := range strings.Lines(b.String()) {
		form := regexp.MustCompile(`^(    fix: .+|.+\.yaml:\d+:\d+: .+ \[[a-z0-9-]+\]|<stdin>:\d+:\d+: .+ \[[a-z0-9-]+\]|.+ is missing \[missing-file\])\n$`)
		if !form.MatchString(line) || strings.ContainsRune(line, '\u202e') {
			t.Errorf("%q", line)
		}
	}
}
