package cli

import (
	"io"
	"os"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"ackrevoke/job/end"
	"ackrevoke/policy"
)

func (p Program) completionCommand() *cobra.Command {
	shells := []string{"bash", "zsh", "fish"}
	return &cobra.Command{
		Use:   "completion " + strings.Join(shells, "|"),
		Short: "Print what makes a shell complete commands, flags and principals",
		Long: `completion prints a script for a shell, which from then on asks ackrevoke what can
follow: commands, flags, their values where these are fixed, and the uids and
names of the policy (that of --policy, or of ACKREVOKE_POLICY, or policy.yaml).
Nothing is called for it. To have it in every new shell:

  bash  ackrevoke completion bash > ~/.local/share/bash-completion/completions/ackrevoke
        (needs the package bash-completion)
  zsh   ackrevoke completion zsh > "${fpath[1]}/_ackrevoke"
        (needs: autoload -U compinit; compinit)
  fish  ackrevoke completion fish > ~/.config/fish/completions/ackrevoke.fish

In this shell alone: source <(ackrevoke completion bash), likewise zsh; in fish
ackrevoke completion fish | source.`,
		Example:   "  ackrevoke completion bash > ackrevoke.bash",
		ValidArgs: shells,
		Args:      cobra.MatchAll(cobra.ExactArgs(1), cobra.OnlyValidArgs),
		RunE: func(c *cobra.Command, args []string) error {
			write := map[string]func(io.Writer) error{
				"bash": func(w io.Writer) error { return c.Root().GenBashCompletionV2(w, true) },
				"zsh":  c.Root().GenZshCompletion,
				"fish": func(w io.Writer) error { return c.Root().GenFishCompletion(w, true) },
			}
			if err := write[args[0]](c.OutOrStdout()); err != nil {
				return &status{code: end.CodeError, err: err}
			}
			return nil
		},
	}
}

// isAsked reports whether the shell asks what can follow. Only then does cobra get
// to know how values are completed: it never forgets a flag that it was told of.
func (p Program) isAsked() bool {
	return len(p.Args) > 0 && slices.Contains([]string{cobra.ShellCompRequestCmd, cobra.ShellCompNoDescRequestCmd}, p.Args[0])
}

// completes says how the words and the values of a command are completed. What
// they are is read off its help: a flag's own words, or whether FILE or DIR stands
// for its value.
//
//	--only, --uid           the uids of the policy
//	show PRINCIPAL          its uids and names
//	--format, --reason ...  the words that the help lists
//	FILE, DIR               files, folders
//	anything else           nothing: a file would be wrong
func (p Program) completes(c *cobra.Command) {
	c.Flags().VisitAll(func(f *pflag.Flag) {
		placeholder, _ := pflag.UnquoteUsage(f)
		words := choices(f)
		var by cobra.CompletionFunc
		switch {
		case f.Name == "only" || f.Name == "uid":
			by = func(c *cobra.Command, _ []string, typed string) ([]string, cobra.ShellCompDirective) {
				return inList(p.uids(c), f, typed)
			}
		case f.Name == "fail-on":
			by = func(_ *cobra.Command, _ []string, typed string) ([]string, cobra.ShellCompDirective) {
				return inList(kindNames(), f, typed)
			}
		case len(words) > 0:
			by = cobra.FixedCompletions(words, cobra.ShellCompDirectiveNoFileComp)
		case placeholder == "DIR":
			by = cobra.FixedCompletions(nil, cobra.ShellCompDirectiveFilterDirs)
		case placeholder != "FILE":
			by = cobra.NoFileCompletions
		}
		if by != nil {
			_ = c.RegisterFlagCompletionFunc(f.Name, by) // fails where that has been done
		}
	})
	_, takes, _ := strings.Cut(c.Use, " ")
	switch {
	case c.ValidArgsFunction != nil || len(c.ValidArgs) > 0:
	case c.Name() == "show":
		c.ValidArgsFunction = p.principals
	case strings.HasPrefix(takes, "DIR") || strings.HasPrefix(takes, "[DIR]"):
		c.ValidArgsFunction = cobra.FixedCompletions(nil, cobra.ShellCompDirectiveFilterDirs)
	case !regexp.MustCompile(`FILE|KUBECONFIG|REPORT|OLD`).MatchString(takes):
		c.ValidArgsFunction = cobra.NoFileCompletions
	}
}

// inList completes the last one of a list with commas, of a flag that takes one.
func inList(words []string, f *pflag.Flag, typed string) ([]string, cobra.ShellCompDirective) {
	before := ""
	if i := strings.LastIndex(typed, ","); i >= 0 && strings.HasSuffix(f.Value.Type(), "Slice") {
		before = typed[:i+1]
	}
	taken := strings.Split(before, ",")
	var all []string
	for _, w := range words {
		word, _, _ := strings.Cut(w, "\t")
		if strings.HasPrefix(before+word, typed) && !slices.Contains(taken, word) {
			all = append(all, before+w)
		}
	}
	return all[:min(len(all), mostCompleted)], cobra.ShellCompDirectiveNoFileComp
}

// mostCompleted is how many words a shell is given: more of them nobody reads.
const mostCompleted = 500

// principals are the uids and names of the policy, for a command that takes one.
func (p Program) principals(c *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
	var all []string
	if len(args) == 0 {
		for _, q := range p.listed(c) {
			for _, word := range []string{q.UID, q.Name} {
				if harmless.MatchString(word) && strings.HasPrefix(word, typed) {
					all = append(all, word+"\t"+described(q))
				}
			}
		}
	}
	return all[:min(len(all), mostCompleted)], cobra.ShellCompDirectiveNoFileComp
}

// uids are those of the policy, each with what the policy says of it.
func (p Program) uids(c *cobra.Command) (all []string) {
	for _, q := range p.listed(c) {
		if harmless.MatchString(q.UID) {
			all = append(all, q.UID+"\t"+described(q))
		}
	}
	return all
}

// harmless is a word that means itself in every shell: what RAM allows in names
// and uids. Cobra's scripts hand words to eval, and a policy may come from anybody:
// a name with any other letter is left out, and not escaped.
var harmless = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9._@-]{0,127}$`)

// described is what stands beside a word: name and reason, of letters and digits
// alone, for some shells expand what they show.
func described(q policy.Principal) string {
	plain := strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune(" ._@-", r) {
			return r
		}
		return '?'
	}, q.Name)
	if runes := []rune(plain); len(runes) > 64 {
		plain = string(runes[:64])
	}
	if plain == "" {
		return string(q.Reason)
	}
	return plain + ", " + string(q.Reason)
}

// listed are the entries of the policy that the command line, the environment or
// its name says. Whatever is wrong with it, a shell that completes is not the place
// to say so; and it does not wait long for a disk.
func (p Program) listed(c *cobra.Command) []policy.Principal {
	name := defaultPolicy
	if given := variables(p.Env)[variable("policy")]; given != "" {
		name = given
	}
	if f := c.Flags().Lookup("policy"); f != nil && f.Changed {
		name = f.Value.String()
	}
	read := make(chan []policy.Principal, 1)
	go func() {
		var all []policy.Principal
		if info, err := os.Stat(name); err == nil && info.Mode().IsRegular() {
			if pol, err := p.load(&options{policy: name}); err == nil {
				all = pol.Principals
			}
		}
		read <- all
	}()
	select {
	case all := <-read:
		return all
	case <-time.After(time.Second):
		return nil
	}
}
