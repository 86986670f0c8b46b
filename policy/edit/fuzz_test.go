package edit

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"ackrevoke/policy"
)

// FuzzAdd: whatever policy there is, an entry goes in and nothing else changes,
// or its text is handed over; there is no third way.
func FuzzAdd(f *testing.F) {
	files, err := filepath.Glob(filepath.Join("..", "..", "testdata", "policies", "good", "*.yaml"))
	if err != nil || len(files) < 8 {
		f.Fatalf("%d policies found: %v", len(files), err)
	}
	for _, file := range append(files, filepath.Join("..", "..", "policy.yaml")) {
		data, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data, "200000000000000003", "x")
		f.Add(data, "400000000000000003", "a: b")
	}
	for _, l := range layouts {
		f.Add([]byte(head+l.old), "5", "no")
	}
	f.Fuzz(func(t *testing.T, data []byte, uid, word string) {
		old, err := policy.Load("p.yaml", data)
		if err != nil {
			t.Skip()
		}
		e := newcomer
		e.UID, e.Name, e.Note = uid, word, word
		p, err := e.Principal(old.Location)
		listed := slices.ContainsFunc(old.Principals, func(q policy.Principal) bool { return q.UID == uid })
		done, wrong := Add("p.yaml", data, e)
		if err != nil || listed {
			if wrong == nil {
				t.Fatalf("added, although %v, listed %v", err, listed)
			}
			return
		}
		if p.Name != word || p.Note != word {
			t.Fatalf("%q became %q, %q", word, p.Name, p.Note)
		}
		var by *ByHand
		if errors.As(wrong, &by) {
			return
		}
		if wrong != nil {
			t.Fatal(wrong)
		}
		checkEdit(t, string(data), done, true)
		checkCompletion(t, done.New, uid)
	})
}

// checkCompletion completes what was just added.
func checkCompletion(t *testing.T, data []byte, uid string) {
	t.Helper()
	bare := Entry{UID: uid + "0", Kind: policy.User, Reason: policy.Departed}
	added, err := Add("p.yaml", data, bare)
	if err != nil {
		return // listed already, too long, or handed over
	}
	done, err := Complete("p.yaml", added.New, []Change{{UID: bare.UID, Name: "eve", CreatedAt: born}})
	if err != nil {
		t.Fatalf("what was added cannot be completed: %v\n%s", err, added.New)
	}
	checkEdit(t, string(added.New), done, false)
}

// Policies as people could write them, by the hundred: a place must be found in
// each, and without the lines that came the text is the old one.
func TestAddToMany(t *testing.T) {
	t.Parallel()
	for seed := range uint64(400) {
		r := rand.New(rand.NewPCG(seed, 1))
		old := written(r)
		if _, err := policy.Load("p.yaml", []byte(old)); err != nil {
			t.Fatalf("seed %d: %v\n%s", seed, err, old)
		}
		e := newcomer
		e.UID = fmt.Sprint(2*r.IntN(12) + 1)
		done, err := Add("p.yaml", []byte(old), e)
		if err != nil {
			t.Fatalf("seed %d: %v\n%s", seed, err, old)
		}
		checkEdit(t, old, done, true)
		if strings.Contains(done.Diff("p.yaml"), "\n-") {
			continue // brackets, or an end without a break
		}
		came := map[int]bool{}
		now := splitLines(string(done.New))
		for i, j := 0, 0; i < len(now); i++ {
			if rows := splitLines(old); j < len(rows) && rows[j] == now[i] {
				j++
				continue
			}
			came[i] = true
		}
		var without []string
		for i, l := range now {
			if !came[i] {
				without = append(without, l)
			}
		}
		if got := strings.Join(without, ""); got != old {
			t.Fatalf("seed %d: without the new lines it is\n%s\nand was\n%s", seed, got, old)
		}
	}
}

// written is a policy in some layout: entries have even uids.
func written(r *rand.Rand) string {
	pick := func(of ...string) string { return of[r.IntN(len(of))] }
	var b strings.Builder
	b.WriteString(pick("", "", "\ufeff") + pick("", "# a policy\n", "---\n"))
	before, after := "", "guards:\n  protect:\n    - {name: \"x-*\"}\n"
	if r.IntN(2) == 0 {
		before, after = after, before
	}
	b.WriteString(head + before)
	uids := r.Perm(12)[:r.IntN(6)]
	if r.IntN(3) > 0 {
		slices.Sort(uids)
	}
	indent := strings.Repeat(" ", r.IntN(5))
	brackets := r.IntN(4) == 0 || len(uids) == 0
	switch {
	case brackets && r.IntN(2) == 0:
		b.WriteString("principals: [" + pick("", " ") + pick("", "\n  ", "# who\n"))
	case brackets:
		b.WriteString("principals: [")
	default:
		b.WriteString("principals:" + pick("", " # who left") + "\n")
	}
	for i, n := range uids {
		uid := fmt.Sprint(2 * (n + 1))
		if brackets {
			// a bracket in quotes is none
			b.WriteString(fmt.Sprintf("{uid: %q, reason: departed, note: %s}", uid, pick("x", `"}"`, "'it''s'", "it's")))
			if i+1 < len(uids) {
				b.WriteString("," + pick(" ", "", "\n  ", " # next\n  "))
			}
			continue
		}
		b.WriteString(pick("", "", "\n", indent+"# comment\n", "\n"+indent+"# comment\n"))
		if r.IntN(2) == 0 {
			fmt.Fprintf(&b, "%s- {uid: %q, reason: departed}%s\n", indent, uid, pick("", " # left"))
			continue
		}
		fmt.Fprintf(&b, "%s- uid: %q%s\n%s  reason: departed\n", indent, uid, pick("", " # left"), indent)
		b.WriteString(pick("", indent+"  ticket: X\n", indent+"  note: |\n"+indent+"    a\n"+indent+"    # b\n",
			indent+"  note: >-\n"+indent+"    a\n\n"+indent+"    b\n",
			indent+"  note: \"a\n"+indent+"    b\"\n", indent+"  # nothing more\n", indent+"  clusters:\n"+indent+"  - c1\n"+indent+"  - \"c-*\"\n"))
	}
	if brackets {
		b.WriteString(pick("", " ", "\n") + "]" + pick("\n", " # end\n"))
	}
	b.WriteString(pick("", "\n", "# end\n", "\n# end\n") + after)
	text := b.String()
	if r.IntN(4) == 0 {
		text = strings.ReplaceAll(text, "\n", "\r\n")
	}
	if r.IntN(4) == 0 {
		text = strings.TrimRight(text, "\r\n")
	}
	return text
}
