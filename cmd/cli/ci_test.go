package cli_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"gopkg.in/yaml.v3"

	"ackrevoke/cmd/cli"
	"ackrevoke/cmd/test/stage"
)

// What stands in deploy/ci is held to what the program takes, and to what such
// files must never do. The script of the action is played by cmd/test/ci.

// ciFiles are those of deploy/ci, and the hooks.
func ciFiles(t *testing.T) map[string]string {
	t.Helper()
	all := map[string]string{}
	for _, pattern := range []string{"deploy/ci/*/*", ".pre-commit-hooks.yaml"} {
		names, err := filepath.Glob(filepath.Join(root, pattern))
		stage.NoError(t, err)
		for _, name := range names {
			all[strings.TrimPrefix(name, root+"/")] = string(stage.Must(os.ReadFile(name)))
		}
	}
	if len(all) < 6 {
		t.Fatalf("only %d files", len(all))
	}
	return all
}

// scalars calls f with every text of a YAML document and the keys above it.
func scalars(n *yaml.Node, keys []string, f func(keys []string, text string)) {
	switch n.Kind {
	case yaml.MappingNode:
		for i := 0; i+1 < len(n.Content); i += 2 {
			scalars(n.Content[i+1], append(slices.Clone(keys), n.Content[i].Value), f)
		}
	case yaml.ScalarNode:
		f(keys, n.Value)
	default:
		for _, c := range n.Content {
			scalars(c, keys, f)
		}
	}
}

// shell are the lines that a shell gets, of each file.
func shell(t *testing.T) map[string][]string {
	t.Helper()
	lines := map[string][]string{}
	for name, text := range ciFiles(t) {
		if strings.HasSuffix(name, ".sh") {
			lines[name] = strings.Split(text, "\n")
			continue
		}
		var doc yaml.Node
		stage.NoError(t, yaml.Unmarshal([]byte(text), &doc))
		scalars(&doc, nil, func(keys []string, text string) {
			if last := keys[len(keys)-1]; last == "run" || last == "script" || last == "entry" {
				lines[name] = append(lines[name], strings.Split(text, "\n")...)
			}
		})
	}
	return lines
}

// What others control is never text of a script: it comes in as a variable, and
// stands in quotation marks.
func TestNothingOfOthersIsInAScript(t *testing.T) {
	t.Parallel()
	bare := regexp.MustCompile(`(^|[\s=:])\$\{?[A-Za-z_]`)
	for name, lines := range shell(t) {
		for _, line := range lines {
			if strings.Contains(line, "${{") {
				t.Errorf("%s: an expression in a script: %s", name, line)
			}
			code, _, _ := strings.Cut(line, " #")
			quoted := regexp.MustCompile(`"([^"\\]|\\.)*"|'[^']*'`).ReplaceAllString(code, "")
			if found := bare.FindString(quoted); found != "" && !strings.Contains(quoted, "[[") && !assigned(quoted) {
				t.Errorf("%s: a variable without quotation marks: %s", name, line)
			}
		}
	}
	for name, text := range ciFiles(t) {
		if strings.Contains(text, "pull_request_target") {
			t.Errorf("%s runs what a stranger wrote with the rights of the repository", name)
		}
		for _, m := range regexp.MustCompile(`uses: (\S+)`).FindAllStringSubmatch(text, -1) {
			if !regexp.MustCompile(`^[\w.-]+/[\w./-]+@[0-9a-f]{40}$`).MatchString(m[1]) {
				t.Errorf("%s: %s is not pinned to a commit", name, m[1])
			}
		}
	}
}

// assigned reports whether a line only gives a variable a value, where nothing is
// split, or ends with a number.
func assigned(line string) bool {
	return regexp.MustCompile(`^\s*(local )?[A-Za-z_]+=\S*$|^\s*exit \$failed$|^\s*case \$\?`).MatchString(strings.TrimRight(line, " "))
}

