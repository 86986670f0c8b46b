package cli

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"ackrevoke/cmd/cli/voice"
	"ackrevoke/job/end"
	"ackrevoke/job/sight"
	"ackrevoke/policy"
	"ackrevoke/policy/edit"
)

// addFlags are the flags of add.
type addFlags struct {
	reason, effective, until, ticket, note, kind string
	clusters, pins                               []string
	deleted, write                               bool
}

func (p Program) addCommand() *cobra.Command {
	var a addFlags
	c := &cobra.Command{
		Use:   "add PRINCIPAL",
		Short: "Put a principal into the policy, looked up in RAM",
		Long: `add looks a RAM user or role up, by uid, name or ARN (as show does), and puts one entry with its
uid, kind, name and creation time into the policy file: in its place where the
list is in order of uids, else at its end. It shows the change as a diff and
writes it only with --write; comments, order and layout stay as they are. Nobody
is guessed: a name that is not exactly one is listed with those who could be
meant. It reads, and never writes to the account. Exit codes: 0 shown, or
written; 1 could not run, or the file cannot be changed by a program; 2 usage,
an invalid policy, nobody or several of that name, listed already; 4 protected,
or another account; 6 a listing could not be had; 130, 143 interrupted.`,
		Example: "  ackrevoke add frank --reason departed --ticket HR-4990 --simulate testdata/estate.yaml",
		Args:    one("PRINCIPAL", "a uid, a name or an ARN, such as 200000000000000001"),
	}
	var o options
	o.take(c.Flags(), append(looking, ofPolicy)...)
	own(c.Flags(), a.flags()...)
	c.PreRunE = p.prepare
	c.RunE = func(c *cobra.Command, args []string) error {
		entry, err := a.entry()
		if err != nil {
			return err
		}
		if err := o.validate(c); err != nil {
			return err
		}
		return p.add(c, &o, &a, entry, args[0])
	}
	return c
}

func (a *addFlags) flags() []flag {
	return []flag{
		{name: "reason", at: &a.reason, help: "departed (everything goes, for good) or compromised (with --until or --pin)"},
		{name: "ticket", at: &a.ticket, help: "free text that the report carries"},
		{name: "effective", at: &a.effective, help: "`DATE` or time with offset before which nothing is done"},
		{name: "until", at: &a.until, help: "`DATE` or time with offset after which the entry has lapsed"},
		{name: "note", at: &a.note, help: "free text"},
		{name: "cluster", at: &a.clusters, help: "narrow the entry to these clusters: `ID`s, or globs over names"},
		{name: "pin", at: asGiven{&a.pins}, help: "`CLUSTER=EXPIRY` of the one certificate that must go, as show prints it; may be given again"},
		{name: "deleted", at: &a.deleted, help: "the uid is that of a principal that is deleted in RAM"},
		{name: "kind", at: &a.kind, help: "user or role, of a deleted principal (default user)"},
		{name: "write", at: &a.write, help: "write the policy; without it the change is only shown"},
	}
}

// entry is what the flags say, without who it is about.
func (a *addFlags) entry() (edit.Entry, error) {
	e := edit.Entry{Reason: policy.Reason(a.reason), Effective: a.effective, Until: a.until, Deleted: a.deleted, Clusters: a.clusters,
		Ticket: a.ticket, Note: a.note}
	if err := obey(
		rule{a.reason == "", "--reason is missing", "--reason departed, or --reason compromised"},
		rule{a.reason != "departed" && a.reason != "compromised", fmt.Sprintf("--reason %q is neither departed nor compromised", a.reason),
			"--reason departed takes away everything, now and later"},
		rule{a.reason == "compromised" && a.until == "" && len(a.pins) == 0, "--reason compromised needs --until or --pin",
			"--until DATE locks the principal out of everything until then; --pin CLUSTER=EXPIRY ends exactly one certificate: " +
				"ackrevoke show prints it"},
		rule{a.reason == "departed" && len(a.pins) > 0, "--pin does not go with --reason departed, which takes away everything",
			"take --pin out, or give --reason compromised"},
		rule{a.kind != "" && !a.deleted, "--kind is for a principal that is --deleted", "leave it out: the kind of a live one is looked up"},
		rule{a.kind != "" && a.kind != "user" && a.kind != "role", fmt.Sprintf("--kind %q is neither user nor role", a.kind), "--kind role"},
	); err != nil {
		return e, err
	}
	for _, text := range a.pins {
		i := strings.LastIndex(text, "=")
		expires, err := time.Parse(time.RFC3339, text[i+1:])
		if i < 1 || err != nil {
			return e, hinted(usage("--pin %q is no CLUSTER=EXPIRY", text),
				"for example --pin c1a2=2028-09-10T11:12:13Z, as ackrevoke show prints it")
		}
		e.Pins = append(e.Pins, policy.Pin{Cluster: text[:i], Expires: expires})
	}
	return e, nil
}

