package report

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// laid is what became of a table: its text, and by cell the words of it in the
// order in which they were written.
func laid(t *testing.T, x table, look Look) (text string, words map[Tone][]string) {
	t.Helper()
	words = map[Tone][]string{}
	for r, row := range x.rows {
		for c := range row {
			row[c].tone = Tone(fmt.Sprintf("%d/%d", r, c))
		}
	}
	look.Style = func(tone Tone, text string) string {
		words[tone] = append(words[tone], strings.Fields(text)...)
		return text
	}
	var b bytes.Buffer
	must(t, x.write(&b, look))
	return b.String(), words
}

// No text of a cell is lost, none is broken in a word, and no line is longer than
// the terminal is wide unless it is one word.
func FuzzTable(f *testing.F) {
	f.Add("alice (200000000000000001)|prod-cn|certificate until 2035-03-04T05:06:07Z; grants ops", 40)
	f.Add("小明 (200000000000000001)|生产 集群|e\u0301te\u0301 a\u0301", 24)
	f.Add("acs:ram::1234567890123456:assumed-role/ackrevoke/simulated||-", 30)
	f.Add("a  b   c|\x1b[31m\u202e|😀 👩\u200d🔧 🇩🇪", 25)
	f.Fuzz(func(t *testing.T, text string, width int) {
		if width < 24 || width > 300 || len(text) > 2000 {
			t.Skip()
		}
		cells := strings.SplitN(text, "|", 3)
		for len(cells) < 3 {
			cells = append(cells, "")
		}
		x := table{heads: []string{"PRINCIPAL", "ISSUED SINCE", "N"}, numbers: map[int]bool{2: true}}
		for i := range 3 { // each text in each column
			x.rows = append(x.rows, []cell{{text: cells[i]}, {text: cells[(i+1)%3]}, {text: cells[(i+2)%3]}})
		}
		out, words := laid(t, x, Look{Width: width})
		for r := range 3 {
			for c := range 3 {
				want := strings.Fields(Harmless(cells[(r+c)%3]))
				if got := words[Tone(fmt.Sprintf("%d/%d", r, c))]; !slices.Equal(got, want) {
					t.Errorf("row %d, column %d: %q, want %q\n%s", r, c, got, want, out)
				}
			}
		}
		for line := range strings.Lines(out) {
			line = strings.TrimSuffix(line, "\n")
			if n := displayWidth(line); n > width && len(strings.Fields(line)) > 1 {
				t.Errorf("%d columns on a terminal of %d:\n%s", n, width, line)
			}
		}
	})
}

// What is to be pasted is in one piece, and everything else is there too, in order.
func FuzzFold(f *testing.F) {
	f.Add("the plan is larger than the cap; to go on: ackrevoke run --allow-revocations 12 guard=maxRevocations", 30, 4)
	f.Add("\x1b[31mERR\x1b[0m ackrevoke run --allow-revocations 12, ackrevoke run --allow-revocations 12", 10, 2)
	f.Fuzz(func(t *testing.T, text string, width, indent int) {
		if width < 1 || width > 300 || indent < 0 || indent > 300 || len(text) > 2000 {
			t.Skip()
		}
		text = strings.Join(strings.Fields(text), " ") // what is harmless has no other spaces
		const command = "ackrevoke run --allow-revocations 12"
		lines := Fold(text, width, indent, command)
		together := strings.Join(lines, "\n")
		if got, want := strings.Fields(together), strings.Fields(text); !slices.Equal(got, want) {
			t.Errorf("%q, want %q", got, want)
		}
		if got, want := strings.Count(together, command), strings.Count(text, command); got != want {
			t.Errorf("the command stands there %d times, want %d\n%s", got, want, together)
		}
		for _, line := range lines {
			words := len(strings.Fields(strings.ReplaceAll(line, command, "x")))
			if n := displayWidth(bare(line)); n > width && words > 1 {
				t.Errorf("%d columns of %d: %q", n, width, line)
			}
		}
	})
}

