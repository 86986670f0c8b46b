package change

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"ackrevoke/job/report"
	"ackrevoke/policy"
)

const pairs = "../../testdata/diff"

// Each folder of testdata/diff has two policies, and what their comparison says
// in every format; UPDATE=1 writes that anew.
func TestGoldenPairs(t *testing.T) {
	t.Parallel()
	folders, err := filepath.Glob(filepath.Join(pairs, "*"))
	if err != nil || len(folders) < 12 {
		t.Fatalf("%d pairs: %v", len(folders), err)
	}
	for _, folder := range folders {
		t.Run(filepath.Base(folder), func(t *testing.T) {
			t.Parallel()
			d := Compare(version(t, folder, "old.yaml"), version(t, folder, "new.yaml"))
			sound(t, d)
			var text, md bytes.Buffer
			if err := d.Text(&text, report.Look{}); err != nil {
				t.Fatal(err)
			}
			if err := d.Markdown(&md); err != nil {
				t.Fatal(err)
			}
			encoded, err := d.Encode()
			if err != nil {
				t.Fatal(err)
			}
			for name, got := range map[string][]byte{"diff.txt": text.Bytes(), "diff.md": md.Bytes(), "diff.json": encoded} {
				golden(t, filepath.Join(folder, name), got)
			}
			fits(t, encoded)
			for r := range runes(text.String() + md.String() + string(encoded)) {
				if r != '\n' && report.Hidden(r) {
					t.Errorf("%U is in it", r)
				}
			}
		})
	}
}

// What order, comments and layout say is nothing.
func TestNoChange(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"reorder-only", "comment-only", "same-file"} {
		folder := filepath.Join(pairs, name)
		if d := Compare(version(t, folder, "old.yaml"), version(t, folder, "new.yaml")); len(d.Changes) > 0 {
			t.Errorf("%s: %+v", name, d.Changes)
		}
	}
}

func runes(s string) map[rune]bool {
	all := map[rune]bool{}
	for _, r := range s {
		all[r] = true
	}
	return all
}

func version(t *testing.T, folder, name string) Version {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(folder, name))
	if err != nil {
		t.Fatal(err)
	}
	p, err := policy.Load(name, data)
	if err != nil {
		t.Fatal(err)
	}
	return Version{name, p}
}

func golden(t *testing.T, path string, got []byte) {
	t.Helper()
	if os.Getenv("UPDATE") != "" {
		if err := os.WriteFile(path, got, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), string(got)); d != "" {
		t.Errorf("%s (UPDATE=1 writes it anew):\n%s", path, d)
	}
}

// fits holds a document to the published schema, and to one that forbids what
// the published one does not name.
func fits(t *testing.T, encoded []byte) {
	t.Helper()
	for _, shut := range []bool{false, true} {
		doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(report.Schema("diff")))
		if err != nil {
			t.Fatal(err)
		}
		if shut {
			closed(doc)
		}
		c := jsonschema.NewCompiler()
		if err := c.AddResource("urn:ackrevoke:diff:v1", doc); err != nil {
			t.Fatal(err)
		}
		s, err := c.Compile("urn:ackrevoke:diff:v1")
		if err != nil {
			t.Fatal(err)
		}
		value, err := jsonschema.UnmarshalJSON(bytes.NewReader(encoded))
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Validate(value); err != nil {
			t.Errorf("with nothing else allowed: %v: %v", shut, err)
		}
	}
}

func closed(v any) {
	switch v := v.(type) {
	case map[string]any:
		if _, ok := v["required"]; ok {
			v["additionalProperties"] = false
		}
		for _, k := range v {
			closed(k)
		}
	case []any:
		for _, e := range v {
			closed(e)
		}
	}
}

// A file that is not there on one side.
func TestAbsent(t *testing.T) {
	t.Parallel()
	is := version(t, filepath.Join(pairs, "loosened-guards"), "new.yaml")
	gone := Version{Path: "git:main:policy.yaml"}
	d := Compare(gone, is)
	if d.Summary.Added != 3 || d.Summary.Loosened != 3 || d.Summary.Tightened != 2 || !d.Old.Absent {
		t.Errorf("%+v", d.Summary) // beside the defaults: two caps up, one down, allowEmpty, and one name protected
	}
	if back := Compare(is, gone); back.Summary.Removed != 3 || !back.New.Absent {
		t.Errorf("%+v", back.Summary)
	}
	if d := Compare(gone, gone); len(d.Changes) > 0 || d.headline() != "no change: neither is there" {
		t.Errorf("%+v", d)
	}
}

// crowd is a policy of n entries, whose names and tickets are as long and as
// full of signs as they may be.
func crowd(n int, prefix string) *policy.Policy {
	p := nothing(nil)
	p.Account = "1234567890123456"
	for i := range n {
		p.Principals = append(p.Principals, policy.Principal{UID: fmt.Sprintf("%s%015d", prefix, i*7919), Name: strings.Repeat("@x#1 ", 60),
			Reason: policy.Departed, Force: true, Ticket: strings.Repeat("<|>", 100), Line: i + 1})
	}
	return p
}

