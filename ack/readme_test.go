package ack

import (
	"os"
	"strings"
	"testing"
)

// The README says what the program can do to an account: the rows of the table
// of operations that write, all of them, in its order, and nothing else. Who
// reads it has read the whole of what could be lost.
func TestReadmeNamesEveryWrite(t *testing.T) {
	text, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, found := strings.Cut(string(text), "\n## What it can do to an account\n")
	section, _, _ = strings.Cut(section, "\n## ")
	if !found {
		t.Fatal("the README has no section of what it can do to an account")
	}
	var rows []string
	for line := range strings.Lines(section) {
		if strings.HasPrefix(line, "| `") {
			rows = append(rows, line)
		}
	}
	i := 0
	for _, op := range operations {
		if !op.write {
			continue
		}
		if i == len(rows) {
			t.Fatalf("the README does not have %s", op.readme())
		}
		if !strings.HasPrefix(rows[i], op.readme()) {
			t.Errorf("row %d of the README is\n%s and the table of operations has\n%s", i+1, rows[i], op.readme())
		}
		i++
	}
	if i != len(rows) {
		t.Errorf("the README has rows that are no operation:\n%s", strings.Join(rows[i:], ""))
	}
}

// readme is the row of a write, as far as the table of operations knows it.
func (op operation) readme() string {
	call := op.name
	if op.fixed != "" {
		call += " " + op.fixed
	}
	var by []string
	for _, p := range []struct {
		power   power
		command string
	}{{takes, "run"}, {gives, "restore"}, {own, "self"}} {
		if op.by&p.power != 0 {
			by = append(by, p.command)
		}
	}
	return "| `" + call + "` | `" + strings.Join(op.ram, "`, `") + "` | " + strings.Join(by, ", ") + " | "
}
