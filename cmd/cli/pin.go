package cli

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"ackrevoke/cmd/cli/voice"
	"ackrevoke/job/end"
	"ackrevoke/job/look"
	"ackrevoke/job/sight"
	"ackrevoke/policy"
	"ackrevoke/policy/edit"
)

func (p Program) pinCommand() *cobra.Command {
	var uids []string
	var certificates, write bool
	c := &cobra.Command{
		Use:   "pin",
		Short: "Complete the entries of the policy with what RAM and ACK say now",
		Long: `pin states what entries leave open: the creation time and the name of the live
user or role, and kind: role where the uid is a role's. So a mistyped uid, or a
name that somebody new carries later, is found by a run. An entry that a run
would refuse is left as it is, and named.

With --certificates compromised entries that only have an end (until) are given
the certificates that are in force now, in scope; from then on exactly these are
revoked, and what the principal fetches later is its own. An entry that has pins
is given its other current certificates only where --uid names it. If one
certificate of an entry is unclear, the entry is given none.

The change is shown as a diff and written only with --write; comments, order and
layout stay as they are. Exit codes: 0 shown, written, or nothing to complete; 1
could not run, or the file cannot be changed by a program; 2 usage or an invalid
policy; 4 an entry would be refused, or another account; 6 something could not be
seen; 130, 143 interrupted.`,
		Example: "  ackrevoke pin --policy policy.yaml --simulate testdata/estate.yaml",
		Args:    cobra.NoArgs,
	}
	var o options
	o.take(c.Flags(), append(looking, ofPolicy)...)
	own(c.Flags(),
		flag{name: "uid", at: &uids, help: "complete the entries of these `UID`s alone (comma separated)"},
		flag{name: "certificates", at: &certificates, help: "pin the current certificates of compromised entries"},
		flag{name: "write", at: &write, help: "write the policy; without it the change is only shown"})
	c.PreRunE = p.prepare
	c.RunE = func(c *cobra.Command, _ []string) error {
		if c.Flags().Changed("uid") && len(uids) == 0 {
			return hinted(usage("--uid is empty"), "name the uid of an entry, or leave the flag out for all")
		}
		if err := o.validate(c); err != nil {
			return err
		}
		data, pol, err := p.policyText(&o, write)
		if err != nil {
			return err
		}
		chosen, err := pol.Only(uids)
		if err != nil {
			return hinted(usage("--uid: %w", err), "name uids that the policy lists; ackrevoke add puts somebody into it")
		}
		x := &pinner{Program: p, o: &o, pol: pol, data: data, named: len(uids) > 0, certificates: certificates}
		if err := x.sensible(chosen); err != nil {
			return err
		}
		return x.pin(c, chosen, write)
	}
	return c
}

// pinner completes the entries of one policy.
type pinner struct {
	Program
	o            *options
	pol          *policy.Policy
	data         []byte
	named        bool // the entries were chosen by --uid
	certificates bool

	view     *view
	stated   map[string][]string // keys of each entry
	refused  bool                // a run would refuse an entry
	unseen   bool                // a certificate could not be seen
	resolved *policy.Resolution
}

// sensible refuses to pin certificates of somebody who is to lose everything.
func (x *pinner) sensible(chosen *policy.Policy) error {
	for _, e := range chosen.Principals {
		if x.named && x.certificates && e.Reason == policy.Departed {
			return hinted(usage("%s:%d: %s is departed: everything goes, so no certificate is pinned", x.pol.Path, e.Line,
				voice.Whom(e.Name, e.UID)), "leave it out of --uid, or --certificates out")
		}
	}
	return nil
}

func (x *pinner) pin(c *cobra.Command, chosen *policy.Policy, write bool) error {
	var err error
	if x.stated, err = edit.Stated(x.pol.Path, x.data); err != nil {
		return x.handOver(err)
	}
	if x.view, err = x.Program.view(c.Context(), x.o, x.pol); err != nil {
		return err
	}
	defer x.view.close()
	x.view.sight.Regions = x.pol.Scope.Regions
	parts := sight.People
	if x.certificates {
		parts = sight.All
	}
	d, err := x.view.sight.Believed(x.view.ctx, parts)
	if err != nil {
		return x.view.failed(err)
	}
	x.resolved = policy.Resolve(x.pol, d, x.Now())
	var changes []edit.Change
	for _, e := range chosen.Principals {
		change, err := x.complete(d, e)
		if err != nil {
			return err
		}
		if change.Kind != "" || change.Name != "" || !change.CreatedAt.IsZero() || len(change.Pins) > 0 {
			changes = append(changes, change)
		}
	}
	x.view.voice.Quiet()
	if context.Cause(x.view.ctx) != nil {
		return x.view.failed(context.Cause(x.view.ctx))
	}
	if len(changes) == 0 {
		voice.Say(x.Stderr, "%s: nothing to complete in %s", voice.Name(x.pol.Path), voice.Count(len(chosen.Principals), "entry", "entries"))
		return exit(x.code())
	}
	done, err := edit.Complete(x.pol.Path, x.data, changes)
	if err != nil {
		return x.handOver(err)
	}
	written, err := x.offer(x.o, done, write)
	if err != nil {
		return err
	}
	what := fmt.Sprintf("%s: %s of %d completed", voice.Name(x.pol.Path), voice.Count(len(changes), "entry", "entries"),
		len(chosen.Principals))
	x.sayChanged(x.o, what, written, append([]string{"run"}, given(c)...))
	return exit(x.code())
}

