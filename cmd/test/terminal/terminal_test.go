package terminal

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ackrevoke/cmd/test/stage"
	"ackrevoke/job/report"
)

// Every command that has tables, on the example and on names of other scripts.
var cases = []struct {
	name string
	exit int
	args []string
}{
	{"run", 0, []string{"run", "--simulate", "testdata/estate.yaml", "--policy", "policy.yaml"}},
	{"apply", 0, []string{"run", "--simulate", "testdata/estate.yaml", "--policy", "policy.yaml", "--dry-run=false"}},
	{"audit", 0, []string{"audit", "--simulate", "testdata/estate.yaml", "--policy", "policy.yaml", "--grants"}},
	{"show", 0, []string{"show", "alice", "--simulate", "testdata/estate.yaml"}},
	{"doctor", 0, []string{"doctor", "--simulate", "testdata/estate.yaml"}},
	{"names", 4, []string{"run", "--simulate", "names.yaml", "--policy", "names-policy.yaml", "--dry-run=false"}},
	{"names-dry", 4, []string{"run", "--simulate", "names.yaml", "--policy", "names-policy.yaml"}},
	{"refused", 4, []string{"run", "--simulate", "testdata/estate.yaml", "--policy", "policy.yaml", "--max-revocations", "1"}},
	{"add", 0, []string{"add", "carol", "--reason", "departed", "--simulate", "testdata/estate.yaml"}},
	{"inspect", 0, []string{"inspect", "--simulate", "testdata/estate.yaml", "leaked.yaml"}},
	{"wrong", 2, []string{"run", "--simulate", "testdata/estate.yaml", "--policy", "policy.yaml", "--only", "200000000000000003"}},
}

// no terminal is so wide: what stands on it was broken nowhere.
const veryWide = 2000

// No row of a table, no hint and no closing line is broken in the middle of a
// word. Only commands, which are to be pasted, and single words may be too long.
func TestTerminal(t *testing.T) {
	for _, c := range cases {
		whole := map[string]bool{}
		for word := range strings.FieldsSeq(show(t, veryWide, nil, c.args...).lines) {
			whole[word] = true
		}
		for _, columns := range []int{80, 100, 160} {
			t.Run(fmt.Sprintf("%s-%d", c.name, columns), func(t *testing.T) {
				got := show(t, columns, nil, c.args...)
				for line := range strings.Lines(got.lines) {
					if !fits(line, columns) {
						t.Errorf("more than %d columns: %s", columns, line)
					}
					for word := range strings.FieldsSeq(line) {
						if !whole[word] {
							t.Errorf("%q is no word that the program writes: %s", word, line)
						}
					}
				}
				if !strings.Contains(got.lines, fmt.Sprintf("%s %d\n", theEnd, c.exit)) {
					t.Errorf("another exit code than %d", c.exit)
				}
				golden(t, fmt.Sprintf("%s-%d.txt", c.name, columns), got.rows)
			})
		}
	}
}

// fits reports whether a line may stand on a terminal as it is.
func fits(line string, columns int) bool {
	line = strings.TrimRight(line, "\n")
	command := strings.HasPrefix(line, "ackrevoke ") || strings.Contains(line, "Next: ackrevoke ")
	patch := strings.HasPrefix(line, " ") && strings.Contains(line, "- {cluster: ") // a line of the policy, in a diff
	return command || patch || report.Width(line) <= columns || len(strings.Fields(line)) == 1
}

// folder is where a person would stand: with the example, and with names in
// scripts of double width and with marks that combine.
func folder(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "testdata"), 0o700); err != nil {
		t.Fatal(err)
	}
	for to, from := range map[string]string{"policy.yaml": filepath.Join(stage.Root(), "policy.yaml"),
		"testdata/estate.yaml": filepath.Join(stage.Root(), "testdata/estate.yaml"), "names.yaml": "testdata/names.yaml",
		"leaked.yaml":       filepath.Join(stage.Root(), "testdata/leaked.yaml"),
		"names-policy.yaml": "testdata/names-policy.yaml"} {
		if err := os.WriteFile(filepath.Join(dir, to), stage.Must(os.ReadFile(from)), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if os.Getenv("UPDATE") != "" {
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(string(stage.Must(os.ReadFile(path))), got); diff != "" {
		t.Errorf("%s (-want +got), UPDATE=1 writes it anew:\n%s", name, diff)
	}
}

// Columns stand one below another, whatever script the names are in.
func TestWideScriptsLineUp(t *testing.T) {
	got := show(t, 100, nil, "run", "--simulate", "names.yaml", "--policy", "names-policy.yaml").rows
	head, rows, _ := strings.Cut(got[strings.Index(got, "PRINCIPAL"):], "\n")
	rows, _, _ = strings.Cut(rows, "\n\n")
	var starts []int
	for _, name := range []string{"CLUSTER", "TAKEN AWAY", "WHY"} {
		starts = append(starts, strings.Index(head, name))
	}
	n := 0
	for row := range strings.Lines(rows) {
		for _, start := range starts {
			if at := places(strings.TrimRight(row, "\n")); len(at) > start && !slices.Equal(at[start-2:start], []string{" ", " "}) {
				t.Errorf("something reaches into column %d:\n%s\n%s", start, head, row)
			}
		}
		n++
	}
	if n < 3 || slices.Contains(starts, -1) {
		t.Errorf("%d rows, columns at %v:\n%s", n, starts, got)
	}
}

// places are what stands at each place of a row: a wide letter takes two.
func places(row string) (all []string) {
	for _, letter := range row {
		for n := range report.Width(string(letter)) {
			if n == 0 {
				all = append(all, string(letter))
			} else {
				all = append(all, "")
			}
		}
	}
	return all
}

var critical = regexp.MustCompile(`\x1b\[31mcritical`)

// How grave a finding is, is seen by its colour, unless nobody wants colours.
func TestColoursOnATerminal(t *testing.T) {
	for _, c := range []struct {
		env  []string
		want bool
	}{{nil, true}, {[]string{"NO_COLOR=1"}, false}, {[]string{"NO_COLOR="}, true}, {[]string{"NO_COLOR=1", "FORCE_COLOR=1"}, false}} {
		got := show(t, 100, c.env, "audit", "--simulate", "testdata/estate.yaml").coloured
		if is := critical.MatchString(got); is != c.want {
			t.Errorf("%v: coloured %v\n%q", c.env, is, got)
		}
		if !c.want && strings.Contains(got, "\x1b") {
			t.Errorf("%v: %q", c.env, got)
		}
	}
}

// What is no terminal gets lines as wide as they need to be, and so does whoever
// asks for that.
func TestWide(t *testing.T) {
	const id = "c0a1000000000000000000000000000001"
	for _, args := range [][]string{{"show", "alice", "--simulate", "testdata/estate.yaml", "--wide"},
		{"run", "--simulate", "testdata/estate.yaml", "--wide"}} {
		if got := show(t, 80, nil, args...); !strings.Contains(got.lines, "prod-cn ("+id+")  ") {
			t.Errorf("%v:\n%s", args, got.lines)
		}
	}
}
