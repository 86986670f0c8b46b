package report

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"ackrevoke/policy"
)

const textRows = 20 // of a list; the JSON has all

// DoctorText writes an examination for people: who asks, what can be
// seen, what is in the way, and one line that says how it stands.
func DoctorText(w io.Writer, e *Doctor, look Look) error {
	p := &page{w: w, look: look}
	p.facts(e)
	p.readings(e)
	p.clusters(e)
	p.undecided(e)
	p.findings(e)
	p.line("%s (exit %d): %s.", e.Verdict.Name, e.Verdict.ExitCode, conclusion(e))
	if e.Next != "" {
		p.put("Next: " + Harmless(e.Next)) // to be pasted: never broken
	}
	return p.err
}

func (p *page) facts(e *Doctor) {
	var labels, values []cell
	for _, row := range [][2]string{
		{"ACCOUNT", orDash(e.Account.ID) + accountText(e)},
		{"CALLER", callerText(e.Account)},
		{"ARN", orDash(Plain(e.Account.Caller.ARN))},
		{"POLICY", policyText(e.Policy)},
		{"CLOCK", clockText(e.Clock)},
		{"ENDPOINTS", endpointsText(e)},
		{"STATES LIST", statesText(e.StatesList)},
	} {
		labels, values = append(labels, cell{row[0], ToneHeading}), append(values, cell{text: Harmless(row[1])})
	}
	p.card(labels, values)
}

func accountText(e *Doctor) string {
	switch e.Account.Match {
	case SameAccount:
		return ", the account of the policy"
	case OtherAccount:
		return ", not the account of the policy, which is " + e.Account.Policy
	}
	return ""
}

func callerText(a Examined) string {
	c := a.Caller
	switch {
	case c.UID == "":
		return "unknown"
	case c.Type == policy.RootAccount:
		return "the root account"
	case c.Name == "":
		return string(c.Type) + " " + c.UID
	}
	return string(c.Type) + " " + Plain(c.Name) + " (" + c.UID + ")"
}

func policyText(p *PolicyInfo) string {
	if p == nil {
		return "none was read"
	}
	return Plain(p.Path) + ", " + number(p.Entries, "entry", "entries")
}

func clockText(c Clock) string {
	off := time.Duration(c.AheadSeconds) * time.Second
	switch {
	case !c.Known:
		return "unknown: no answer told the service's"
	case off == 0:
		return "as the service's, to the second"
	case off < 0:
		return (-off).String() + " behind the service's"
	}
	return off.String() + " ahead of the service's"
}

func endpointsText(e *Doctor) string {
	at := e.Endpoints
	text := "cs " + at.CS + ", ram " + at.RAM + ", sts " + at.STS
	if at.CS == at.RAM && at.RAM == at.STS {
		text = at.CS
	}
	if e.Simulated {
		return text + " (a simulated account)"
	}
	return text
}

func statesText(s StatesList) string {
	switch s.Answer {
	case Enumerates:
		return "names every cluster, also those without a credential (seen of " + s.UID + ")"
	case LeavesOut:
		return fmt.Sprintf("leaves out clusters without a credential (%d of %s): a run asks each of these clusters too", len(s.Missing), s.UID)
	}
	return "cannot be told to name every cluster: " + s.Why
}

func (p *page) readings(e *Doctor) {
	t := table{heads: []string{"READ", "RAM ACTION", "ANSWER"}}
	for _, r := range e.Reads {
		t.rows = append(t.rows, []cell{{text: r.Operation}, {text: orDash(strings.Join(r.Actions, ", "))}, {text: answerText(r)}})
	}
	p.table(t)
	for _, why := range untried(e.Reads) {
		p.sentence("", why)
	}
	if len(untried(e.Reads)) > 0 {
		p.line("")
	}
}

// untried says of the reads that were not tried why, those together that have
// one reason.
func untried(reads []Reading) []string {
	var whys, lines []string
	names := map[string][]string{}
	for _, r := range reads {
		if r.Answer != NotTried {
			continue
		}
		if names[r.Why] == nil {
			whys = append(whys, r.Why)
		}
		names[r.Why] = append(names[r.Why], r.Operation)
	}
	for _, why := range whys {
		lines = append(lines, "Not tried: "+strings.Join(names[why], ", ")+": "+why)
	}
	return lines
}

