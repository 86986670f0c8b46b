package page_test

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"ackrevoke/job/end"
	"ackrevoke/job/page"
	"ackrevoke/job/page/sheet"
	"ackrevoke/job/report"
)

// The sentence of a report that was changed by hand claims nothing of its own, in
// any format: a sheet has nothing else to say it with.
func TestChangedByHand(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("../report/testdata/incomplete.json")
	if err != nil {
		t.Fatal(err)
	}
	data = bytes.Replace(data, []byte(`"name": "failed"`), []byte(`"name": "converged"`), 1)
	d, err := page.Decode("x.json", bytes.Replace(data, []byte(`"exitCode": 5`), []byte(`"exitCode": 0`), 1))
	if err != nil {
		t.Fatal(err)
	}
	if v := d.View().Verdict; !strings.HasPrefix(v.Sentence, "This report does not add up, and proves nothing.") || v.Tone != page.Bad {
		t.Errorf("%+v", v)
	}
}

// A document without a verdict says nothing, and above all not that all is well.
func TestWithoutAVerdict(t *testing.T) {
	t.Parallel()
	for schema := range kinds {
		d, err := page.Decode("x.json", []byte(`{"schema": "`+schema+`"}`))
		if err != nil {
			t.Fatal(err)
		}
		v := d.View().Verdict
		if v.Tone == page.Good || v.Name == "" && !strings.Contains(v.Sentence, "has no verdict, and says nothing") {
			t.Errorf("%s: %+v", schema, v)
		}
	}
}

// What a verdict has to be read together with stands in a sheet as well.
func TestNoticesInASheet(t *testing.T) {
	t.Parallel()
	r := report.New()
	r.Run.Simulated, r.Run.Only = true, []string{"1"}
	r.Summary.Pending = 1
	rows := string(sheet.Encode(page.Of(r)))
	for _, want := range []string{`"notice"`, "Simulated: ", "Only a part of the list was looked at"} {
		if !strings.Contains(rows, want) {
			t.Errorf("not said: %s\n%s", want, rows)
		}
	}
}

// A summary of some shards speaks of its own files, and is never green.
func TestSummaryWithoutAShard(t *testing.T) {
	t.Parallel()
	a := report.NewAccounts()
	a.Run.Mode, a.Verdict.Name, a.Shard.Count = report.Apply, end.Converged, 2
	a.Set.Files = []report.PolicyFile{{File: "a.yaml"}, {File: "b.yaml"}}
	a.Files = []report.AccountRow{{PolicyFile: a.Set.Files[0], Verdict: end.Converged, Unfinished: 3}}
	data, err := a.Encode()
	if err != nil {
		t.Fatal(err)
	}
	d, err := page.Decode("summary-0-of-2.json", data)
	if err != nil {
		t.Fatal(err)
	}
	v := d.View().Verdict
	if v.Tone == page.Good || !strings.HasPrefix(v.Sentence, "All is as 1 of 2 policy files ask") ||
		!strings.Contains(strings.Join(v.Also, " "), "3 writes of earlier runs ended without a report") {
		t.Errorf("%+v", v)
	}
}

// A restore that was refused promises nothing.
func TestRefusedRestore(t *testing.T) {
	t.Parallel()
	d := full(t, report.RestoreSchemaName, same("x"))
	r := d.Value.(*report.Restore)
	r.Run.Mode, r.Verdict.Name = report.DryRun, end.Refused
	for i := range r.Rows {
		r.Rows[i].State = report.RowMissing
	}
	if got := d.View().Verdict.Sentence; !strings.HasPrefix(got, "The restore was refused: nothing was given to ") {
		t.Error(got)
	}
}