func (x *pinner) code() int {
	switch {
	case x.refused:
		return end.CodeRefused
	case x.unseen:
		return end.CodeIncomplete
	}
	return 0
}

// note says something about an entry, at its line.
func (x *pinner) note(e policy.Principal, format string, a ...any) {
	x.view.voice.Quiet()
	voice.Say(x.Stderr, "%s:%d: %s: %s", voice.Name(x.pol.Path), e.Line, voice.Whom(e.Name, e.UID), fmt.Sprintf(format, a...))
}

// complete finds out what an entry leaves open.
func (x *pinner) complete(d policy.Directory, e policy.Principal) (edit.Change, error) {
	change := edit.Change{UID: e.UID}
	live, found, _, _ := x.pol.Judge(d, e)
	has := func(key string) bool { return slices.Contains(x.stated[e.UID], key) }
	meant := e
	if found && !has("kind") {
		meant.Kind = live.Kind
	}
	if _, _, guard, message := x.pol.Judge(d, meant); guard != "" {
		x.refused = true
		x.note(e, "left as it is, for a run would refuse it (%s): %s", guard, message)
		return change, nil
	}
	state := policy.Deleted
	if found {
		state = policy.Live
		if meant.Kind != e.Kind {
			change.Kind = meant.Kind
			x.note(e, "is the live RAM %s %q: until now a run refused it, and with kind: %s it is acted on", live.Kind, live.Name, live.Kind)
		}
		if !has("name") {
			change.Name = live.Name
		}
		if !has("createdAt") {
			change.CreatedAt = live.CreatedAt
		}
	} else if !e.Deleted {
		x.note(e, "nobody has this uid: it is mistyped, or was deleted; %sackrevoke show %s tells which", perhaps(e.UID, d), e.UID)
	}
	var err error
	if x.certificates && e.Reason == policy.Compromised && e.Phase(x.Now()) != policy.Lapsed {
		change.Pins, err = x.pins(e, live, state)
	}
	return change, err
}

// pins are the certificates of an entry that are in force now, in scope, and
// that it does not pin yet. All of them or none: from the first pin on,
// whatever is not pinned is left alone.
func (x *pinner) pins(e policy.Principal, live policy.Identity, state policy.IdentityState) ([]policy.Pin, error) {
	if e.Pinned() && !x.named {
		x.note(e, "has pins already; name it with --uid to add its other current certificates")
		return nil, nil
	}
	live.UID = e.UID
	found, err := look.Show(x.view.ctx, x.view.sight, x.resolved, live, state)
	if err != nil {
		x.view.voice.Panicked(err)
		return nil, x.view.failed(err)
	}
	for _, u := range found.Gaps {
		if u.Why == policy.ListingMayBeShort || x.resolved.MayHold(u.Region) {
			x.unseen = true
			x.note(e, "no certificate is pinned, for not every cluster in scope is listed: %s", u.Fault.Error())
			return nil, nil
		}
	}
	var pins []policy.Pin
	for _, row := range found.Rows {
		c := row.Cluster
		switch {
		case row.Listed && (!x.resolved.About(e, c) || c.Deferred()):
		case !row.Listed, row.Certificate.State == policy.Unclear, slices.ContainsFunc(row.InForce, time.Time.IsZero):
			x.unseen = true
			x.note(e, "no certificate is pinned, for the one on cluster %s is unclear%s", c.ID, because(row))
			return nil, nil
		}
		for _, expires := range row.InForce { // two, where the surfaces show two
			if row.Listed && x.resolved.About(e, c) && !c.Deferred() &&
				!slices.ContainsFunc(e.Pins, func(p policy.Pin) bool { return p.SamePin(c.ID, expires) }) {
				pins = append(pins, policy.Pin{Cluster: c.ID, Expires: expires})
			}
		}
	}
	switch {
	case len(pins) == 0:
		x.note(e, "holds no other certificate in force in scope: nothing to pin")
	case !e.Pinned():
		x.note(e, "from now on exactly %s revoked; everything else, until now taken away, is left alone",
			voice.Count(len(pins), "certificate is", "certificates are"))
	}
	return pins, nil
}

func because(row policy.Reach) string {
	for _, f := range []*policy.Fault{row.Fault, row.CertFault} {
		if f != nil {
			return ": " + f.Error()
		}
	}
	return ""
}
