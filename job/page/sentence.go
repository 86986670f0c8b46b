package page

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"ackrevoke/job/end"
	"ackrevoke/job/report"
	"ackrevoke/policy"
)

// verdictOf tells a run in a sentence for somebody who reads nothing else, and in
// further ones what that sentence is not true without. It says no more than the
// report: "nobody" needs the proof for everybody whose entry is in effect, "the
// account" needs that every cluster of it was in scope and every region was read.
func verdictOf(r *report.Report) Verdict {
	v := Verdict{Name: string(r.Verdict.Name), ExitCode: r.Verdict.ExitCode, Tone: toneOf(r.Verdict.Name), Reasons: r.Verdict.Reasons}
	t := telling{r}
	v.Sentence = t.lead()
	v.Also = t.also()
	if t.idle() && v.Tone == Good {
		v.Tone = Act
	}
	return v
}

// telling is a report that is told.
type telling struct{ *report.Report }

func (t telling) dry() bool { return t.Run.Mode != report.Apply }

// lead is the first sentence.
func (t telling) lead() string {
	switch name := t.Report.Verdict.Name; {
	case name == end.Invalid:
		return "The policy has " + count(max(1, len(t.Errors)), "error", "errors") +
			", so no run was made: nothing was called, and nothing was changed."
	case name == end.Errored:
		return t.errored()
	case t.idle():
		return t.nobodyListed()
	case name == end.Failed:
		return t.failed()
	case name == end.Refused:
		return t.refused()
	case name == end.Incomplete:
		return "This run cannot say that " + t.claim() + ": " + t.because() + ". " + t.happened()
	case name == end.Interrupted:
		return "The run was interrupted before it was done. " + t.happened()
	case name == end.Planned:
		return t.planned()
	case name == end.Converged:
		return t.converged()
	}
	return "The run ended as " + report.Plain(string(t.Report.Verdict.Name)) + ". " + t.happened()
}

// idle reports whether nobody of the list was looked for.
func (t telling) idle() bool { return t.NothingInEffect() && t.Report.Verdict.Name != end.Interrupted }

func (t telling) errored() string {
	switch {
	case t.wrote():
		return "An error ended this run after it had begun to write. " + t.happened()
	case t.Plan.Digest == "":
		return "The run could not be made, and changed nothing."
	}
	return "An error ended this run, and it changed nothing."
}

// wrote reports whether a write was sent, or may have been.
func (t telling) wrote() bool {
	return slices.ContainsFunc(t.Outcomes, func(o report.Outcome) bool { return !o.StartedAt.IsZero() })
}

func (t telling) nobodyListed() string {
	s := t.Summary
	if i := slices.IndexFunc(t.Plan.Guards, func(g report.Guard) bool { return g.Guard == policy.GuardEmptied && g.Tripped }); i >= 0 {
		return fmt.Sprintf("The list is empty now and had %s on the last run: "+
			"the run was refused, nobody was looked for, and nothing was changed.",
			count(t.Plan.Guards[i].Found, "entry", "entries"))
	}
	if s.Entries == 0 {
		return "The list is empty: nobody was looked for, and nothing was changed."
	}
	states := clauses(clause{s.Pending, "is not in effect yet", "are not in effect yet"}, clause{s.Lapsed, "has lapsed", "have lapsed"},
		clause{s.Refused, "was refused", "were refused"})
	whole := "No entry of the list"
	if len(t.Run.Only) > 0 {
		whole = "No entry of those looked at"
	}
	text := whole + " is in effect (of " + thousands(s.Entries) + ", " + and(states) + ")"
	if s.Refused == 0 {
		text += ": nobody was looked for"
	}
	return text + ", and nothing was changed."
}

func (t telling) failed() string {
	left := ""
	if n := t.residual(); n > 0 {
		left = count(n, "access is left that this program cannot end", "accesses are left that this program cannot end")
	}
	switch {
	case t.dry() && left != "":
		return sentence(left) + " " + t.happened()
	case len(t.Plan.Actions) == 0 && left != "":
		return sentence(left) + " Nothing else was left to take away, and nothing was changed."
	case left != "":
		return "Not everything was ended. " + t.happened() + " " + sentence(left)
	}
	return "Not everything was ended. " + t.happened()
}

