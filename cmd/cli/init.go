package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"ackrevoke/cmd/cli/voice"
	"ackrevoke/job/end"
	"ackrevoke/job/file"
	"ackrevoke/policy"
	"ackrevoke/policy/edit"
)

func (p Program) initCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "init",
		Short: "Write a first, commented policy for the caller's account",
		Long: `init writes a first policy: it lists nobody, and has an example of each section in
it, commented out. The account is that of the credentials, which is asked of STS
and nothing else; with --account nothing is called. A file that is there is never
overwritten. Exit codes: 0 written; 1 could not run, or the file is there, or
cannot be written; 2 usage; 6 the time ran out; 130, 143 interrupted.`,
		Example: "  ackrevoke init --policy first.yaml --simulate testdata/estate.yaml",
		Args:    cobra.NoArgs,
	}
	var o options
	var id string
	o.take(c.Flags(), append(looking, ofPolicy)...)
	reword(c.Flags(), "policy", "where the policy goes: a `FILE` that is not there yet, - for standard output")
	own(c.Flags(), flag{name: "account", at: &id, help: "the `ID` of the account; nothing is called"})
	c.PreRunE = p.prepare
	c.RunE = func(c *cobra.Command, _ []string) error {
		asked, reaching := c.Flags().Changed("account"), changed(c, asking...)
		if err := obey(
			rule{asked && !uidForm.MatchString(id), fmt.Sprintf("--account %q is no account id", id), "it is a number, such as 1234567890123456"},
			rule{asked && reaching != "", "--account makes no call, and --" + reaching + " is about one", "take one of the two out"},
		); err != nil {
			return err
		}
		if err := o.validate(c); err != nil {
			return err
		}
		return p.init(c, &o, id)
	}
	return c
}

// init writes the policy, whole or not at all, and never over anything. That is
// found out before the call as well as after it.
func (p Program) init(c *cobra.Command, o *options, id string) error {
	if err := free(o.policy); err != nil {
		return err
	}
	who := "account " + id
	if id == "" {
		caller, err := p.asks(c, o)
		if err != nil {
			return err
		}
		id, who = caller.AccountID, "account "+caller.AccountID+", of "+voice.Name(caller.ARN)
	}
	text := edit.First(id, p.Now())
	if _, err := policy.Load(displayName(o.policy), text); err != nil {
		return &status{code: end.CodeError, err: err, hint: "this is a defect of ackrevoke: report it"}
	}
	if o.policy == "-" {
		if _, err := p.Stdout.Write(text); err != nil {
			return &status{code: end.CodeError, err: err}
		}
		return nil
	}
	err := file.Place(o.policy, text, func(f *os.File) error { return f.Chmod(0o644) }, file.AsNew)
	switch {
	case errors.Is(err, fs.ErrExist):
		return taken(o.policy)
	case err != nil:
		return hinted(&status{code: end.CodeError, err: fmt.Errorf("%s: %w", o.policy, err)}, "name another file with --policy")
	}
	p.began(o, who)
	return nil
}

// asks finds out whose the credentials are: one call of STS.
func (p Program) asks(c *cobra.Command, o *options) (policy.Caller, error) {
	w, err := p.view(c.Context(), o, nil)
	if err != nil {
		return policy.Caller{}, err
	}
	defer w.close()
	caller, not := w.sight.Caller(w.ctx)
	if not != nil {
		return caller, w.failed(not)
	}
	return caller, nil
}

// free refuses a name that is taken, and a folder that is not there.
func free(path string) error {
	if path == "-" {
		return nil
	}
	if _, err := os.Lstat(path); err == nil {
		return taken(path)
	}
	folder := filepath.Dir(path)
	if info, err := os.Stat(folder); err != nil || !info.IsDir() {
		return hinted(&status{code: end.CodeError, err: fmt.Errorf("%s: there is no folder %s", path, folder)},
			"make it, or name another file with --policy")
	}
	return nil
}

func taken(path string) error {
	return hinted(&status{code: end.CodeError, err: fmt.Errorf("%s is there already, and was left as it is", path)},
		"to put somebody into it: ackrevoke add; for another one: ackrevoke init --policy FILE")
}

// began says what was written, and the three commands that come next.
func (p Program) began(o *options, who string) {
	named := func(words ...string) string {
		if o.policy != defaultPolicy {
			words = append(words, "--policy", o.policy)
		}
		if o.simulate != "" {
			words = append(words, "--simulate", o.simulate)
		}
		return voice.Command(words...)
	}
	voice.Say(p.Stderr, "%s: written, for %s. It lists nobody yet.", o.policy, who)
	voice.Say(p.Stderr, "Check it after each change:        %s", voice.Command("validate", o.policy))
	voice.Say(p.Stderr, "What is in the way of a run:       %s", named("doctor"))
	voice.Say(p.Stderr, "Who holds what nobody remembered:  %s", named("audit", "--grants"))
}
