package cli_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"ackrevoke/cmd/cli"
	"ackrevoke/cmd/test/stage"
)

// What is not quite a command line is answered with what may have been meant, and
// never carried out: nothing is called, and no report is written.
func TestMisuse(t *testing.T) {
	estate := "--simulate=" + filepath.Join(stage.Must(filepath.Abs("../..")), "testdata", "estate.yaml")
	text := stage.Must(os.ReadFile("../../policy.yaml"))
	t.Chdir(t.TempDir())
	put(t, "policy.yaml", string(text))
	for _, c := range []struct{ line, wants string }{
		{"run --polcy policy.yaml", "did you mean --policy?"},
		{"run --dry-run false", "a value of --dry-run needs an equals sign: --dry-run=false"},
		{"run --dry-run False", "--dry-run=False"},
		{"run --check no", "a value of --check needs an equals sign: --check=no"},
		{"run policy.yaml --dry-run=false", "--policy=policy.yaml --dry-run=false"},
		{"run -o r.json policy.yaml", `ackrevoke run -o r.json --policy=policy.yaml`},
		{"run extra", `run takes flags alone, and "extra" is none`},
		{"run -f policy.yaml", "the policy file is named with -p"},
		{"run -fpolicy.yaml", "the policy file is named with -p"},
		{"restore r.json -f policy.yaml", "the policy file is named with -p"},
		{"validate -f policy.yaml", "files are named without a flag: ackrevoke validate policy.yaml"},
		{"run -dry-run=false", "did you mean --dry-run=false?"},
		{"run -policy policy.yaml", "-policy is read as -p olicy"},
		{"run -policy=policy.yaml", "did you mean --policy?"},
		{"run --journal --dry-run=false", "--journal needs a value, and --dry-run=false is a flag"},
		{"run -p --check", "--policy needs a value, and --check is a flag"},
		{"run --policy", "--policy needs a value"},
		{"run --dry-run=maybe", "neither true nor false"},
		{"run --timeout 5", "a number and a unit"},
		{"run --concurrency many", "is no whole number"},
		{"run --read-qps many", "is no number"},
		{"run --max-share 50%", "for example --max-share 0.5"},
		{"run --read-qps inf", "--read-qps must be greater than 0, and at most 1000000"},
		{"run --write-qps 1e7", "--write-qps must be greater than 0, and at most 1000000"},
		{"simulate --qps many", "for example --qps 2.5"},
		{"simulate --qps NaN --estate estate.yaml", "--qps is negative, or no number"},
		{"simulate --quota-window 1m --estate estate.yaml", "the quota of --qps, and there is none"},
		{"run --no-dry-run", "did you mean --dry-run=false?"},
		{"run --out x.json", "did you mean --report?"},
		{"run --apply", "did you mean --dry-run=false?"},
		{"run --config policy.yaml", "did you mean --policy?"},
		{"run --version", "did you mean ackrevoke --version?"},
		{"run --zzzzzz", "see ackrevoke run --help"},
		{"run -z", "see ackrevoke run --help"},
		{"--policy policy.yaml", "flags come behind the command"},
		{"rnu", "did you mean ackrevoke run?"},
		{"revoke", "did you mean ackrevoke run?"},
		{"policy.yaml", "a policy file is named with -p: ackrevoke run -p policy.yaml"},
		{"zzzzzz", "all commands: ackrevoke --help"},
		{"show --vpc false", "a value of --vpc needs an equals sign: --vpc=false"},
		{"show alice bob", "one PRINCIPAL at a time"},
		{"inspect", "KUBECONFIG is missing"},
		{"inspect a b", "one KUBECONFIG at a time"},
		{"schema reprot", "did you mean ackrevoke schema report?"},
		{"schema zzzzzz", "takes one of policy, "},
		{"version please", "version takes flags alone"},
		{"audit --fail-on deletd", "did you mean deleted?"},
		{"audit --fail-on zzzzzz", "the kinds are in ackrevoke audit --help"},
		{"add frank --reason depart", "did you mean --reason departed?"},
	} {
		args := strings.Fields(c.line)
		if args[0] == "run" {
			args = append(args, estate)
		}
		code, text := said(args...)
		if code != 2 || !strings.Contains(text, c.wants) || strings.Contains(text, "actions planned") {
			t.Errorf("%s: exit %d, and it does not say %q\n%s", c.line, code, c.wants, text)
		}
		if _, err := os.Stat("report.json"); err == nil {
			t.Fatalf("%s: there is a report", c.line)
		}
	}
}

// What looks like a slip and is none is carried out.
func TestNoMisuse(t *testing.T) {
	root := stage.Must(filepath.Abs("../.."))
	estate := "--simulate=" + filepath.Join(root, "testdata", "estate.yaml")
	policy := "--policy=" + filepath.Join(root, "policy.yaml")
	t.Chdir(t.TempDir())
	for _, args := range [][]string{
		{"run", estate, policy, "--dry-run", "--check=false"},
		{"run", estate, policy, "--journal=--check"},
		{"run", estate, policy, "-ofalse"},
		{"run", estate, policy, "-o", "policy"},
		{"show", estate, "--", "alice"},
		{"add", "frank", "--reason", "departed", "--note", "false", estate, policy},
		{"--version"},
	} {
		if code, text := said(args...); code != 0 {
			t.Errorf("%q: exit %d\n%s", args, code, text)
		}
	}
}

// A flag takes the words that its help lists: each other word near one of them is
// answered with it.
func TestChoices(t *testing.T) {
	found := 0
	var p cli.Program
	for _, c := range p.Commands() {
		c.Flags().VisitAll(func(f *pflag.Flag) {
			words := cli.Choices(f)
			if len(words) == 0 {
				if strings.HasSuffix(f.Name, "format") || f.Name == "log-level" || f.Name == "reason" || f.Name == "kind" {
					t.Errorf("%s --%s: its help does not begin with the words that it takes: %s", c.Name(), f.Name, f.Usage)
				}
				return
			}
			found++
			if f.DefValue != "" && f.DefValue != words[0] && f.Name != "log-level" {
				t.Errorf("%s --%s is %s by default, which is not the first of %q", c.Name(), f.Name, f.DefValue, words)
			}
			slip := words[0] + "x"
			code, text := said(append(append([]string{c.Name()}, needed(c)...), "--"+f.Name, slip)...)
			if code != 2 || !strings.Contains(text, "did you mean --"+f.Name+" "+words[0]+"?") {
				t.Errorf("%s --%s %s: exit %d\n%s", c.Name(), f.Name, slip, code, text)
			}
		})
	}
	if found < 20 {
		t.Errorf("only %d flags of that kind were found", found)
	}
}

// needed is a word for each that a command asks for.
func needed(c *cobra.Command) []string {
	if _, takes, _ := strings.Cut(c.Use, " "); takes != "" && !strings.HasPrefix(takes, "-") && !strings.HasPrefix(takes, "[") {
		return []string{"x"}
	}
	return nil
}