func (t telling) refused() string {
	actions, entries := t.refusedActions(), t.Summary.Refused
	of := "of " + count(len(t.Plan.Actions), "planned revocation", "planned revocations")
	switch {
	case t.Plan.Digest == "":
		return "The whole run was refused by a guard (" + and(t.trippedGuards()) + "), and changed nothing."
	case actions == 0 && entries > 0:
		return "A guard refused " + count(entries, "entry", "entries") + " of the list, which " + either(entries, "was", "were") +
			" not touched. " + t.happened()
	case actions == 0:
		return "A guard refused this run (" + and(t.trippedGuards()) + "). " + t.happened()
	case actions == len(t.Plan.Actions):
		return "A guard refused every one " + of + ": nothing was changed."
	}
	return fmt.Sprintf("A guard refused %s %s, which %s not touched. %s", thousands(actions), of, either(actions, "was", "were"),
		t.happened())
}

func (t telling) trippedGuards() (names []string) {
	for _, g := range t.Plan.Guards {
		if g.Tripped && !slices.Contains(names, g.Guard) {
			names = append(names, report.Plain(g.Guard))
		}
	}
	if len(names) == 0 {
		return []string{"named below"}
	}
	return names
}

func (t telling) planned() string {
	if !t.dry() {
		return "Something is left to take away. " + t.happened()
	}
	actions := t.open()
	return fmt.Sprintf("A dry run: %s would be taken away from %s; nothing was changed.", things(actions), people(actions))
}

func (t telling) converged() string {
	text := ""
	switch {
	case !t.everybodyOut():
		text = "Nothing is left or unknown but what the policy accepts until a date"
	default:
		text = strings.ToUpper(t.claim()[:1]) + t.claim()[1:]
	}
	gone := t.gone()
	switch {
	case t.dry():
		return text + ": a dry run found nothing to take away, and changed nothing."
	case len(gone) == 0 && t.Summary.Absent > 0:
		return text + ": what was planned to be taken away was gone already, and that is proven."
	case len(gone) == 0:
		return text + ": there was nothing to take away."
	}
	text += fmt.Sprintf(": %s of %s %s taken away, and proven gone", things(gone), people(gone), were(things(gone)))
	if n := t.Summary.Absent; n > 0 {
		text += fmt.Sprintf("; in %s it was gone already", count(n, "place", "places"))
	}
	return text + "."
}

// claim is what a run is made to be able to say, as a clause.
func (t telling) claim() string {
	subject := "nobody on the list"
	switch {
	case len(t.Run.Only) > 0:
		subject = "none of those looked at (" + thousands(len(t.Run.Only)) + " of " + count(t.Policy.Entries, "entry", "entries") + ")"
	case t.Summary.Pending+t.Summary.Lapsed+t.Summary.Refused > 0:
		subject = "nobody whose entry is in effect"
	}
	if slices.ContainsFunc(t.Principals, func(p report.Principal) bool { return p.Reason == policy.Compromised && inEffect(p) }) {
		return subject + " holds what the list takes away" + t.place() + " any more" // of some it names single certificates
	}
	return subject + " holds a KubeConfig credential or an ACK grant" + t.place() + " any more"
}

func inEffect(p report.Principal) bool {
	return p.Verdict != report.PendingYet && p.Verdict != report.LapsedSince && p.Verdict != report.Refusal
}

// place is how far a claim reaches.
func (t telling) place() string {
	c := t.Coverage
	whole := c.Listing != policy.ByRetired && c.InScope == c.Clusters &&
		!slices.ContainsFunc(c.Regions, func(g report.Region) bool { return !g.Read })
	switch {
	case t.Summary.Targets < t.Summary.InEffect*c.InScope:
		return " on the clusters that the policy names for them"
	case whole && c.Clusters == 1:
		return " on the one cluster of the account"
	case whole:
		return " on any of the account's " + thousands(c.Clusters) + " clusters"
	}
	return " on the " + count(c.InScope, "cluster", "clusters") + " in scope"
}

// everybodyOut reports whether everybody whose entry is in effect is proven out.
func (t telling) everybodyOut() bool {
	return t.Summary.Accepted == 0 && !slices.ContainsFunc(t.Principals, func(p report.Principal) bool {
		return inEffect(p) && p.Verdict != report.Out
	})
}

