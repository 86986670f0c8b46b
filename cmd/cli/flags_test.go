package cli

import (
	"slices"
	"testing"
)

// What decides whether and how much is revoked, and which account it hits, is
// taken from the command line alone; and run has every flag of the table.
func TestTableOfFlags(t *testing.T) {
	never := []string{"dry-run", "simulate", "only", "policy-dir", "shard",
		"check", "allow-revocations", "expect-plan", "forget", "max-principals", "max-revocations",
		"schedule", "metrics-listen",
		"cs-endpoint", "ram-endpoint", "sts-endpoint"}
	var names, without []string
	for _, x := range new(options).table() {
		if !slices.Contains(every, x.group) || x.help == "" || x.at == nil {
			t.Errorf("--%s is not whole: %+v", x.name, x)
		}
		if slices.Contains(names, x.name) {
			t.Errorf("--%s stands there twice", x.name)
		}
		names = append(names, x.name)
		if !x.variable {
			without = append(without, x.name)
		}
	}
	slices.Sort(never)
	slices.Sort(without)
	if !slices.Equal(never, without) {
		t.Errorf("the command line alone sets %v, and should %v", without, never)
	}
	run := Program{}.runCommand().Flags()
	for _, name := range names {
		if run.Lookup(name) == nil {
			t.Errorf("run has no --%s", name)
		}
	}
}
