package liar

import (
	"slices"
	"time"

	"ackrevoke/ack/sim"
	"ackrevoke/cmd/test/stage"
	"ackrevoke/job/report"
)

// recalls holds a run to saying of each action which run had proven its target gone,
// and of no other that one had. Of pins it may say less: another certificate than the
// one that was proven gone is none of that.
func (p *play) recalls(r stage.Ran) {
	for _, a := range r.Report.Plan.Actions {
		said := ""
		if a.Resurrected != nil {
			said = a.Resurrected.Run
			p.tally["past resurrected"]++
		}
		if said != p.proven[a.ID] && (said != "" || len(a.Pins) == 0) {
			p.say("past: %s is called resurrected since run %q, and the last that proved it gone is %q", a.ID, said, p.proven[a.ID])
		}
	}
	for _, o := range r.Report.Outcomes {
		switch o.Status {
		case report.WasRevoked, report.WasAbsent, report.WasCollateral:
			p.proven[o.Action] = r.Report.Run.ID
		}
	}
}

// comeBack opens again what was proven gone, behind everybody's back, and looks.
func (p *play) comeBack() {
	var back []string
	for _, e := range p.f.list.entries {
		for _, c := range p.f.clusters {
			if id := c.id + "/" + e.uid; p.proven[id] != "" && len(e.pins) == 0 {
				p.account.Issue(e.uid, c.id, stage.Noon.AddDate(7, 0, 0))
				p.account.Give(sim.Grant{UID: e.uid, Cluster: c.id, Role: "dev"})
				back = append(back, id)
			}
		}
	}
	if len(back) == 0 {
		return
	}
	p.wait(5 * time.Minute)
	r := p.run()
	if r.Report == nil || r.Report.Plan.Digest == "" {
		return // the account cannot be read, or another one is there
	}
	for _, a := range r.Report.Plan.Actions {
		if slices.Contains(back, a.ID) {
			p.tally["past came back"]++
		}
		if slices.Contains(back, a.ID) && a.Resurrected == nil {
			p.say("past: %s came back, and nobody says so", a.ID)
		}
	}
}
