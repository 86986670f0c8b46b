package cli

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"ackrevoke/cmd/cli/voice"
)

// A command line that is not quite one is answered with a question, and never
// guessed at: whoever mistypes a flag of a program that revokes has to say it again.

// called are words of other programs for what a command of this one does.
var called = map[string]string{"revoke": "run", "apply": "run", "plan": "run", "reconcile": "run", "check": "validate", "lint": "validate",
	"get": "show", "describe": "show", "list": "audit", "scan": "audit", "undo": "restore", "rollback": "restore"}

// flagged are words of other programs for a flag of this one.
var flagged = map[string]string{"file": "policy", "filename": "policy", "config": "policy",
	"apply": "dry-run=false", "execute": "dry-run=false", "no-dry-run": "dry-run=false",
	"output": "report", "out": "report", "verbose": "log-level=debug", "debug": "log-level=debug",
	"quiet": "log-level=warn"}

// noSuchCommand answers a first word that is no command.
func noSuchCommand(root *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	var names []string
	for _, c := range root.Commands() {
		names = append(names, c.Name())
	}
	meant := near(args[0], names)
	if other := called[strings.ToLower(args[0])]; other != "" {
		meant = []string{other}
	}
	hint := "all commands: ackrevoke --help"
	switch {
	case len(meant) > 0:
		hint = question(prefixed("ackrevoke ", meant)...)
	case isFile(args[0]):
		hint = "a policy file is named with -p: " + voice.Command("run", "-p", args[0])
	}
	return hinted(usage("unknown command %q", voice.Name(args[0])), hint)
}

func prefixed(with string, words []string) (all []string) {
	for _, w := range words {
		all = append(all, with+w)
	}
	return all
}

// isFile reports whether a word names a file that is there, or looks like one.
func isFile(word string) bool {
	info, err := os.Stat(word)
	return err == nil && info.Mode().IsRegular() || slices.Contains([]string{".yaml", ".yml", ".json"}, strings.ToLower(filepath.Ext(word)))
}

// wrongFlag answers what the reader of flags did not understand.
func (p Program) wrongFlag(c *cobra.Command, err error) error {
	var unknown *pflag.NotExistError
	var without *pflag.ValueRequiredError
	var wrong *pflag.InvalidValueError
	switch {
	case errors.As(err, &unknown):
		return hinted(usage("%s: %w", c.Name(), unknown), meantBy(c, unknown))
	case errors.As(err, &without):
		placeholder, _ := pflag.UnquoteUsage(without.GetFlag())
		return hinted(usage("--%s needs a value", without.GetFlag().Name), fmt.Sprintf("--%s %s", without.GetFlag().Name, placeholder))
	case errors.As(err, &wrong):
		return wrongValue(wrong)
	}
	return hinted(usage("%w", err), helpOf(c))
}

func helpOf(c *cobra.Command) string { return "see " + c.CommandPath() + " --help" }

// wrongValue says what kind of value a flag takes.
func wrongValue(wrong *pflag.InvalidValueError) error {
	f := wrong.GetFlag()
	not, example := takes(f, "--"+f.Name+" ")
	if not == "" {
		return usage("%w", wrong)
	}
	return hinted(usage("--%s %q is %s", f.Name, wrong.GetValue(), not), example)
}

// takes says what a value is that a flag does not take, and gives one that it does, as
// it is set on the command line or in the environment; "" for a flag that takes any word.
func takes(f *pflag.Flag, set string) (not, example string) {
	bare := strings.TrimRight(set, " =")
	kinds := map[string][2]string{
		"bool":     {"neither true nor false", bare + "=true or " + bare + "=false"},
		"int":      {"no whole number", "for example " + set + "5"},
		"float64":  {"no number", "for example " + set + someNumber(f)},
		"duration": {"no duration", "a number and a unit, for example " + set + "90s, 30m or 2h"},
	}
	kind := kinds[f.Value.Type()]
	return kind[0], kind[1]
}

// someNumber is a number that a flag takes: its default, where it has one.
func someNumber(f *pflag.Flag) string {
	if f.DefValue == "0" {
		return "2.5"
	}
	return f.DefValue
}

// meantBy says what an unknown flag may have meant.
func meantBy(c *cobra.Command, unknown *pflag.NotExistError) string {
	name, short := unknown.GetSpecifiedName(), unknown.GetSpecifiedShortnames()
	names := flagNames(c.Flags())
	word, value, valued := strings.Cut(short, "=")
	switch {
	case slices.Contains(names, word): // -dry-run=false
		if valued {
			word += "=" + value
		}
		return question("--"+word) + " A long flag has two dashes"
	case (name == "f" || name == "o") && short != "" && c.Flags().Lookup("policy") != nil:
		return "the policy file is named with -p: " + c.CommandPath() + " -p policy.yaml"
	case short != "" && name == "f" && strings.Contains(c.Use, "FILE"):
		return "files are named without a flag: " + c.CommandPath() + " policy.yaml"
	case short != "":
		return helpOf(c)
	case name == "version":
		return question("ackrevoke --version")
	}
	meant := near(name, names)
	if other := flagged[strings.ToLower(name)]; other != "" {
		if flag, _, _ := strings.Cut(other, "="); slices.Contains(names, flag) {
			meant = []string{other}
		}
	}
	if asked := question(prefixed("--", meant)...); asked != "" {
		return asked
	}
	for _, sub := range c.Commands() { // of the program itself
		if sub.Flags().Lookup(name) != nil {
			return "flags come behind the command, such as: " + sub.CommandPath() + " --" + name
		}
	}
	return helpOf(c)
}

