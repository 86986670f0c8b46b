package liar

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"time"

	"ackrevoke/cmd/test/stage"
	"ackrevoke/job/end"
	"ackrevoke/job/report"
)

// How the list of a world comes to have nobody, between two of its runs.
const (
	byMistake = "by mistake"
	onPurpose = "on purpose" // guards.allowEmpty
)

// drawEmptied empties the list of some worlds when all else is over. It has a
// stream of its own, so that it changes no other thing of any world.
func (f *fable) drawEmptied() {
	p := pencil{rand.New(rand.NewPCG(f.seed, 12))}
	f.emptied = mostly(p, 8, "", byMistake, byMistake, onPurpose)
}

// nobody is the world with an empty list.
func (f *fable) nobody(allowed bool) *fable {
	g := f.clone()
	g.list.entries, g.list.allowEmpty = nil, allowed
	return g
}

// emptied says that the list has nobody, had somebody on the last run that left
// how many, and that the policy does not allow it.
func (p *play) emptied() bool {
	return p.listed > 0 && len(p.f.list.entries) == 0 && !p.f.list.allowEmpty
}

// heeds holds a run to G6, whatever else is wrong with it. A run that could write,
// was made, and was not refused leaves how long its list was for the next one.
func (p *play) heeds(r stage.Ran, refused bool) {
	listed, reasons := len(p.f.list.entries), r.Report.Verdict.Reasons
	tripped := slices.ContainsFunc(r.Report.Plan.Guards, func(g report.Guard) bool { return g.Guard == "emptied" && g.Tripped })
	if tripped != refused {
		p.say("G6: the last list had %d, this one has %d (allowed %v), and emptied tripped: %v", p.listed, listed, p.f.list.allowEmpty, tripped)
	}
	if refused && (end.Rank(r.Code) > end.Rank(end.CodeRefused) || !slices.Contains(reasons, "refused") || len(r.Writes()) > 0) {
		p.say("G6: the list was emptied, and the run ends in exit %d (%v), having written %v", r.Code, reasons, r.Writes())
	}
	if listed == 0 && !slices.Contains(reasons, "nothing-in-effect") {
		p.say("G6: nobody is listed, and the reasons are %v", reasons)
	}
	if slices.Contains(r.Args, "--dry-run=false") && r.Report.Verdict.Name != end.Errored && !refused {
		p.listed = listed
	}
}

// empty rewrites the policy to a list of nobody, and holds the runs after that to
// what the runs before it have left.
func (p *play) empty() {
	was := p.f
	switch was.emptied {
	case byMistake:
		p.under(was.nobody(false), "", "--dry-run=false", "--dry-run=false")
		p.under(was, "--dry-run=false")
	case onPurpose:
		p.under(was.nobody(true), "", "--dry-run=false")
		p.under(was.nobody(false), "--dry-run=false") // and it was empty on the last run
	}
}

// under makes a run with each of these arguments under another policy.
func (p *play) under(f *fable, runs ...string) {
	p.f = f
	if err := os.WriteFile(filepath.Join(p.dir, "policy.yaml"), f.policy(), 0o600); err != nil {
		p.say("world: %v", err)
		return
	}
	for _, arg := range runs {
		p.wait(5 * time.Minute)
		var args []string
		if arg != "" {
			args = append(args, arg)
		}
		p.emptyRun(args)
	}
}

// emptyRun makes one run and, where nobody is listed and the oracle computes the
// world, compares all that it says.
func (p *play) emptyRun(args []string) {
	now, refused := truthOf(p.account.Truth(), p.f), p.emptied()
	r := p.run(args...)
	p.tally[map[bool]string{true: "emptied refused", false: "emptied allowed"}[refused]]++
	if r.Report != nil && len(p.f.list.entries) == 0 && !p.f.wild && !p.f.strange && len(p.f.faults) == 0 {
		o := foretell(p.f, now)
		o.emptied = refused
		p.compare("emptied", r, o, map[string]string{})
	}
}
