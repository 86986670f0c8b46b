package cli

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"ackrevoke/cmd/cli/findings"
	"ackrevoke/job/end"
	"ackrevoke/job/report"
	"ackrevoke/policy"
)

func (p Program) schemaCommand() *cobra.Command {
	names := append([]string{"policy", "findings"}, report.Schemas()...)
	return &cobra.Command{
		Use:       "schema " + strings.Join(names, "|"),
		Short:     "Print the JSON Schema of the policy or of what a command prints",
		Example:   "  ackrevoke schema report > report.schema.json",
		ValidArgs: names,
		Args:      cobra.MatchAll(cobra.ExactArgs(1), cobra.OnlyValidArgs),
		RunE: func(c *cobra.Command, args []string) error {
			schema := policy.Schema()
			switch args[0] {
			case "policy":
			case "findings":
				schema = findings.Schema()
			default:
				schema = report.Schema(args[0])
			}
			if !json.Valid(schema) {
				return &status{code: end.CodeError, err: fmt.Errorf("the embedded schema of the %s is damaged", args[0])}
			}
			_, err := c.OutOrStdout().Write(schema)
			return err
		},
	}
}
