// Package findings writes what validate found in the formats that other tools read:
// text for people, JSON for programs, annotations for GitHub, SARIF for code
// scanning, JUnit for whoever shows tests. Each format is a file of its name, and
// none knows another. Whatever a policy file holds is made harmless for the format
// that it goes into.
package findings

import (
	"io"
	"path/filepath"

	"ackrevoke/job/end"
	"ackrevoke/policy/lint"
)

// Report is what was found in all files.
type Report struct {
	Version string // of the program
	Strict  bool   // a warning counts as an error
	Files   []File
}

// File is one file, and what was found in it.
type File struct {
	Name     string // as it was given, or came out of a folder or a pattern
	Valid    bool
	Missing  bool // it could not be read at all
	Entries  int  // of a valid file
	Allowed  int  // warnings that a comment of the file allows
	Findings []lint.Finding
}

// Writers are the formats by name.
var Writers = map[string]func(io.Writer, *Report) error{
	"json": JSON, "github": GitHub, "sarif": SARIF, "junit": JUnit,
}

// Count is the number of findings of each severity.
func (f File) Count() (errors, warnings int) {
	for _, x := range f.Findings {
		if x.Severity == lint.Error {
			errors++
		} else {
			warnings++
		}
	}
	return errors, warnings
}

// Count is the number of findings of each severity in all files.
func (r *Report) Count() (errors, warnings int) {
	for _, f := range r.Files {
		e, w := f.Count()
		errors, warnings = errors+e, warnings+w
	}
	return errors, warnings
}

// ExitCode is how validate ends.
func (r *Report) ExitCode() int {
	if errors, warnings := r.Count(); errors > 0 || r.Strict && warnings > 0 {
		return end.CodeInvalid
	}
	return end.CodeClean
}

// slashed is the shortest form of a name with slashes alone, as a repository has it.
func slashed(name string) string { return filepath.ToSlash(filepath.Clean(name)) }
