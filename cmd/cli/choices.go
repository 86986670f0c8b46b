package cli

import (
	"regexp"
	"slices"
	"strings"

	"github.com/spf13/pflag"
)

// alternatives is how the help of a flag begins that takes one of some words:
// "auto, console or json", or with what a word means, "departed (all) or compromised".
var alternatives = regexp.MustCompile(`^[a-z]+(?: \([^)]*\))?(?:, [a-z]+(?: \([^)]*\))?)*,? or [a-z]+\b`)

var meaning = regexp.MustCompile(` \([^)]*\)`)

// choices are the words of which a flag takes one, as its help lists them; none
// where any value will do. So the help, the completion of a shell and the question
// after a slip are of one mind.
func choices(f *pflag.Flag) []string {
	if f.Value.Type() != "string" {
		return nil
	}
	list := meaning.ReplaceAllString(alternatives.FindString(f.Usage), "")
	return strings.FieldsFunc(strings.ReplaceAll(list, " or ", ","), func(r rune) bool { return r == ',' || r == ' ' })
}

// slipped asks what was meant where a flag takes one of some words, and was given
// another that is near. What is far off the command itself refuses.
func slipped(flags *pflag.FlagSet) (wrong error) {
	flags.Visit(func(f *pflag.Flag) {
		words, value := choices(f), f.Value.String()
		if wrong != nil || len(words) == 0 || slices.Contains(words, value) {
			return
		}
		if meant := near(value, words); len(meant) > 0 {
			wrong = hinted(usage("--%s %q is none of %s", f.Name, value, strings.Join(words, ", ")), question(prefixed("--"+f.Name+" ", meant)...))
		}
	})
	return wrong
}