// add makes the entry, step by step; before the first call all that can be
// wrong without one has been said.
func (p Program) add(c *cobra.Command, o *options, a *addFlags, e edit.Entry, text string) error {
	data, pol, err := p.policyText(o, a.write)
	if err != nil {
		return err
	}
	e.UID, e.Kind = "0", policy.User // somebody, to try the rest
	if _, err := e.Principal(pol.Location); err != nil {
		return hinted(usage("the entry would not be valid: %w", err), "correct the flag that says so")
	}
	if err := unlisted(pol, text); err != nil {
		return err
	}
	w, err := p.view(c.Context(), o, pol)
	if err != nil {
		return err
	}
	defer w.close()
	d, err := w.sight.Believed(w.ctx, sight.People)
	w.voice.Quiet()
	if err != nil {
		return w.failed(err)
	}
	id, state, err := meant(text, d)
	if err != nil {
		return err
	}
	if err := a.agrees(id, state, d); err != nil {
		return err
	}
	if why := policy.Protects(pol, d, id, state); why != "" {
		return &status{code: end.CodeRefused, err: fmt.Errorf("%s is protected: %s", voice.Whom(id.Name, id.UID), why),
			hint: "nothing was written; a run would refuse the entry"}
	}
	if err := unlisted(pol, id.UID); err != nil {
		return err
	}
	e.UID, e.Name, e.CreatedAt = id.UID, id.Name, id.CreatedAt
	if id.Kind != "" {
		e.Kind = id.Kind
	} else if a.kind != "" {
		e.Kind = policy.Kind(a.kind)
	}
	done, err := edit.Add(displayName(o.policy), data, e)
	if err != nil {
		return p.handOver(err)
	}
	written, err := p.offer(o, done, a.write)
	if err != nil {
		return err
	}
	p.added(c, o, e, done, written)
	return nil
}

// added says what became of the entry, and what comes next.
func (p Program) added(c *cobra.Command, o *options, e edit.Entry, done *edit.Edit, written bool) {
	at := ""
	if now, err := policy.Load(displayName(o.policy), done.New); err == nil {
		i := slices.IndexFunc(now.Principals, func(q policy.Principal) bool { return q.UID == e.UID })
		at = fmt.Sprintf("%s:%d: %s, %s", displayName(o.policy), now.Principals[i].Line, voice.Whom(e.Name, e.UID), e.Reason)
	}
	if e.Kind == policy.Role {
		at += "; a role's credential is everybody's who assumes it"
	}
	p.sayChanged(o, at, written, append([]string{"run", "--only", e.UID}, given(c)...))
}

// agrees holds what the flags say of the identity against the listings.
func (a *addFlags) agrees(id policy.Identity, state policy.IdentityState, d policy.Directory) error {
	switch {
	case state == policy.Deleted && !a.deleted:
		return hinted(usage("nobody has the uid %s: it is mistyped, or was deleted in RAM", id.UID),
			perhaps(id.UID, d)+"ackrevoke show "+id.UID+" tells which, by what is left of it; if it was deleted, add it again with --deleted")
	case state == policy.Live && a.deleted:
		return hinted(usage("%s is alive: created %s", voice.Whom(id.Name, id.UID), id.CreatedAt.UTC().Format(time.RFC3339)),
			"leave --deleted out, or check the uid")
	}
	return nil
}
