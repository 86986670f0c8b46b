package findings

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"

	"ackrevoke/job/report"
	"ackrevoke/policy/lint"
)

type (
	junitSuites struct {
		XMLName  xml.Name     `xml:"testsuites"`
		Name     string       `xml:"name,attr"`
		Tests    int          `xml:"tests,attr"`
		Failures int          `xml:"failures,attr"`
		Errors   int          `xml:"errors,attr"`
		Suites   []junitSuite `xml:"testsuite"`
	}
	junitSuite struct {
		Name     string      `xml:"name,attr"`
		Tests    int         `xml:"tests,attr"`
		Failures int         `xml:"failures,attr"`
		Errors   int         `xml:"errors,attr"`
		Skipped  int         `xml:"skipped,attr"`
		Time     string      `xml:"time,attr"`
		Cases    []junitCase `xml:"testcase"`
	}
	junitCase struct {
		Name    string        `xml:"name,attr"`
		Class   string        `xml:"classname,attr"`
		File    string        `xml:"file,attr"`
		Time    string        `xml:"time,attr"`
		Failure *junitFailure `xml:"failure,omitempty"`
		Skipped *junitSkipped `xml:"skipped,omitempty"`
		Out     string        `xml:"system-out,omitempty"`
	}
	junitFailure struct {
		Message string `xml:"message,attr"`
		Type    string `xml:"type,attr"`
		Text    string `xml:",chardata"`
	}
	junitSkipped struct {
		Message string `xml:"message,attr"`
	}
)

// JUnit writes a suite for each file: a case "valid", which fails with the errors of
// the file, and one for every rule of warnings. Of these a finding is a failure with
// --strict alone, else output; they are skipped in a file that is not valid, since
// nobody has looked for them.
func JUnit(w io.Writer, r *Report) error {
	all := junitSuites{Name: "ackrevoke validate"}
	for _, f := range r.Files {
		s := suite(f, r.Strict)
		all.Suites = append(all.Suites, s)
		all.Tests += s.Tests
		all.Failures += s.Failures
	}
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	e := xml.NewEncoder(w)
	e.Indent("", "  ")
	if err := e.Encode(all); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}

func suite(f File, strict bool) junitSuite {
	name := report.Harmless(slashed(f.Name))
	s := junitSuite{Name: name, Time: "0"}
	of := map[string][]lint.Finding{}
	for _, x := range f.Findings {
		rule := x.Rule
		if x.Severity == lint.Error {
			rule = ""
		}
		of[rule] = append(of[rule], x)
	}
	s.add(junitCase{Name: "valid", Class: name, File: name, Time: "0", Failure: failure(of[""])})
	for _, rule := range lint.Rules() {
		if rule.Severity != lint.Warning {
			continue
		}
		c := junitCase{Name: rule.ID, Class: name, File: name, Time: "0"}
		switch found := of[rule.ID]; {
		case !f.Valid:
			c.Skipped = &junitSkipped{"the file is not valid"}
		case strict:
			c.Failure = failure(found)
		case len(found) > 0:
			c.Out = listed(found)
		}
		s.add(c)
	}
	return s
}

func (s *junitSuite) add(c junitCase) {
	s.Cases = append(s.Cases, c)
	s.Tests++
	if c.Failure != nil {
		s.Failures++
	}
	if c.Skipped != nil {
		s.Skipped++
	}
}

// failure has the findings of one case; nil for none.
func failure(found []lint.Finding) *junitFailure {
	if len(found) == 0 {
		return nil
	}
	message := report.Harmless(found[0].Message)
	if more := len(found) - 1; more > 0 {
		message += fmt.Sprintf(" (and %d more)", more)
	}
	return &junitFailure{message, found[0].Rule, listed(found)}
}

func listed(found []lint.Finding) string {
	var lines []string
	for _, x := range found {
		lines = append(lines, report.Harmless(fmt.Sprintf("%s:%d:%d: %s [%s]", x.File, x.Line, x.Column, x.Message, x.Rule)))
		if x.Severity == lint.Warning {
			lines = append(lines, "fix: "+report.Harmless(x.Fix))
		}
	}
	return strings.Join(lines, "\n")
}
