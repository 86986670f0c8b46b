package main

import (
	"bytes"
	"context"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// An empty variable is as good as none, for every flag of every command that
// has flags; one with a line end in it is an error that names the variable, for
// every flag. The command line does not make the variable right.
func TestVariablesOfEveryFlag(t *testing.T) {
	root := must(filepath.Abs("../.."))
	estate, policy := filepath.Join(root, "testdata/estate.yaml"), policyFile(t, nil) // without principals: few calls
	leaked := filepath.Join(root, "testdata/leaked.yaml")
	t.Chdir(t.TempDir())
	keys(t, showcaseAccount) // of prove and self, which find nobody to ask
	var p Program
	for _, c := range []struct {
		command *cobra.Command
		args    []string
	}{
		{p.runCommand(), []string{"-p", policy, "--simulate", estate}},
		{p.doctorCommand(), []string{"-p", policy, "--simulate", estate}},
		{p.auditCommand(), []string{"--simulate", estate}},
		{p.showCommand(), []string{"alice", "--simulate", estate}},
		{p.addCommand(), []string{"nobody", "-p", policy, "--simulate", estate}},
		{p.pinCommand(), []string{"-p", policy, "--simulate", estate}},
		{p.inspectCommand(), []string{leaked}},
		{p.proveCommand(), []string{leaked, "--simulate", estate}},
		{p.restoreCommand(), []string{"none.json"}},
		{p.selfCommand(), []string{"--simulate", estate}},
		{p.simulateCommand(), nil},
	} {
		name := c.command.Name()
		run := func(env ...string) (code int, said string) {
			var out bytes.Buffer
			p := Program{Args: append([]string{name}, c.args...), Env: append([]string{"ACKREVOKE_PORT=tcp://10.0.0.1:80\n"}, env...),
				Stdin: strings.NewReader(""), Stdout: &out, Stderr: &out, Now: func() time.Time { return noon }}
			return p.Run(context.Background()), out.String()
		}
		plain, _ := run()
		var empty []string
		c.command.Flags().VisitAll(func(f *pflag.Flag) {
			v := variable(f.Name)
			empty = append(empty, v+"=set before", v+"=")
			for _, value := range []string{"x\n", "1\r", "\n", "1\u2028"} {
				if code, said := run(v + "=" + value); code != 2 || !strings.Contains(said, v) ||
					!strings.Contains(said, "has a line end in it") && !strings.Contains(said, "is taken from the command line only") {
					t.Errorf("%s with %s=%q: exit %d\n%s", name, v, value, code, said)
				}
			}
		})
		if code, said := run(empty...); code != plain || strings.Contains(said, "ACKREVOKE_") || len(empty) < 8 {
			t.Errorf("%s with %d empty variables: exit %d, not %d\n%s", name, len(empty)/2, code, plain, said)
		}
	}
}
