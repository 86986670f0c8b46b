package report

import (
	"fmt"
	"io"
	"strings"
	"time"

	"ackrevoke/policy"
)

// ShowTable writes who it is, one row for each cluster that is reached or
// could be, what is held on all clusters at once, and what was not seen.
func ShowTable(w io.Writer, a *Show, look Look) error {
	var b strings.Builder
	p := &page{w: &b, look: look}
	for line := range strings.SplitSeq(shownText(a), "\n") {
		p.line("%s", line)
	}
	name := look.namer(mapped(a.Clusters, func(c Reached) string { return c.ID }))
	t := table{heads: []string{"CLUSTER", "REGION", "CREATED", "CERTIFICATE", "GRANTS", "OWN REVOCATION"}}
	for _, c := range a.Clusters {
		if c.Access == HoldsNot {
			continue
		}
		tone := ToneActing
		if c.Access == HoldsUnsure {
			tone = Tone(Unclear)
		}
		t.rows = append(t.rows, []cell{{text: reachedText(c, name)}, {text: orDash(Plain(c.Region))}, {text: orDash(dayText(c.CreatedAt))},
			{certificateText(c), tone}, {grantsText(c), tone}, {text: ownText(c.OwnRevocation)}})
	}
	if len(t.rows) > 0 {
		b.WriteString("\n")
		if err := t.write(&b, look); err != nil {
			return err
		}
	}
	p.line("")
	p.line("All clusters at once: %s", allText(a.AllClusters))
	p.line("%s", reachesText(a))
	_, err := io.WriteString(w, b.String())
	return err
}

func shownText(a *Show) string {
	p := a.Principal
	s := Plain(p.UID)
	if p.Name != "" {
		s = Plain(p.Name) + " (" + s + ")"
	}
	switch {
	case p.UID == a.Account.ID:
		s += ", the root account"
	case p.Identity == policy.Deleted && p.Kind == "":
		s += ", in no listing of RAM: deleted"
	case p.Identity == policy.Deleted:
		s += fmt.Sprintf(", a RAM %s that is deleted", Plain(string(p.Kind)))
	default:
		s += fmt.Sprintf(", a live RAM %s created %s", Plain(string(p.Kind)), p.CreatedAt)
	}
	s += ", account " + Plain(a.Account.ID)
	if p.Kind == policy.Role {
		s += "\nA role's credential is everybody's who assumes it."
	}
	if p.Protected != "" {
		s += "\nProtected: " + Harmless(p.Protected)
	}
	if p.Traceless {
		s += "\nNobody has this uid and nothing bears it: check it for a typo."
	}
	if near := nearText(p.Near); near != "" {
		s += "\nNear it, and likely meant: " + near + "."
	}
	return s
}

func nearText(near []Neighbour) string {
	return strings.Join(mapped(near, func(n Neighbour) string {
		return fmt.Sprintf("%s %s (%s) created %s", Plain(string(n.Kind)), Plain(n.Name), Plain(n.UID), n.CreatedAt)
	}), ", ")
}

func reachedText(c Reached, name func(Cluster) string) string {
	s := name(Cluster{ID: c.ID, Name: c.Name})
	switch {
	case !c.Listed:
		return s + ", not listed"
	case c.State != "running" && c.State != "":
		return s + ", " + Plain(c.State)
	}
	return s
}

func dayText(t Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.DateOnly)
}

func certificateText(c Reached) string {
	s := string(c.Certificate.State)
	if e := c.Certificate.Expires; !e.IsZero() {
		switch c.Certificate.State {
		case policy.Unexpired:
			return s + " until " + e.String()
		case policy.Expired:
			return s + " since " + e.String()
		}
	}
	return orDash(s)
}

func grantsText(c Reached) string {
	roles := mapped(c.Grants, roleText)
	if !c.GrantsSeen {
		why := "not visible"
		if c.Blind {
			why = "not visible (blind)"
		}
		roles = append(roles, why)
	}
	return orDash(strings.Join(roles, ", "))
}

func roleText(g Grant) string {
	s := Plain(g.Role)
	if g.Owner {
		s = "creator"
	}
	if g.Scope == policy.OnNamespace {
		s += " in " + Plain(g.Namespace)
	}
	return s
}

func ownText(o Own) string {
	switch {
	case o.Possible == policy.OwnTooOld && o.Since.IsZero():
		return "no: deleted"
	case o.Possible == policy.OwnTooOld:
		return "no: created before " + o.Since.UTC().Add(8*time.Hour).Format(time.DateOnly)
	}
	return string(o.Possible)
}

func allText(a AllGranted) string {
	roles := mapped(a.Grants, roleText)
	if a.Sight == Unseen {
		roles = append(roles, "not visible to this caller")
	}
	if len(roles) == 0 {
		return "no grant"
	}
	return strings.Join(roles, ", ")
}

// reachesText says of every cluster what became of it, so that a short table
// is not taken for a short account.
func reachesText(a *Show) string {
	n := a.Summary
	s := fmt.Sprintf("%d of %d clusters reached, nothing held on %d", n.Held, n.Clusters, n.Free)
	if n.Unknown > 0 {
		s += fmt.Sprintf(", %d unknown", n.Unknown)
	}
	if len(a.AllClusters.Grants) > 0 {
		s += ", beside the grant on all of them"
	}
	return s + "."
}
