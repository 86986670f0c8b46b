package findings

import (
	"fmt"
	"io"
	"strings"

	"ackrevoke/job/report"
	"ackrevoke/policy/lint"
)

// GitHub writes workflow commands, which a workflow turns into annotations at the
// lines of a pull request:
//
//	::error file=policy.yaml,line=4,col=10,title=uid-form::uid must be quoted
//
// GitHub shows the first ten of each severity of a step.
func GitHub(w io.Writer, r *Report) error {
	for _, f := range r.Files {
		for _, x := range f.Findings {
			message := x.Message
			if x.Severity == lint.Warning || f.Missing {
				message += "\nFix: " + x.Fix
			}
			command := "error"
			if x.Severity == lint.Warning && !r.Strict {
				command = "warning"
			}
			if _, err := fmt.Fprintf(w, "::%s file=%s,line=%d,col=%d,title=%s::%s\n", command, property(slashed(x.File)), x.Line, x.Column,
				property(x.Rule), data(message)); err != nil {
				return err
			}
		}
	}
	return nil
}

// data escapes what stands behind the second pair of colons.
func data(s string) string {
	lines := strings.Split(s, "\n")
	for i := range lines {
		lines[i] = strings.ReplaceAll(report.Harmless(lines[i]), "%", "%25")
	}
	return strings.Join(lines, "%0A")
}

// property escapes a value among the properties. What must not be shown as it is
// stays in the name of a file, or GitHub would find no such file; a line end and a
// return are escaped.
func property(s string) string {
	return strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C").Replace(s)
}