// Every command line in the files is one that the program takes.
func TestCommandsAreWhatTheProgramTakes(t *testing.T) {
	t.Parallel()
	commands := map[string]*cobra.Command{}
	var p cli.Program
	for _, c := range p.Commands() {
		commands[c.Name()] = c
	}
	call := regexp.MustCompile(`(?:^|[\s;&|{(])(?:ackrevoke|"\$ackrevoke") ([a-z]+)((?: +[^;&|<>]+)?)`)
	found := map[string]bool{}
	for name, lines := range shell(t) {
		for _, line := range lines {
			if strings.HasPrefix(strings.TrimSpace(line), "echo") || strings.HasPrefix(strings.TrimSpace(line), "#") {
				continue
			}
			for _, m := range call.FindAllStringSubmatch(line, -1) {
				c, known := commands[m[1]]
				if !known {
					t.Errorf("%s: there is no command %s: %s", name, m[1], line)
					continue
				}
				found[m[1]] = true
				taken(t, name, c, strings.Fields(m[2]))
			}
		}
	}
	for _, must := range []string{"validate", "diff", "run"} {
		if !found[must] {
			t.Errorf("no file calls %s", must)
		}
	}
}

// taken checks the flags of a command line.
func taken(t *testing.T, name string, c *cobra.Command, words []string) {
	t.Helper()
	for i, w := range words {
		flag, value, inline := strings.Cut(strings.TrimPrefix(w, "--"), "=")
		if w == "--" {
			return
		}
		if !strings.HasPrefix(w, "--") {
			continue
		}
		var f *pflag.Flag
		if f = c.Flags().Lookup(flag); f == nil {
			t.Errorf("%s: %s has no flag --%s", name, c.Name(), flag)
			continue
		}
		if !inline && f.NoOptDefVal == "" && i+1 < len(words) {
			value = words[i+1]
		}
		if flag == "format" && !strings.Contains(f.Usage, value) {
			t.Errorf("%s: %s has no format %s", name, c.Name(), value)
		}
	}
}

// The template has the shape that GitLab reads.
func TestGitLabTemplate(t *testing.T) {
	t.Parallel()
	var doc map[string]any
	stage.NoError(t, yaml.Unmarshal([]byte(ciFiles(t)["deploy/ci/gitlab/ackrevoke.gitlab-ci.yml"]), &doc))
	stages, _ := doc["stages"].([]any)
	keys := strings.Fields("stage extends rules script artifacts needs environment resource_group image variables")
	jobs := 0
	for name, value := range doc {
		if name == "stages" || name == "variables" {
			continue
		}
		job, isMap := value.(map[string]any)
		if !isMap {
			t.Errorf("%s is no job", name)
			continue
		}
		for key := range job {
			if !slices.Contains(keys, key) {
				t.Errorf("%s: is %s a key of a job?", name, key)
			}
		}
		if strings.HasPrefix(name, ".") {
			continue
		}
		jobs++
		if !slices.Contains(stages, job["stage"]) {
			t.Errorf("%s: stage %v is none of %v", name, job["stage"], stages)
		}
		if extended, _ := job["extends"].(string); doc[extended] == nil {
			t.Errorf("%s extends %q, which is not there", name, extended)
		}
		script, _ := job["script"].([]any)
		for _, line := range script {
			if _, text := line.(string); !text {
				t.Errorf("%s: YAML reads a line of the script as %T: put it into quotation marks", name, line)
			}
		}
		if rules, _ := job["rules"].([]any); len(script) == 0 || len(rules) == 0 {
			t.Errorf("%s has no script or no rules", name)
		}
		needs, _ := job["needs"].([]any)
		for _, n := range needs {
			if doc[n.(string)] == nil {
				t.Errorf("%s needs %v, which is not there", name, n)
			}
		}
	}
	if jobs != 4 {
		t.Errorf("%d jobs", jobs)
	}
}

// The hooks are what pre-commit reads, and find a policy by its name.
func TestHooks(t *testing.T) {
	t.Parallel()
	var hooks []struct{ ID, Name, Description, Entry, Language, Files string }
	stage.NoError(t, yaml.Unmarshal([]byte(ciFiles(t)[".pre-commit-hooks.yaml"]), &hooks))
	if len(hooks) != 1 || hooks[0].Language != "golang" {
		t.Fatalf("%+v", hooks)
	}
	match := regexp.MustCompile(hooks[0].Files)
	names := map[string]bool{"policy.yaml": true, "accounts/policy.yml": true, "mypolicy.yaml": false, "policy.yaml.orig": false}
	for name, want := range names {
		if match.MatchString(name) != want {
			t.Errorf("%s: %v", name, !want)
		}
	}
}