func answerText(r Reading) string {
	switch {
	case r.Answer == NotTried:
		return "not tried"
	case r.Failed > 0 && r.Failed < r.Tried:
		return fmt.Sprintf("%s, %d of %d", r.Answer, r.Failed, r.Tried)
	}
	return string(r.Answer)
}

func (p *page) clusters(e *Doctor) {
	if len(e.Clusters) == 0 {
		return
	}
	t := table{heads: []string{"REGION", "STATE", "CLUSTERS", "IN SCOPE", "BLIND"}, numbers: map[int]bool{2: true, 3: true, 4: true}}
	for _, c := range e.Clusters {
		row := []cell{{text: orDash(Plain(c.Region))}, {text: orDash(Plain(c.State))}}
		for _, n := range []int{c.Clusters, c.InScope, c.Blind} {
			row = append(row, cell{text: strconv.Itoa(n)})
		}
		t.rows = append(t.rows, row)
	}
	p.table(t)
	for _, l := range []struct {
		what   string
		places []Place
	}{{"Deferred, for they are coming or going", e.Deferred}, {"Blind", e.Blind}} {
		if len(l.places) > 0 {
			p.sentence("", l.what+": "+placesText(l.places))
			p.line("")
		}
	}
}

func placesText(places []Place) string {
	var names []string
	for i, c := range places {
		if i == textRows {
			names = append(names, fmt.Sprintf("and %d more", len(places)-i))
			break
		}
		name := clusterText(c.Cluster)
		switch {
		case !c.InScope:
			name += " out of scope"
		case c.Accepted:
			name += " accepted"
		}
		names = append(names, name)
	}
	return strings.Join(names, ", ")
}

// undecided are the rows of the policy that no proof can be had about.
func (p *page) undecided(e *Doctor) {
	if len(e.Entries.Unknown) == 0 {
		return
	}
	name := p.look.namer(mapped(e.Entries.Unknown, func(u Named) string { return u.Cluster }))
	t := table{heads: []string{"CANNOT BE DECIDED", "CLUSTER", "WHY", "LINE"}}
	for i, u := range e.Entries.Unknown {
		if i == textRows {
			break
		}
		why := string(u.Why)
		if u.Accepted {
			why += ", accepted"
		}
		t.rows = append(t.rows, []cell{{text: whoText(u)}, {text: orDash(placeText(u, name))}, {text: why}, {text: lineText(u.Line)}})
	}
	if more := len(e.Entries.Unknown) - textRows; more > 0 {
		t.rows = append(t.rows, []cell{{text: fmt.Sprintf("and %d more", more)}, {}, {}, {}})
	}
	p.table(t)
}

func whoText(u Named) string {
	switch {
	case u.UID == "":
		return "the run"
	case u.Name == "":
		return u.UID
	}
	return Plain(u.Name) + " (" + u.UID + ")"
}

func placeText(u Named, name func(Cluster) string) string {
	if u.Cluster == "" {
		return u.place()
	}
	return name(Cluster{ID: u.Cluster, Name: u.ClusterName})
}

func lineText(n int) string {
	if n == 0 {
		return "-"
	}
	return strconv.Itoa(n)
}

func (p *page) findings(e *Doctor) {
	for i, f := range e.Findings {
		if i == textRows {
			p.line("  and %d more", len(e.Findings)-i)
			break
		}
		mark := "! "
		if f.ExitCode == 0 {
			mark = "- "
		}
		p.sentence(mark, f.Message)
		p.sentence("  ", "hint: "+f.Hint)
	}
	if len(e.Findings) > 0 {
		p.line("")
	}
}

// conclusion is how it stands, in one sentence.
func conclusion(e *Doctor) string {
	open := 0
	for _, f := range e.Findings {
		if f.ExitCode == 1 {
			return "there is no going on; " + strings.TrimSuffix(f.Message, ".")
		}
		open += min(f.ExitCode, 1)
	}
	text := "nothing is in the way"
	if open > 0 {
		text = number(open, "thing is", "things are") + " in the way, named above"
	}
	text += fmt.Sprintf("; %s, %d blind; ", number(e.Coverage.Clusters, "cluster", "clusters"), len(e.Blind))
	if s := e.Entries.Summary; e.Entries.Decided {
		return text + fmt.Sprintf("a dry run of %s would plan %s, with %d settled and %d unknown",
			number(s.Entries, "entry", "entries"), number(s.Actions, "action", "actions"), s.Settled, s.Unknown)
	}
	return text + e.Entries.Why
}

func number(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return strconv.Itoa(n) + " " + many
}
