package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"

	"ackrevoke/job/end"
	"ackrevoke/policy"
)

// Propose writes a policy for review: the entries that would list what was
// found and nobody listed. What nobody should hold is an entry; what may well
// be rightful stands as a comment, for somebody to decide on. It loads as it
// is, and is to be merged by hand. Where nothing could be audited it writes
// nothing.
func Propose(w io.Writer, a *Audit) error {
	if !a.Made() {
		return nil
	}
	ready, open := drafts(a)
	text := proposal(a, ready, open, len(ready))
	if len(text) > proposalLimit { // what is only a comment goes first
		for i := range ready {
			ready[i].why = ""
		}
		text = proposal(a, ready, nil, len(ready))
	}
	for n := len(ready); len(text) > proposalLimit; {
		n -= n/8 + 1
		text = proposal(a, ready[:n], nil, len(ready))
	}
	_, err := w.Write(text)
	return err
}

// proposalLimit is how long a policy file can be.
const proposalLimit = 1 << 20

func proposal(a *Audit, ready, open []draft, all int) []byte {
	var b bytes.Buffer
	say := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	say("# Proposed by ackrevoke audit, %s, account %s: %s found, %d listed already.", a.FinishedAt, Plain(a.Account.ID),
		number(a.Summary.Findings, "thing was", "things were"), a.Summary.Listed)
	say("# For review. Merge what you agree with into your policy, give each entry its ticket, and look at a dry run first.")
	if a.Open() || a.Verdict.ExitCode != 0 && a.Verdict.Name != end.FoundSome {
		say("# INCOMPLETE: not everything could be seen, so this is not all there is.")
	}
	if len(ready) < all {
		say("# CUT SHORT: these are the first %d of %d entries, for a policy file holds no more. The JSON has all.", len(ready), all)
	}
	say("version: 1")
	say("account: %s", yamlString(a.Account.ID))
	if len(ready) > policy.DefaultMaxPrincipals {
		say("# %d entries are more than guards.maxPrincipals allows in one run by default (%d): raise it for a time.", len(ready),
			policy.DefaultMaxPrincipals)
	}
	if len(ready) == 0 {
		say("principals: []")
	} else {
		say("principals:")
	}
	for _, d := range ready {
		if d.why != "" {
			say("  # %s", d.why)
		}
		say("  - %s", d.entry)
	}
	if len(open) > 0 {
		say("# To be decided on: each of these may be rightful.")
	}
	for _, d := range open {
		say("#   %s", d.why)
		say("#   - %s", d.entry)
	}
	return b.Bytes()
}

var uidForm = regexp.MustCompile(`^[0-9]{1,32}$`)

// draft is one line of a policy, and the comment above it.
type draft struct{ uid, why, entry string }

// drafts are by uid, one for each: the weightiest finding decides whether it is
// ready, and all are told.
func drafts(a *Audit) (ready, open []draft) {
	first := map[string]*AuditFinding{}
	why := map[string][]string{}
	clusters := map[string][]string{}
	var uids []string
	for i := range a.Findings {
		f := &a.Findings[i]
		if f.Entry == nil || f.Accepted {
			continue
		}
		if first[f.UID] == nil {
			first[f.UID] = f
			uids = append(uids, f.UID)
		}
		clusters[f.UID] = append(clusters[f.UID], f.Entry.Clusters...)
		if len(f.Entry.Clusters) == 0 {
			clusters[f.UID] = append(clusters[f.UID], "") // all of them
		}
		why[f.UID] = append(why[f.UID], fmt.Sprintf("%s, %s: %s", f.Severity, f.Kind, whereText(*f)))
	}
	slices.Sort(uids)
	for _, uid := range uids {
		f, places := first[uid], clusters[uid]
		slices.Sort(places)
		places = slices.Compact(places)
		if !f.Decide || places[0] == "" {
			places = nil
		}
		until, _ := spans(f.Places)
		comment := foundText(*f) + "; " + strings.Join(why[uid], "; ")
		if until != "" {
			comment += "; certificate until " + until
		}
		if f.Principal == "" {
			comment += "; no row says whether this is a user or a role"
		}
		d := draft{uid, Harmless(comment), entryText(f.Entry, places)}
		if f.Decide || !uidForm.MatchString(uid) { // a policy cannot carry such an id
			open = append(open, d)
		} else {
			ready = append(ready, d)
		}
	}
	return ready, open
}

// entryText is an entry on one line. A name is only a check: one that a policy
// cannot carry, that no principal can have, or that a guard would take for a
// service's, is left out.
func entryText(e *Draft, clusters []string) string {
	parts := []string{"uid: " + yamlString(e.UID)}
	if e.Kind == policy.Role {
		parts = append(parts, "kind: role")
	}
	if e.Name != "" && Plain(e.Name) == e.Name && !policy.ServiceRole(e.Name) {
		parts = append(parts, "name: "+yamlString(e.Name))
	}
	if at := e.CreatedAt.String(); at != "" {
		parts = append(parts, "createdAt: "+at)
	}
	parts = append(parts, "reason: "+string(e.Reason))
	if e.Deleted {
		parts = append(parts, "deleted: true")
	}
	if len(clusters) > 0 {
		var ids []string
		for _, c := range clusters {
			ids = append(ids, yamlString(c))
		}
		parts = append(parts, "clusters: ["+strings.Join(ids, ", ")+"]")
	}
	return "{" + strings.Join(parts, ", ") + "}"
}

// yamlString is a text in double quotes; JSON's strings are YAML's as well, and
// all that is not plain ASCII is escaped.
func yamlString(s string) string {
	quoted, err := json.Marshal(strings.ToValidUTF8(s, "\uFFFD"))
	if err != nil {
		return `""`
	}
	return string(EscapeJSON(quoted))
}
