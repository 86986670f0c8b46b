package cli

import (
	"fmt"

	"github.com/spf13/cobra"

	"ackrevoke/cmd/cli/voice"
	"ackrevoke/job/end"
)

func (p Program) validateCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "validate [FILE...]",
		Short: "Check policy files offline",
		Long: "validate checks policy files without calling anything and says all that is wrong with them, each as " +
			"file:line:column: message. It exits 2 when something is.",
		Example: "  ackrevoke validate policy.yaml",
		RunE: func(c *cobra.Command, files []string) error {
			if len(files) == 0 {
				files = []string{"policy.yaml"}
			}
			bad := 0
			for _, name := range files {
				pol, err := p.load(&options{policy: name, dryRun: true})
				if err != nil {
					bad++
					for _, m := range voice.Messages(err) {
						voice.Say(p.Stderr, "%s", m)
					}
					continue
				}
				voice.Say(c.OutOrStdout(), "%s: valid, %s", pol.Path, voice.Count(len(pol.Principals), "entry", "entries"))
			}
			if bad > 0 {
				voice.Complain(p.Stderr, fmt.Errorf("%d of %s not valid", bad, voice.Count(len(files), "file is", "files are")),
					"correct what is named above; ackrevoke schema policy prints the format")
				return exit(end.CodeInvalid)
			}
			return nil
		},
	}
}