func TestMarkdownFitsAComment(t *testing.T) {
	t.Parallel()
	for _, n := range []int{0, 1, 30, 500, 2_000} {
		d := diffOf(crowd(n, "200"), crowd(n+1, "300"))
		d.Live = report.New()
		d.Live.Plan.Digest = "sha256:" + strings.Repeat("ab", 32)
		for i := range n {
			d.Live.Plan.Actions = append(d.Live.Plan.Actions, report.Action{UID: fmt.Sprint(i), Name: strings.Repeat("|", 300),
				Cluster: report.Cluster{ID: "c1", Name: strings.Repeat("#", 300)}})
		}
		for range min(n, 100) {
			d.Live.Plan.Guards = append(d.Live.Plan.Guards, report.Guard{Guard: "maxPrincipals", Message: strings.Repeat("<b>", 3000)})
		}
		var md bytes.Buffer
		if err := d.Markdown(&md); err != nil {
			t.Fatal(err)
		}
		s := md.String()
		if md.Len() > mostMarkdown || utf8.RuneCountInString(s) > 65_536 || !utf8.ValidString(s) {
			t.Errorf("%d entries: %d bytes", n, md.Len())
		}
		if !strings.Contains(s, d.Live.Plan.Digest) {
			t.Errorf("%d entries: the digest was cut", n)
		}
		accounted(t, s, "removed", n)
		accounted(t, s, "added", n+1)
		if n >= 500 && !strings.Contains(s, "more actions") {
			t.Errorf("%d entries: nothing says that actions were cut", n)
		}
	}
}

// accounted counts the rows of a class, and those of which it is said that they
// are not shown.
func accounted(t *testing.T, s, class string, want int) {
	t.Helper()
	_, after, found := strings.Cut(s, "\n**"+map[string]string{"removed": titles[Removed], "added": titles[Added]}[class]+"**")
	if !found {
		if want > 0 {
			t.Errorf("no entry is %s", class)
		}
		return
	}
	section, _, _ := strings.Cut(strings.TrimPrefix(after[strings.Index(after, "\n"):], "\n\n"), "\n\n")
	n := 0
	for row := range strings.Lines(section) {
		var more int
		if _, err := fmt.Sscanf(row, "- and %d more entr", &more); err == nil {
			n += more
		} else if strings.HasPrefix(row, "- ") {
			n++
		}
	}
	if n != want {
		t.Errorf("%d of %d entries that were %s are accounted for", n, want, class)
	}
}

// Of many entries whose uids all changed, each finds the one that it was.
func TestManyMistyped(t *testing.T) {
	t.Parallel()
	a, b := crowd(2000, "200"), crowd(2000, "200")
	for i := range b.Principals {
		p := &b.Principals[i]
		p.Name, a.Principals[i].Name = fmt.Sprint("n", i), fmt.Sprint("n", i)
		p.UID = p.UID[:17] + string('a'+rune(i%26))
	}
	d := diffOf(a, b)
	if got := len(d.mistyped()); got != 2000 {
		t.Errorf("%d pairs", got)
	}
	for _, x := range d.mistyped() {
		if !slices.Equal(x.Near.Because, []string{byName, byUID}) || x.Near.UID[:17] != x.UID[:17] {
			t.Fatalf("%+v", x.Near)
		}
	}
}

func TestSlips(t *testing.T) {
	t.Parallel()
	near := func(a, b string) bool {
		return slices.ContainsFunc(slips(a), func(s string) bool { return slices.Contains(slips(b), s) })
	}
	for _, x := range []struct {
		a, b string
		want bool
	}{
		{"203371936492837465", "203371936492837466", true},
		{"203371936492837465", "203371936492837456", true},
		{"203371936492837465", "20337193649283746", true},
		{"203371936492837465", "2033719364928374655", true},
		{"203371936492837465", "203371936492830000", true},
		{"203371936492837465", "203371936492937475", false},
		{"203371936492837465", "248812736451908273", false},
		{"1234", "1235", false},
	} {
		if near(x.a, x.b) != x.want || near(x.b, x.a) != x.want {
			t.Errorf("%s and %s: %v", x.a, x.b, !x.want)
		}
	}
}

// The JSON of a comparison can be read again by whoever knows its fields.
func TestReadAgain(t *testing.T) {
	t.Parallel()
	d := Compare(version(t, filepath.Join(pairs, "scope"), "old.yaml"), version(t, filepath.Join(pairs, "scope"), "new.yaml"))
	data, err := d.Encode()
	if err != nil {
		t.Fatal(err)
	}
	var again Diff
	if err := json.Unmarshal(data, &again); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(*d, again); diff != "" {
		t.Error(diff)
	}
}

// What ten thousand entries cost that all went, and ten thousand others that came.
func BenchmarkCompare(b *testing.B) {
	old, new := crowd(10_000, "200"), crowd(10_000, "300")
	for b.Loop() {
		var md bytes.Buffer
		if err := diffOf(old, new).Markdown(&md); err != nil || md.Len() == 0 {
			b.Fatal(err)
		}
	}
}