// happened says what was done, or would be.
func (t telling) happened() string {
	s := t.Summary
	open := t.open()
	switch {
	case t.dry() && len(open) == 0:
		return "Nothing was changed."
	case t.dry():
		return fmt.Sprintf("A dry run: %s would be taken away from %s; nothing was changed.", things(open), people(open))
	case len(t.Plan.Actions) == 0:
		return "Nothing was changed."
	}
	done := s.Revoked + s.Absent
	text := fmt.Sprintf("Of %s %s made and proven", count(len(t.Plan.Actions), "planned revocation", "planned revocations"),
		count(done, "was", "were"))
	for _, c := range []clause{
		{s.Failed, "failed", "failed"}, {s.Unverified, "is not proven", "are not proven"}, {s.Blocked, "was declined", "were declined"},
		{s.Collateral, "took away more than was planned", "took away more than was planned"},
		{s.Skipped, "was not begun", "were not begun"}, {t.refusedActions(), "was refused", "were refused"},
	} {
		if c.n > 0 {
			text += ", " + count(c.n, c.one, c.many)
		}
	}
	return text + "."
}

// because names what could not be known, in words.
func (t telling) because() string {
	counts := map[policy.Why]int{}
	for _, u := range t.Plan.Unknown {
		if !u.Accepted {
			counts[u.Why]++
		}
	}
	var causes []string
	for _, w := range whyWords {
		if n := counts[w.why]; n > 0 {
			causes = append(causes, strings.ReplaceAll(either(n, w.one, w.many), "N", thousands(n)))
		}
		delete(counts, w.why)
	}
	for _, e := range t.Errors {
		if e.Kind == policy.Timeout {
			causes = append(causes, "the time of the run was over")
			break
		}
	}
	if len(causes) == 0 && len(counts) == 0 && len(t.Errors) > 0 {
		return strings.TrimRight(report.Plain(t.Errors[0].Message), ".")
	}
	if n := len(counts); n > 0 || len(causes) == 0 {
		causes = append(causes, "not everything could be seen")
	}
	return and(causes)
}

// whyWords say in a clause what could not be known, the widest first.
var whyWords = []struct {
	why       policy.Why
	one, many string
}{
	{policy.ListingMayBeShort, "the list of clusters may be short", "the list of clusters may be short"},
	{policy.RegionNotRead, "1 region could not be read", "N regions could not be read"},
	{policy.AllClustersNotVisible, "a grant on all clusters could be there unseen", "a grant on all clusters could be there unseen"},
	{policy.ClusterNotListed, "1 cluster is named by a row and not listed", "N clusters are named by rows and not listed"},
	{policy.ReadFailed, "1 read failed", "N reads failed"},
	{policy.GrantsNotVisible, "in 1 place the grants are not visible", "in N places the grants are not visible"},
	{policy.CertificateUnclear, "in 1 place the state of the certificate is unclear",
		"in N places the state of the certificate is unclear"},
	{policy.IdentityUnclear, "whether 1 identity is still there is unclear", "whether N identities are still there is unclear"},
	{policy.NoTrace, "1 uid of the list is nobody's and left no trace", "N uids of the list are nobody's and left no trace"},
	{policy.MatchesNothing, "1 pattern of the policy matches nothing", "N patterns of the policy match nothing"},
	{policy.PinNotShown, "1 certificate that the list names is not shown", "N certificates that the list names are not shown"},
	{policy.RenewalPossible, "1 certificate may live on beside its renewal", "N certificates may live on beside their renewals"},
}

