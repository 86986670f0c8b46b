package crash

import (
	"strings"
	"testing"

	"ackrevoke/cmd/test/stage"
	"ackrevoke/job/report"
)

// While a run holds the journal, a second one that would write does not begin,
// and a dry run does not take it for a run that died.
func TestLiveRunHoldsTheJournal(t *testing.T) {
	t.Parallel()
	st := newStation(t, crashCity.Yaml(), stage.PolicyFile(t, crashPolicy))
	live := st.start(first(hold, "GET", "/permissions/users/200000000000000001", 1), "--dry-run=false", "--concurrency", "1")
	st.await()

	second := st.command("--dry-run=false", "-o", "second.json", "--journal", "report.json.journal")
	second.start(t)
	if code := second.end(); code != 1 {
		t.Errorf("exit %d of the second run\n%s", code, &second.stderr)
	}
	said := second.stderr.String()
	if !strings.Contains(said, "journal report.json.journal/ackrevoke.journal: another run holds it") ||
		!strings.Contains(said, "wait until that run has ended") ||
		strings.Contains(said, "give another place") {
		t.Errorf("the second run says what happened, and not to go round it:\n%s", said)
	}
	dry := st.command("-o", "dry.json", "--journal", "report.json.journal")
	dry.start(t)
	if code := dry.end(); code != 0 {
		t.Errorf("exit %d of the dry run\n%s", code, &dry.stderr)
	}
	if r, err := report.Read(st.path("dry.json")); err != nil || len(r.Unfinished) > 0 {
		t.Errorf("%v: the run that is at work is no unfinished one: %+v", err, r.Unfinished)
	}

	close(st.release)
	if code := live.end(); code != 0 {
		t.Errorf("exit %d of the run that held it\n%s", code, &live.stderr)
	}
	if code, next := st.apply(); code != 0 || len(next.Unfinished) > 0 || next.Summary.Actions > 0 {
		t.Errorf("the next run exits %d, unfinished %v, %d actions", code, next.Unfinished, next.Summary.Actions)
	}
}
