package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode"

	"ackrevoke/cmd/cli/findings"
	"ackrevoke/policy/lint"
)

// checked is what arguments of validate come to, file by file. No file is read twice,
// by whatever names it is given.
type checked struct {
	Program
	*findings.Report
	seen     map[string]int // where in Files the file of this path is
	accounts []lint.Account // of each of Files
	folders  map[string]bool
}

// findings checks what the arguments name: files, folders, and patterns that the
// shell has left as they are.
func (p Program) findings(args []string) *findings.Report {
	c := &checked{Program: p, Report: &findings.Report{Version: p.version()}, seen: map[string]int{}, folders: map[string]bool{}}
	for _, arg := range args {
		c.argument(arg)
	}
	return c.Report
}

func (c *checked) argument(arg string) {
	info, err := os.Stat(arg)
	switch {
	case arg == "-":
		c.file(arg)
	case err == nil && info.IsDir():
		c.folder(arg)
	case err == nil:
		c.file(arg)
	case strings.ContainsAny(arg, `*?[`):
		c.pattern(arg)
	default:
		c.unread(arg, err)
	}
}

// pattern checks what a pattern of the shell's kind names. As in a shell, * does not
// mean names that begin with a dot.
func (c *checked) pattern(arg string) {
	names, err := filepath.Glob(arg)
	if err != nil {
		c.missing(arg, fmt.Sprintf("%s is missing, and is no pattern either: %v", arg, err), "close every [ with a ]")
		return
	}
	if !strings.HasPrefix(filepath.Base(arg), ".") {
		names = slices.DeleteFunc(names, func(name string) bool { return strings.HasPrefix(filepath.Base(name), ".") })
	}
	if len(names) == 0 {
		c.missing(arg, "no file matches "+arg, "check the pattern, and the folder that the command runs in")
	}
	for _, name := range names {
		c.argument(name)
	}
}

// folder checks the policy files of a folder, also against each other, as a run over
// it would.
func (c *checked) folder(dir string) {
	names, err := listPolicies(dir)
	if errors.Is(err, errNoFiles) {
		c.missing(dir, "the folder "+dir+" has no policy file: "+err.Error(), "check the path; a policy's name ends in .yaml or .yml")
		return
	}
	if err != nil {
		c.unread(dir, err)
		return
	}
	if c.folders[real(dir)] {
		return
	}
	c.folders[real(dir)] = true
	set, at := make([]policyFile, len(names)), make([]int, len(names))
	for i, name := range names {
		set[i].File, set[i].stem = name, strings.TrimSuffix(name, filepath.Ext(name))
		if strings.ContainsFunc(name, unicode.IsControl) {
			set[i].wrong, set[i].unnamed = "its name has control characters", true
		}
		at[i] = c.member(filepath.Join(dir, name))
		set[i].account = c.accounts[at[i]].ID
	}
	clash(set)
	told := map[int]bool{} // a link and what it leads to are one file here, and two to a run
	for i, f := range set {
		if f.wrong != "" && !c.Files[at[i]].Missing && !told[at[i]] {
			told[at[i]] = true
			c.clash(at[i], f)
		}
	}
}

// member checks a file of a folder. What is no file is not opened: reading a pipe
// would wait for ever.
func (c *checked) member(name string) (at int) {
	if info, err := os.Stat(name); err == nil && !info.Mode().IsRegular() {
		return c.add(name, lint.Of(name, lint.Unreadable, name+" is no regular file", ""))
	}
	return c.file(name)
}

// clash adds that a file cannot be run because of another one of its folder.
func (c *checked) clash(at int, f policyFile) {
	to := &c.Files[at]
	rule, line, column := lint.AccountTwice, c.accounts[at].Line, c.accounts[at].Column
	if f.unnamed || f.account == "" || ofTheSummary.MatchString(f.stem) {
		rule, line, column = lint.ReportName, 1, 1
	}
	x := lint.Of(to.Name, rule, f.wrong, "")
	x.Line, x.Column = line, column
	to.Valid, to.Entries, to.Findings = false, 0, append(to.Findings, x)
	lint.Sort(to.Findings)
}

// file checks one file, unless it has been checked, and returns which of Files it is.
func (c *checked) file(name string) (at int) {
	if at, twice := c.seen[real(name)]; twice {
		return at
	}
	defer func() { c.seen[real(name)] = at }()
	data, err := c.read(name)
	if err != nil {
		return c.unread(name, err)
	}
	r := lint.Check(displayName(name), data, c.Now())
	f := findings.File{Name: displayName(name), Valid: r.Policy != nil, Allowed: r.Allowed, Findings: r.Findings}
	var account lint.Account
	if f.Valid {
		f.Entries, account = len(r.Policy.Principals), r.Account
	}
	c.Files, c.accounts = append(c.Files, f), append(c.accounts, account)
	return len(c.Files) - 1
}

// real is one name for a file, whatever way leads to it.
func real(name string) string {
	if name == "-" {
		return name
	}
	if direct, err := filepath.EvalSymlinks(name); err == nil {
		name = direct
	}
	if whole, err := filepath.Abs(name); err == nil {
		name = whole
	}
	return name
}

// unread notes what cannot be opened or read.
func (c *checked) unread(name string, err error) (at int) {
	if !errors.Is(err, fs.ErrNotExist) {
		return c.add(name, lint.Of(name, lint.Unreadable, fmt.Sprintf("%s cannot be read: %v", name, reasonOf(err)), ""))
	}
	hint := ""
	if near := beside(name, false); len(near) > 0 {
		hint = "there is " + near[0] + ": give that name, or rename it"
	} else if dir := filepath.Dir(name); dir != "." {
		if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
			hint = "the folder " + dir + " is not there either: check the path, and the folder that the command runs in"
		}
	}
	return c.missing(name, name+" is missing: there is no such file or directory", hint)
}

// reasonOf is an error of the file system without the name, which has been said.
func reasonOf(err error) error {
	var of *fs.PathError
	if errors.As(err, &of) {
		return of.Err
	}
	return err
}

func (c *checked) missing(name, message, hint string) (at int) {
	return c.add(name, lint.Of(name, lint.Missing, message, hint))
}

func (c *checked) add(name string, x lint.Finding) (at int) {
	c.Files = append(c.Files, findings.File{Name: name, Missing: true, Findings: []lint.Finding{x}})
	c.accounts = append(c.accounts, lint.Account{})
	return len(c.Files) - 1
}
