package cli_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"ackrevoke/cmd/cli"
	"ackrevoke/cmd/test/stage"
	"ackrevoke/policy/lint"
)

// validated is how validate ended.
type validated struct {
	code           int
	stdout, stderr string
}

// validate runs the command on the day of the documents, with this on standard input.
func validate(stdin string, args ...string) validated {
	var stdout, stderr bytes.Buffer
	p := cli.Program{Args: append([]string{"validate"}, args...), Stdin: strings.NewReader(stdin), Stdout: &stdout, Stderr: &stderr,
		Now: func() time.Time { return theDay }}
	code := p.Run(context.Background())
	return validated{code, stdout.String(), stderr.String()}
}

// found is what --format json says: rules by file, in order.
func (v validated) found(t *testing.T) (files, rules []string) {
	t.Helper()
	var doc struct {
		Files    []struct{ File string }
		Findings []struct{ File, Rule string }
		ExitCode int
	}
	stage.NoError(t, json.Unmarshal([]byte(v.stdout), &doc))
	if doc.ExitCode != v.code {
		t.Errorf("exit %d, and the document says %d", v.code, doc.ExitCode)
	}
	for _, f := range doc.Files {
		files = append(files, filepath.Base(f.File))
	}
	for _, f := range doc.Findings {
		rules = append(rules, filepath.Base(f.File)+" "+f.Rule)
	}
	return files, rules
}

// oneOf is a valid policy of an account, about nobody.
func oneOf(account int) string {
	return fmt.Sprintf("version: 1\naccount: \"%d\"\nprincipals: []\n", account)
}

const unnamed = "version: 1\naccount: \"1\"\nprincipals: [{uid: \"2\", reason: departed}]\n"

func TestValidateTakesFilesFoldersAndPatterns(t *testing.T) {
	dir := stage.Put(t, map[string]string{"a.yaml": oneOf(1), "b.yml": oneOf(2), "c.txt": "no policy", ".hidden.yaml": "no policy"})
	stage.NoError(t, os.Symlink("a.yaml", filepath.Join(dir, "link")))
	stage.NoError(t, os.Mkdir(filepath.Join(dir, "..data"), 0o700))
	in := func(names ...string) (args []string) {
		for _, n := range names {
			args = append(args, filepath.Join(dir, n))
		}
		return append(args, "--format", "json")
	}
	for name, c := range map[string]struct {
		args        []string
		files, says string
		code        int
	}{
		"a folder":                  {in(""), "a.yaml b.yml", "", 0},
		"a pattern":                 {in("*.yaml"), "a.yaml", "", 0},
		"a pattern of dotfiles":     {in(".h*.yaml"), ".hidden.yaml", ".hidden.yaml not-a-mapping", 2},
		"a pattern of folders":      {in("../*"), "a.yaml b.yml", "", 0},
		"each but once":             {in("link", "", "*", "a.yaml", "link"), "link b.yml c.txt", "c.txt not-a-mapping", 2},
		"standard input, but once":  {[]string{"-", "-", "--format", "json"}, "<stdin>", "", 0},
		"a folder of nothing":       {in("..data"), "..data", "..data missing-file", 2},
		"a pattern of nothing":      {in("x*"), "x*", "x* missing-file", 2},
		"a pattern that is none":    {in("[a"), "[a", "[a missing-file", 2},
		"a file that is not there":  {in("b.yaml", "a.yaml"), "b.yaml a.yaml", "b.yaml missing-file", 2},
		"a file below a file":       {in("a.yaml/x.yaml"), "x.yaml", "x.yaml unreadable-file", 2},
		"an empty argument":         {[]string{"", "--format", "json"}, ".", ". missing-file", 2},
		"a folder that has no name": {in("nowhere/"), "nowhere", "nowhere missing-file", 2},
	} {
		got := validate(oneOf(3), c.args...)
		files, rules := got.found(t)
		if got.code != c.code || strings.Join(files, " ") != c.files || strings.Join(rules, ", ") != c.says {
			t.Errorf("%s: exit %d, files %v, found %v\n%s", name, got.code, files, rules, got.stderr)
		}
	}
}

func TestValidateFindsWhatARunOverAFolderRefuses(t *testing.T) {
	dir := stage.Put(t, map[string]string{"a.yaml": oneOf(1), "b.yaml": "# twice\n" + oneOf(1), "c.yaml": oneOf(3), "C.yml": oneOf(4),
		"summary.yaml": oneOf(5), "bad.yaml": "version: 2\naccount: \"1\"\nprincipals: []\n"})
	stage.NoError(t, syscall.Mkfifo(filepath.Join(dir, "pipe.yaml"), 0o600)) // to open it would wait for ever
	got := validate("", dir, dir, filepath.Join(dir, "a.yaml"), "--format", "json")
	_, rules := got.found(t)
	want := "C.yml report-name, a.yaml account-twice, b.yaml account-twice, bad.yaml version, c.yaml report-name, " +
		"pipe.yaml unreadable-file, summary.yaml report-name"
	if got.code != 2 || strings.Join(rules, ", ") != want {
		t.Errorf("exit %d, want %s\ngot  %s", got.code, want, strings.Join(rules, ", "))
	}
	stage.Says(t, got.stdout, "several policy files are about account 1: a.yaml, b.yaml")
	got = validate("", filepath.Join(dir, "a.yaml"), filepath.Join(dir, "b.yaml"))
	if got.code != 0 {
		t.Errorf("two files that are no folder: exit %d\n%s", got.code, got.stderr)
	}
	got = validate("", filepath.Join(dir, "b.yaml"), dir)
	stage.Says(t, got.stderr, "b.yaml:3:10: several policy files are about account 1: a.yaml, b.yaml [account-twice]\n")
}

