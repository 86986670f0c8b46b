package cli_test

import (
	"bytes"
	"context"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/spf13/pflag"

	"ackrevoke/cmd/cli"
	"ackrevoke/cmd/test/stage"
)

// An empty variable is as good as none, for every flag of every command that
// has flags; one with a line end in it is an error that names the variable, for
// every flag. The command line does not make the variable right.
func TestVariablesOfEveryFlag(t *testing.T) {
	root := stage.Must(filepath.Abs("../.."))
	estate, policy := filepath.Join(root, "testdata/estate.yaml"), stage.PolicyFile(t, nil) // without principals: few calls
	leaked := filepath.Join(root, "testdata/leaked.yaml")
	t.Chdir(t.TempDir())
	stage.Keys(t, stage.Account) // of prove and self, which find nobody to ask
	arguments := map[string][]string{
		"run":      {"-p", policy, "--simulate", estate},
		"doctor":   {"-p", policy, "--simulate", estate},
		"audit":    {"--simulate", estate},
		"diff":     {policy, policy, "--live", "--simulate", estate},
		"show":     {"alice", "--simulate", estate},
		"add":      {"nobody", "-p", policy, "--simulate", estate},
		"pin":      {"-p", policy, "--simulate", estate},
		"inspect":  {leaked},
		"prove":    {leaked, "--simulate", estate},
		"restore":  {"none.json"},
		"self":     {"--simulate", estate},
		"simulate": nil,
		"init":     {"-p", policy, "--simulate", estate}, // which is there
		"summary":  {"."},
		"validate": {policy},
		"history":  {"."},
		"report":   {"none.json"},
	}
	var p cli.Program
	for _, c := range p.Commands() {
		name := c.Name()
		args, listed := arguments[name]
		if !listed {
			if c.HasFlags() {
				t.Errorf("%s has flags and is not tried here", name)
			}
			continue
		}
		run := func(env ...string) (code int, said string) {
			var out bytes.Buffer
			p := cli.Program{Args: append([]string{name}, args...), Env: append([]string{"ACKREVOKE_PORT=tcp://10.0.0.1:80\n"}, env...),
				Stdin: strings.NewReader(""), Stdout: &out, Stderr: &out, Now: func() time.Time { return stage.Noon }}
			return p.Run(context.Background()), out.String()
		}
		plain, _ := run()
		var empty []string
		c.Flags().VisitAll(func(f *pflag.Flag) {
			v := cli.Variable(f.Name)
			empty = append(empty, v+"=set before", v+"=")
			for _, value := range []string{"x\n", "1\r", "\n", "1\u2028"} {
				if code, said := run(v + "=" + value); code != 2 || !strings.Contains(said, v) ||
					!strings.Contains(said, "has a line end in it") && !strings.Contains(said, "is taken from the command line only") {
					t.Errorf("%s with %s=%q: exit %d\n%s", name, v, value, code, said)
				}
			}
		})
		if code, said := run(empty...); code != plain || strings.Contains(said, "ACKREVOKE_") || len(empty) < 4 {
			t.Errorf("%s with %d empty variables: exit %d, not %d\n%s", name, len(empty)/2, code, plain, said)
		}
	}
}
