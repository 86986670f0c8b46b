package findings

import (
	"fmt"
	"io"

	"ackrevoke/job/report"
	"ackrevoke/policy/lint"
)

// Text writes the findings of one file for people, and for editors that jump to
// file:line:column:
//
//	policy.yaml:4:10: uid must be quoted: write uid: "1" [uid-form]
//	policy.yaml:7:10: warning: the entry of 2 states neither name nor createdAt [no-cross-check]
//	    fix: write name and createdAt
//
// What an error is about says what to do, so it has no second line.
func Text(w io.Writer, f File) error {
	for _, x := range f.Findings {
		where, kind := fmt.Sprintf("%s:%d:%d: ", x.File, x.Line, x.Column), ""
		if f.Missing {
			where = "" // there is no place in it
		}
		if x.Severity == lint.Warning {
			kind = "warning: "
		}
		if _, err := fmt.Fprintf(w, "%s [%s]\n", report.Harmless(where+kind+x.Message), x.Rule); err != nil {
			return err
		}
		if x.Severity == lint.Warning || f.Missing {
			if _, err := fmt.Fprintf(w, "    fix: %s\n", report.Harmless(x.Fix)); err != nil {
				return err
			}
		}
	}
	return nil
}