func TestValidateStrict(t *testing.T) {
	file := filepath.Join(stage.Put(t, map[string]string{"p.yaml": unnamed}), "p.yaml")
	warned := file + ":3:20: warning: the entry of 2 states neither name nor createdAt"
	loose, strict := validate("", file), validate("", file, "--strict")
	if loose.code != 0 || strict.code != 2 || loose.stdout != file+": valid, 1 entry\n" || strict.stdout != loose.stdout {
		t.Errorf("loose %+v\nstrict %+v", loose, strict)
	}
	stage.Says(t, loose.stderr, warned, "[no-cross-check]\n    fix: write name and createdAt; ")
	stage.Says(t, strict.stderr, warned, "ackrevoke: 1 warning, and --strict was given\n")
	stage.NoError(t, os.WriteFile(file, []byte("# ackrevoke:allow no-cross-check: a made-up account\n"+unnamed), 0o600))
	if got := validate("", file, "--strict"); got.code != 0 || got.stderr != file+": 1 warning is allowed by a comment\n" {
		t.Errorf("allowed: %+v", got)
	}
}

// The policies that are shipped as examples pass what a careful team asks for.
func TestShippedPoliciesAreStrict(t *testing.T) {
	if got := validate("", filepath.Join(stage.Root(), "policy.yaml"), "--strict"); got.code != 0 {
		t.Errorf("%+v", got)
	}
}

func TestMissingPolicyIsMissing(t *testing.T) {
	dir := stage.Put(t, map[string]string{"policy.yml": oneOf(1), "accounts.yaml": oneOf(2)})
	t.Chdir(dir)
	for arg, want := range map[string][]string{
		"":               {"policy.yaml is missing: ", "fix: there is policy.yml: "},
		"acounts.yaml":   {"acounts.yaml is missing: ", "fix: there is accounts.yaml: "},
		"x/policy.yaml":  {"x/policy.yaml is missing: ", "the folder x is not there either"},
		"elsewhere.yaml": {"elsewhere.yaml is missing: ", "fix: check the path and the folder that the command runs in"},
	} {
		var args []string
		if arg != "" {
			args = []string{arg}
		}
		got := validate("", args...)
		if got.code != 2 || got.stdout != "" || strings.Contains(got.stderr, "not valid") {
			t.Errorf("%q: %+v", arg, got)
		}
		stage.Says(t, got.stderr, append(want, "[missing-file]", "1 of 1 file is missing or cannot be read")...)
	}
}

func TestValidateFormats(t *testing.T) {
	file := filepath.Join(stage.Put(t, map[string]string{"p.yaml": unnamed}), "p.yaml")
	for format, want := range map[string]string{
		"json": `"schema": "ackrevoke.findings/v1"`, "sarif": `"version": "2.1.0"`, "junit": `<testsuites name="ackrevoke validate"`,
		"github": ",line=3,col=20,title=no-cross-check::the entry of 2 states neither",
	} {
		got := validate("", file, "--format", format)
		if got.code != 0 || got.stderr != "" || !strings.Contains(got.stdout, want) {
			t.Errorf("%s: %+v", format, got)
		}
	}
	got := validate("", file, "--format", "xml")
	if got.code != 2 || got.stdout != "" {
		t.Errorf("%+v", got)
	}
	stage.Says(t, got.stderr, `--format "xml" is none of the formats`, "give text, github, json, junit, sarif")
}

func TestExplain(t *testing.T) {
	for _, r := range lint.Rules() {
		got := validate("", "--explain", r.ID)
		if got.code != 0 || got.stderr != "" || !strings.HasPrefix(got.stdout, r.ID+" ("+string(r.Severity)+"): "+r.Title+"\n") {
			t.Errorf("%+v", got)
		}
		if r.Wrong != "" {
			stage.Says(t, got.stdout, "\nFix: ", "\nWrong", "\nRight")
		}
	}
	if got := validate("", "--explain", "all"); strings.Count(got.stdout, "\n") != len(lint.Rules()) {
		t.Errorf("%s", got.stdout)
	}
	for args, want := range map[string]string{
		"near-uids":           "did you mean near-uid?",
		"Near-UID":            "did you mean near-uid?",
		"xyz":                 "--explain all lists the rules",
		"near-uid p.yaml":     "--explain goes alone",
		"near-uid --strict":   "--explain goes alone",
		"near-uid --format x": "--explain goes alone",
	} {
		got := validate("", append([]string{"--explain"}, strings.Fields(args)...)...)
		if got.code != 2 || got.stdout != "" {
			t.Errorf("%s: %+v", args, got)
		}
		stage.Says(t, got.stderr, want)
	}
}

// The contract has a line for every rule, and for none that there is not.
func TestContractNamesEveryRule(t *testing.T) {
	text := string(stage.Must(os.ReadFile(filepath.Join(stage.Root(), "docs", "contract.md"))))
	_, text, _ = strings.Cut(text, "### What validate says")
	text, _, _ = strings.Cut(text, "\n## ")
	_, text, _ = strings.Cut(text, "\nErrors:\n")
	named := map[string]bool{}
	for line := range strings.Lines(text) {
		if cell, is := strings.CutPrefix(line, "| `"); is {
			id, _, _ := strings.Cut(cell, "`")
			named[id] = true
		}
	}
	for _, id := range lint.IDs() {
		if !named[id] {
			t.Errorf("no line about %s", id)
		}
		delete(named, id)
	}
	if len(named) > 0 {
		t.Errorf("no such rules: %v", named)
	}
}