// The three forms of one table, with names in scripts of double width and with
// marks that combine.
func TestTableForms(t *testing.T) {
	t.Parallel()
	x := table{heads: []string{"PRINCIPAL", "CLUSTER", "N", "TAKEN AWAY"}, numbers: map[int]bool{2: true}, rows: [][]cell{
		{{text: "小明 (200000000000000001)"}, {text: "生产-cn (c1a2b3…)"}, {text: "7"}, {text: "grants ops, dev in web"}},
		{{text: "Ame\u0301lie (200000000000000002)"}, {text: "prod-eu (c2b3c4…)"}, {text: "12"}, {text: "grants a-role-of-a-long-name, dev"}},
	}}
	for width, want := range map[int]string{
		0: `
PRINCIPAL                    CLUSTER             N  TAKEN AWAY
小明 (200000000000000001)    生产-cn (c1a2b3…)   7  grants ops, dev in web
Ame` + "\u0301" + `lie (200000000000000002)  prod-eu (c2b3c4…)  12  grants a-role-of-a-long-name, dev
`, 60: `
PRINCIPAL             CLUSTER      N  TAKEN AWAY
小明                  生产-cn      7  grants ops, dev in web
(200000000000000001)  (c1a2b3…)
Ame` + "\u0301" + `lie                prod-eu     12  grants
(200000000000000002)  (c2b3c4…)       a-role-of-a-long-name,
                                      dev
`, 36: `
PRINCIPAL   小明
            (200000000000000001)
CLUSTER     生产-cn (c1a2b3…)
N           7
TAKEN AWAY  grants ops, dev in web

PRINCIPAL   Ame` + "\u0301" + `lie
            (200000000000000002)
CLUSTER     prod-eu (c2b3c4…)
N           12
TAKEN AWAY  grants
            a-role-of-a-long-name,
            dev
`, 24: `
PRINCIPAL
  小明
  (200000000000000001)
CLUSTER     生产-cn
            (c1a2b3…)
N           7
TAKEN AWAY  grants ops,
            dev in web

PRINCIPAL
  Ame` + "\u0301" + `lie
  (200000000000000002)
CLUSTER     prod-eu
            (c2b3c4…)
N           12
TAKEN AWAY
  grants
  a-role-of-a-long-name,
  dev
`} {
		var b bytes.Buffer
		must(t, x.write(&b, Look{Width: width}))
		if got := "\n" + b.String(); got != want {
			t.Errorf("width %d:%s\nwant%s", width, got, want)
		}
	}
}

func TestShorten(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ ids, want string }{
		{"c81e728d9d4c2f636f067f89cc14862c c4ca4238a0b923820dcc509a6f75849b", "c81e728d… c4ca4238…"},
		{"c81e728d9d4c2f636f067f89cc14862c c81e728d9f4c2f636f067f89cc14862c", "c81e728d9d… c81e728d9f…"},
		{"c0a1000000000000000000000000000001 c0a1000000000000000000000000000012", "c0a1…0001 c0a1…0012"},
		{"c0a1000000000000000000000000010001 c0a1000000000000000000000000020001", "c0a1…10001 c0a1…20001"},
		{"c1 c2 c2", "c1 c2 c2"}, {"c12345678 c123456789", "c12345678 c1234567…"}, {"", ""},
	} {
		short := shorten(strings.Fields(c.ids))
		got := strings.Join(mapped(strings.Fields(c.ids), func(id string) string { return short[id] }), " ")
		if got != c.want {
			t.Errorf("%s: %s, want %s", c.ids, got, c.want)
		}
	}
}

// A terminal gets short ids; --wide, and whoever reads what is no terminal, all of them.
func TestClusterIDsInTables(t *testing.T) {
	t.Parallel()
	r := incomplete()
	for i := range r.Plan.Actions {
		if a := &r.Plan.Actions[i]; a.Cluster.ID != "" {
			a.Cluster.ID = a.Cluster.ID + strings.Repeat("0", 26)
		}
	}
	for _, c := range []struct {
		look  Look
		whole bool
	}{{Look{}, true}, {Look{Width: 200}, false}, {Look{Width: 200, Wide: true}, true}} {
		var b bytes.Buffer
		must(t, PlanTable(&b, r, c.look))
		if whole := strings.Contains(b.String(), c1+strings.Repeat("0", 26)); whole != c.whole {
			t.Errorf("%+v: whole ids %v\n%s", c.look, whole, b.String())
		}
		if strings.Count(b.String(), "\n") != 1+len(r.Plan.Actions) || !strings.Contains(b.String(), alice) {
			t.Errorf("%+v:\n%s", c.look, b.String())
		}
	}
}
