package edit

import (
	"regexp"
	"strconv"
	"strings"
	"testing"

	"ackrevoke/policy"
)

// checkEdit holds an edit to its promises: every byte of the old text is in
// the new one, in order; the new text is a policy; the diff makes the one from
// the other. added: no byte may go but the brackets of an empty list.
func checkEdit(t *testing.T, old string, e *Edit, added bool) {
	t.Helper()
	if string(e.Old) != old {
		t.Fatalf("the old text is another:\n%q\n%q", old, e.Old)
	}
	rest := e.parts
	text := strings.TrimPrefix(old, "\ufeff")
	for _, p := range rest {
		if gone := strings.TrimSpace(text[p.at : p.at+p.cut]); gone != "" && strings.Trim(gone, "[] \t") != "" || p.cut > 0 && !added {
			t.Errorf("taken out: %q", text[p.at:p.at+p.cut])
		}
	}
	if _, err := policy.Load("p.yaml", e.New); err != nil {
		t.Errorf("the new text does not load: %v", err)
	}
	if got := patched(t, old, e.Diff("p.yaml")); got != string(e.New) {
		t.Errorf("the diff makes\n%q\nof the old text, and not\n%q\n%s", got, e.New, e.Diff("p.yaml"))
	}
}

var hunkHead = regexp.MustCompile(`^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@\n$`)

// patched applies a unified diff as patch does, and checks its numbers.
func patched(t *testing.T, old, diff string) string {
	t.Helper()
	lines := splitLines(old)
	var out []string
	at := 0
	rows := splitLines(diff)
	for i := 2; i < len(rows); {
		m := hunkHead.FindStringSubmatch(rows[i])
		if m == nil {
			t.Fatalf("no head of a hunk: %q", rows[i])
		}
		n := make([]int, 5)
		for k := range 4 {
			n[k+1] = 1 // a head leaves one line out
			if m[k+1] != "" {
				n[k+1], _ = strconv.Atoi(m[k+1])
			}
		}
		from := n[1] - 1
		if n[2] == 0 {
			from = n[1]
		}
		out = append(out, lines[at:from]...)
		at = from
		if want := len(out) + 1; n[4] > 0 && n[3] != want {
			t.Errorf("the hunk begins at line %d of the new text, and says %d", want, n[3])
		}
		removed, brought := 0, 0
		for i++; i < len(rows) && !strings.HasPrefix(rows[i], "@@"); i++ {
			row := rows[i][1:]
			if i+1 < len(rows) && strings.HasPrefix(rows[i+1], `\`) {
				row = strings.TrimSuffix(row, "\n")
			}
			switch rows[i][0] {
			case ' ', '-':
				if at >= len(lines) || lines[at] != row {
					t.Fatalf("line %d is not %q", at+1, row)
				}
				at, removed = at+1, removed+1
				if rows[i][0] == ' ' {
					out, brought = append(out, row), brought+1
				}
			case '+':
				out, brought = append(out, row), brought+1
			}
		}
		if removed != n[2] || brought != n[4] {
			t.Errorf("the hunk says -%d +%d and has -%d +%d", n[2], n[4], removed, brought)
		}
	}
	return strings.Join(append(out, lines[at:]...), "")
}

// splitLines keeps the breaks.
func splitLines(text string) []string {
	lines := strings.SplitAfter(text, "\n")
	if lines[len(lines)-1] == "" {
		lines = lines[:len(lines)-1]
	}
	return lines
}