func flagNames(flags *pflag.FlagSet) (names []string) {
	flags.VisitAll(func(f *pflag.Flag) {
		if !f.Hidden {
			names = append(names, f.Name)
		}
	})
	return names
}

// careful answers what the reader of flags understood, and hardly anybody means:
// before a command looks at its words, and before anything is done.
func (p Program) careful(was cobra.PositionalArgs) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		free, err := wordsOf(c.Flags(), p.Args)
		if err != nil {
			return err
		}
		if err := slipped(c.Flags()); err != nil {
			return err
		}
		if was == nil {
			return nil
		}
		err = was(c, args)
		var s *status
		if err == nil || errors.As(err, &s) {
			return err
		}
		return p.wrongWords(c, args, free)
	}
}

// wordsOf tells the words of a command line apart, as the reader of flags does. It
// returns the places of those that are neither flags nor their values; what can
// have been meant otherwise is an error:
//
//	--dry-run false           false is a word of its own, and --dry-run is true
//	-policy policy.yaml       is -p olicy
//	--journal --dry-run=false the journal is called --dry-run=false
func wordsOf(flags *pflag.FlagSet, args []string) (free []int, err error) {
	for i := 0; i < len(args); i++ {
		word := args[i]
		switch {
		case word == "--":
			for i++; i < len(args); i++ {
				free = append(free, i)
			}
			return free, nil
		case len(word) < 2 || word[0] != '-':
			free = append(free, i)
			continue
		}
		f, whole := flagOf(flags, word)
		if name, _, _ := strings.Cut(word[1:], "="); word[1] != '-' && len(name) > 1 && flags.Lookup(name) != nil {
			return nil, hinted(usage("%s is read as -%s %s", voice.Name(word), word[1:2], voice.Name(word[2:])),
				question("--"+name)+" A long flag has two dashes")
		}
		if f == nil || whole || i+1 == len(args) {
			continue
		}
		next := args[i+1]
		switch {
		case f.Value.Type() == "bool" && truth.MatchString(next):
			return nil, hinted(usage("a value of --%s needs an equals sign: --%[1]s=%s", f.Name, next),
				fmt.Sprintf("--%s=%s; without it %[2]s is a word of its own", f.Name, next))
		case f.NoOptDefVal != "":
		case strings.HasPrefix(next, "--") && known(flags, next):
			return nil, hinted(usage("--%s needs a value, and %s is a flag", f.Name, voice.Name(next)),
				fmt.Sprintf("where that is really meant: --%s=%s", f.Name, next))
		default:
			i++ // its value
		}
	}
	return free, nil
}

// truth is what people write for a boolean.
var truth = regexp.MustCompile(`(?i)^(true|false|yes|no|on|off|0|1)$`)

// flagOf is the flag whose value would be the next word, and whether it has one
// already. Of short flags in one word it is the last one.
func flagOf(flags *pflag.FlagSet, word string) (f *pflag.Flag, whole bool) {
	if name, isLong := strings.CutPrefix(word, "--"); isLong {
		name, _, whole = strings.Cut(name, "=")
		return flags.Lookup(name), whole
	}
	for i := 1; i < len(word); i++ {
		if f = flags.ShorthandLookup(word[i : i+1]); f == nil || f.NoOptDefVal == "" {
			return f, i+1 < len(word)
		}
	}
	return f, false
}

func known(flags *pflag.FlagSet, word string) bool {
	f, _ := flagOf(flags, word)
	return f != nil
}

// wrongWords answers words that a command does not take, and such as it lacks.
// free are the places of all words in the arguments, that of the command first.
func (p Program) wrongWords(c *cobra.Command, args []string, free []int) error {
	_, takes, _ := strings.Cut(c.Use, " ")
	takes, _, _ = strings.Cut(takes, " --")
	switch {
	case len(args) > 0 && len(c.ValidArgs) > 0:
		meant := question(prefixed(c.CommandPath()+" ", near(args[0], c.ValidArgs))...)
		if meant == "" || len(args) > 1 {
			meant = c.CommandPath() + " takes one of " + strings.Join(c.ValidArgs, ", ")
		}
		return hinted(usage("%s: %q is none of its names", c.Name(), voice.Name(strings.Join(args, " "))), meant)
	case len(args) == 0:
		return hinted(usage("%s is missing", takes), "give it: "+c.CommandPath()+" "+takes)
	case takes != "":
		return hinted(usage("one %s at a time, not %d", takes, len(args)), helpOf(c))
	}
	shown := voice.Name(args[0])
	if c.Flags().Lookup("policy") == nil || len(args) > 1 || !isFile(args[0]) || c.Flags().Changed("policy") {
		return hinted(usage("%s takes flags alone, and %q is none", c.Name(), shown), helpOf(c))
	}
	all := withoutUser(p.Args)
	all[free[len(free)-1]] = "--policy=" + args[0]
	return hinted(usage("%s takes flags alone, and %q is a file", c.Name(), shown),
		"the policy file is named with -p or --policy: "+voice.Command(all...))
}
