package cli

import (
	"slices"
	"testing"

	"ackrevoke/job/report"
)

// Names that a file system may take for one are one; a file that clashes in its
// name is not said to clash in its account as well.
func TestClash(t *testing.T) {
	var files []policyFile
	for _, f := range []struct{ name, stem, account string }{
		{"A.yaml", "A", "1"}, {"a.yaml", "a", "2"}, {"b.yaml", "b", "3"}, {"c.yaml", "c", "3"}, {"d.yaml", "d", ""}, {"e.yaml", "e", ""},
		{"f.yaml", "f", "4"}, {"SUMMARY-1-of-2.yaml", "SUMMARY-1-of-2", "5"}, {"summary-of.yaml", "summary-of", "6"},
	} {
		files = append(files, policyFile{PolicyFile: report.PolicyFile{File: f.name}, stem: f.stem, account: f.account})
	}
	clash(files)
	var said []string
	for _, f := range files {
		said = append(said, f.wrong)
	}
	want := []string{"several policy files would write one report, A.json: A.yaml, a.yaml",
		"several policy files would write one report, a.json: A.yaml, a.yaml", "several policy files are about account 3: b.yaml, c.yaml",
		"several policy files are about account 3: b.yaml, c.yaml", "", "", "",
		"its report would take the place of a summary: SUMMARY-1-of-2.json", ""}
	if !slices.Equal(said, want) {
		t.Errorf("said %q", said)
	}
}
