package cli_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"gopkg.in/yaml.v3"

	"ackrevoke/ack/sim"
	"ackrevoke/cmd/cli"
	"ackrevoke/cmd/test/stage"
	"ackrevoke/policy"
	"ackrevoke/policy/audit"
)

// TestAuditKept keeps to the word what audit says in each case, as a table, as
// JSON and as a policy for review, which always loads. UPDATE=1 rewrites what
// is kept.
func TestAuditKept(t *testing.T) {
	stage.Keys(t, stage.Account)
	cases := stage.Must(filepath.Glob("../../testdata/audit/*.yaml"))
	if len(cases) == 0 {
		t.Fatal("no case found")
	}
	for _, file := range cases {
		stem := strings.TrimSuffix(stage.Must(filepath.Abs(file)), ".yaml")
		t.Run(filepath.Base(stem), func(t *testing.T) {
			var c checkup
			d := yaml.NewDecoder(bytes.NewReader(stage.Must(os.ReadFile(stem + ".yaml"))))
			d.KnownFields(true)
			if err := d.Decode(&c); err != nil || c.Note == "" {
				t.Fatal("a case needs a note: ", err)
			}
			t.Chdir(t.TempDir())
			if c.Policy != "" {
				if err := os.WriteFile("policy.yaml", []byte(c.Policy), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			audit := func(args ...string) (a stage.Audited) {
				var faults *sim.Faults
				if c.Faults != "" {
					faults = stage.Must(sim.LoadFaults("faults.yaml", []byte("faults: "+c.Faults)))
				}
				stage.BubbleWith(t, []byte(c.Estate), faults, stage.Noon, func(w *stage.World) { a = w.Audit(append(c.Args, args...)...) })
				if a.Code != c.Exit {
					t.Errorf("%v: exit %d, want %d\n%s", args, a.Code, c.Exit, a.Stderr)
				}
				return a
			}
			text, object, proposal := audit(), audit("--format", "json"), audit("--emit-policy")
			kept(t, stem+".txt", text.Stdout)
			kept(t, stem+".json", object.Stdout)
			kept(t, stem+".policy", proposal.Stdout)
			if names := nulls(t, object.Stdout); len(names) > 0 {
				t.Errorf("null: %v", names)
			}
			for _, said := range []string{text.Stdout, object.Stdout, proposal.Stdout, proposal.Stderr} {
				if strings.ContainsAny(said, "\x1b\u202e\a\r\u2028\u2029\u0085\u200b\ufeff") || strings.Contains(said, "\U000E0001") {
					t.Errorf("a terminal could be harmed: %q", said)
				}
			}
			if strings.Contains(text.Stdout, "nothing was found") && (c.Exit != 0 || len(object.Audit.Unknown) > 0) {
				t.Error("nothing was found, it says, and not all was seen")
			}
			ready := map[string]bool{}
			for _, f := range object.Audit.Findings {
				if f.Entry != nil && !f.Decide {
					ready[f.UID] = true
				}
			}
			drafted, err := policy.Load("proposal.yaml", []byte(proposal.Stdout))
			switch {
			case !object.Audit.Made():
				if proposal.Stdout != "" {
					t.Errorf("nothing was audited, and something is proposed:\n%s", proposal.Stdout)
				}
			case err != nil:
				t.Errorf("the proposal does not load: %v\n%s", err, proposal.Stdout)
			case len(drafted.Principals) != len(ready):
				t.Errorf("%d entries are proposed, and %d findings have one", len(drafted.Principals), len(ready))
			}
		})
	}
}

// docs/audit.md shows what audit says, with lines left out, and its table of
// findings is the program's.
func TestDocsShowTheAudit(t *testing.T) {
	const command = "$ ackrevoke audit --policy policy.yaml --grants --simulate testdata/estate.yaml\n"
	shows := string(stage.Must(os.ReadFile(filepath.Join("..", "..", "docs", "audit.md"))))
	_, shown, found := strings.Cut(shows, command)
	shown, _, ended := strings.Cut(shown, "```")
	if !found || !ended {
		t.Fatal("docs/audit.md does not show it")
	}
	for _, r := range audit.Findings {
		looked := "always"
		if r.Needs != audit.NeedsNothing {
			looked = "with `--" + string(r.Needs) + "`"
		}
		if row := fmt.Sprintf("| `%s` | %s | %s | %s |", r.Kind, r.Severity, r.Means, looked); !strings.Contains(shows, row) {
			t.Errorf("docs/audit.md lacks %s", row)
		}
	}
	t.Chdir(filepath.Join("..", ".."))
	var stdout, stderr bytes.Buffer
	p := cli.Program{Args: strings.Fields(command)[2:], Stdin: strings.NewReader(""), Stdout: &stdout, Stderr: &stderr,
		Now: func() time.Time { return stage.Noon }}
	if code := p.Run(t.Context()); code != 0 {
		t.Fatalf("exit %d\n%s%s", code, stdout.String(), stderr.String())
	}
	rest := "\n" + stdout.String()
	for _, line := range strings.Split(strings.TrimSuffix(shown, "\n"), "\n") {
		if line == "..." {
			continue
		}
		_, after, found := strings.Cut(rest, "\n"+line+"\n")
		if !found {
			t.Errorf("docs/audit.md says %q, and audit\n%s", line, stdout.String())
		}
		rest = "\n" + after
	}
}
