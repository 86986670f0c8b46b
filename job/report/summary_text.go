package report

import (
	"io"
	"strconv"

	"ackrevoke/job/end"
)

// SummaryTable writes how each policy file ended, and why where it did not end well.
func SummaryTable(w io.Writer, rows []AccountRow, look Look) error {
	if len(rows) == 0 {
		return nil
	}
	t := table{
		heads:   []string{"FILE", "ACCOUNT", "VERDICT", "EXIT", "ACTIONS", "REVOKED", "SETTLED", "UNKNOWN", "RESIDUAL", "WHY"},
		numbers: map[int]bool{3: true, 4: true, 5: true, 6: true, 7: true, 8: true},
	}
	for _, r := range rows {
		row := []cell{{text: Plain(r.File)}, {text: orDash(Plain(r.Account))}, {string(r.Verdict), toneOf(r)}}
		s := r.Summary
		for _, n := range []int{r.ExitCode, s.Actions, s.Revoked + s.Absent, s.Settled, s.Unknown, s.Residual} {
			row = append(row, cell{text: strconv.Itoa(n)})
		}
		t.rows = append(t.rows, append(row, cell{text: orDash(Plain(r.Error))}))
	}
	return t.write(w, look)
}

func toneOf(r AccountRow) Tone {
	switch {
	case r.ExitCode != end.CodeClean && r.ExitCode != end.CodeLeft:
		return ToneRefused
	case r.Verdict == end.Planned:
		return ToneActing
	}
	return Tone(Out)
}
