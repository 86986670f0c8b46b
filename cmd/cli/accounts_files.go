package cli

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"ackrevoke/job/report"
	"ackrevoke/policy"
)

// policyFile is one policy file of the folder, before its run.
type policyFile struct {
	report.PolicyFile
	account string // "" where the file is not valid: its run says why
	stem    string // the name without its ending: that of the report
	wrong   string // why it is not run at all; "" where it is
	hint    string
	unnamed bool // its report has no name of its own, so there is none
}

// errNoFiles says that a folder has no policy file.
var errNoFiles = errors.New("it has no *.yaml and no *.yml")

// listPolicies names the policy files of a folder, in order of their bytes. What
// begins with a dot is left out: of a ConfigMap's volume that is where Kubernetes
// has the files that the names lead to.
func listPolicies(dir string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, e := range entries {
		if ext := strings.ToLower(filepath.Ext(e.Name())); (ext == ".yaml" || ext == ".yml") && !strings.HasPrefix(e.Name(), ".") {
			names = append(names, e.Name())
		}
	}
	slices.Sort(names)
	if len(names) == 0 {
		return nil, errNoFiles
	}
	return names, nil
}

// readPolicies looks at every policy file of a folder, one at a time and none of
// them kept: two that are about one account, or have one name for their reports,
// can be in different shards.
func readPolicies(dir string) ([]policyFile, error) {
	names, err := listPolicies(dir)
	if err != nil {
		return nil, err
	}
	files := make([]policyFile, len(names))
	for i, name := range names {
		files[i] = readPolicy(dir, name)
	}
	clash(files)
	return files, nil
}

// readPolicy looks at one file. What is wrong inside of it its run will say.
func readPolicy(dir, name string) policyFile {
	f := policyFile{PolicyFile: report.PolicyFile{File: name}, stem: strings.TrimSuffix(name, filepath.Ext(name))}
	if strings.ContainsFunc(name, unicode.IsControl) {
		f.wrong, f.hint, f.unnamed = "its name has control characters", "rename the file", true
		return f
	}
	path := filepath.Join(dir, name)
	data, sum, err := readWhole(path)
	if err != nil {
		f.wrong, f.hint = fmt.Sprintf("the policy cannot be read: %v", err), "correct the file, or take it out of the folder"
		return f
	}
	f.SHA256 = sum
	if pol, err := policy.Load(path, data); err == nil {
		f.account = pol.Account
	}
	return f
}

// readWhole is as much of a file as a policy may be long, and the SHA-256 of all of it.
func readWhole(path string) ([]byte, string, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, "", err
	}
	if !info.Mode().IsRegular() { // reading a pipe would wait for ever
		return nil, "", fmt.Errorf("%s is no regular file", path)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, "", err
	}
	defer f.Close()
	sum := sha256.New()
	data, err := io.ReadAll(io.LimitReader(io.TeeReader(f, sum), longest))
	if err == nil {
		_, err = io.Copy(sum, f)
	}
	return data, hex.EncodeToString(sum.Sum(nil)), err
}

// ofTheSummary are the names that summaries have.
var ofTheSummary = regexp.MustCompile(`(?i)^summary(-\d+-of-\d+)?$`)

// clash finds files that must not be run because of another one: none of them is.
// Which of two lists of one account is meant, nobody can know.
func clash(files []policyFile) {
	accounts, stems := map[string][]string{}, map[string][]string{}
	for _, f := range files {
		accounts[f.account] = append(accounts[f.account], f.File)
		stem := strings.ToLower(f.stem) // not every file system tells the cases apart
		stems[stem] = append(stems[stem], f.File)
	}
	for i := range files {
		f := &files[i]
		same, named := accounts[f.account], stems[strings.ToLower(f.stem)]
		switch {
		case len(named) > 1:
			f.wrong, f.unnamed = "several policy files would write one report, "+f.stem+".json: "+report.First(10, named), true
			f.hint = "rename all but one of them"
		case ofTheSummary.MatchString(f.stem):
			f.wrong, f.unnamed = "its report would take the place of a summary: "+f.stem+".json", true
			f.hint = "rename the file"
		case f.account != "" && len(same) > 1 && f.wrong == "":
			f.wrong = "several policy files are about account " + f.account + ": " + report.First(10, same)
			f.hint = "put both lists into one file; none of them was run"
		}
	}
}