// also are the sentences without which the first one says too much.
func (t telling) also() []string {
	if n := t.Report.Verdict.Name; n == end.Invalid {
		return nil
	}
	var out []string
	say := func(holds bool, format string, a ...any) {
		if holds {
			out = append(out, fmt.Sprintf(format, a...))
		}
	}
	s, name := t.Summary, t.Report.Verdict.Name
	open := s.Unknown - t.acceptedUnknown()
	say(open > 0 && name != end.Incomplete, "%s not known: %s.", count(open, "thing is", "things are"), t.because())
	say(t.residual() > 0 && name != end.Failed, "%s left that this program cannot end.", count(t.residual(), "access is", "accesses are"))
	say(s.Accepted > 0, "%s accepted by the policy until a date, which is no proof that nothing is there.",
		count(s.Accepted, "row that is unknown or left is", "rows that are unknown or left are"))
	say(s.Refused > 0 && name != end.Refused && !t.idle(), "%s refused and not touched.", count(s.Refused, "entry was", "entries were"))
	if states := clauses(clause{s.Pending, "entry is not in effect yet", "entries are not in effect yet"},
		clause{s.Lapsed, "entry has lapsed", "entries have lapsed"}); len(states) > 0 && !t.idle() {
		out = append(out, sentence(and(states)+": nothing was taken away by "+either(s.Pending+s.Lapsed, "it", "them")))
	}
	say(len(t.Plan.OutOfScope) > 0, "Outside the scope listed principals still hold something in %s.",
		count(len(t.Plan.OutOfScope), "place", "places"))
	say(t.Coverage.Deferred > 0, "%s coming or going and not looked at.", count(t.Coverage.Deferred, "cluster in scope is",
		"clusters in scope are"))
	say(len(t.Plan.Unlisted) > 0, "%s a certificate in force.",
		count(len(t.Plan.Unlisted), "deleted principal, whom nobody lists, holds", "deleted principals, whom nobody lists, hold"))
	say(s.Resurrected > 0, "%s back that an earlier run had proven gone.", count(s.Resurrected, "access came", "accesses came"))
	say(len(t.Unfinished) > 0, "%s of earlier runs ended without a report.", count(len(t.Unfinished), "write", "writes"))
	for _, p := range t.Proofs {
		say(p.Verdict == report.ProvenAlive, "A leaked file was tried at %s, and is alive.", stamp(p.At))
	}
	return out
}

func (t telling) acceptedUnknown() (n int) {
	for _, u := range t.Plan.Unknown {
		if u.Accepted {
			n++
		}
	}
	return n
}

// residual counts what is left and not accepted.
func (t telling) residual() (n int) {
	for _, x := range t.Plan.Residual {
		if !x.Accepted {
			n++
		}
	}
	return n
}

func (t telling) refusedActions() (n int) {
	for _, a := range t.Plan.Actions {
		if a.RefusedBy != "" {
			n++
		}
	}
	return n
}

// open are the actions that no guard refused.
func (t telling) open() (actions []report.Action) {
	for _, a := range t.Plan.Actions {
		if a.RefusedBy == "" {
			actions = append(actions, a)
		}
	}
	return actions
}

// gone are the actions that are revoked and proven.
func (t telling) gone() (actions []report.Action) {
	revoked := map[string]bool{}
	for _, o := range t.Outcomes {
		revoked[o.Action] = o.Status == report.WasRevoked
	}
	for _, a := range t.Plan.Actions {
		if revoked[a.ID] {
			actions = append(actions, a)
		}
	}
	return actions
}

// things counts what actions take away: certificates in force, and grants that can
// be taken.
func things(actions []report.Action) string {
	certificates, rows := 0, 0
	for _, a := range actions {
		if a.Before.Certificate.State == policy.Unexpired {
			certificates++
		}
		for _, g := range a.Before.Grants {
			if !g.Owner {
				rows++
			}
		}
	}
	words := clauses(clause{certificates, "credential", "credentials"}, clause{rows, "grant", "grants"})
	if len(words) == 0 {
		return count(len(actions), "access", "accesses")
	}
	return and(words)
}

// were goes with what things says.
func were(things string) string {
	if strings.HasPrefix(things, "1 ") && !strings.Contains(things, " and ") {
		return "was"
	}
	return "were"
}

// people counts whom actions are about.
func people(actions []report.Action) string {
	kinds := map[string]policy.Kind{}
	for _, a := range actions {
		kinds[a.UID] = cmp.Or(a.Kind, policy.User)
	}
	users, roles := 0, 0
	for _, k := range kinds {
		if k == policy.Role {
			roles++
		} else {
			users++
		}
	}
	return and(clauses(clause{users, "person", "people"}, clause{roles, "role", "roles"}))
}
