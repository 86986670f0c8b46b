package cli

import "github.com/spf13/cobra"

// What the tests outside of this package see of its inside.
var (
	Replaceable = replaceable
	Rewrite     = rewrite
	Variable    = variable
	SameFile    = sameFile
	Choices     = choices
)

// Commands are all that the program has, in the order of its help.
func (p Program) Commands() (all []*cobra.Command) {
	for _, s := range p.sections() {
		all = append(all, s.commands...)
	}
	return all
}
