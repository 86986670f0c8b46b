package voice

import (
	"fmt"
	"strings"
	"testing"

	"ackrevoke/job/report"
)

// A closing line names the first few of a list and says how many more there
// are: one name for seven would be taken for all.
func TestClosingNamesTheFirstOfMany(t *testing.T) {
	r := &report.Report{}
	for i := range 8 {
		action := fmt.Sprintf("c%d/200000000000000001", i)
		r.Unfinished = append(r.Unfinished, report.Unfinished{Action: action})
		r.Plan.OutOfScope = append(r.Plan.OutOfScope, report.Outside{UID: "200000000000000001", Cluster: fmt.Sprintf("c%d", i)})
	}
	r.Plan.OutOfScope[0].Name = "prod"
	says(t, closing(r),
		"8 writes of an earlier run ended without a report: c0/200000000000000001, c1/200000000000000001, c2/200000000000000001, and 5 more",
		"outside the scope still held: 200000000000000001 on prod, 200000000000000001 on c1, 200000000000000001 on c2, and 5 more")
	r.Unfinished = r.Unfinished[:1]
	if line := closing(r); !strings.Contains(line, "1 write of an earlier run ended without a report: c0/200000000000000001.") {
		t.Error(line)
	}
	r.Errors = []report.Error{{Message: "this failed", Hint: "do that"}, {}, {}}
	says(t, closing(r),
		"the run could not be made: this failed (do that), and 2 errors more")
}

func says(t *testing.T, stream string, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if !strings.Contains(stream, text) {
			t.Errorf("not said: %s\nbut:\n%s", text, stream)
		}
	}
}
