package page

import "ackrevoke/job/report"

// provenWords say what a leaked credential was worth.
var provenWords = map[report.EvidenceVerdict]string{
	report.ProvenDead:      "The leaked credential is dead: the cluster does not take it any more.",
	report.ProvenPowerless: "The leaked credential is powerless: the cluster still knows it, and it may do nothing that was asked about.",
	report.ProvenAlive:     "The leaked credential is alive: it can still do something on the cluster.",
	report.ProvenNothing:   "Nothing is proven: the cluster could not be asked, so the leaked credential may be alive.",
}

// viewProve shows one proof.
func viewProve(x *report.Prove) *Page {
	e := x.Proof
	p := &Page{Kind: "Proof", Title: report.Plain(string(e.Verdict)) + " · " + stamp(e.At), Verdict: Verdict{Name: string(e.Verdict),
		ExitCode: x.ExitCode, Tone: provenTone(e.Verdict), Sentence: provenWords[e.Verdict], Also: texts(long(e.Why))}}
	if p.Verdict.Sentence == "" {
		p.Verdict.Sentence = "The proof ended as " + report.Plain(string(e.Verdict)) + "."
	}
	p.simulated(x.Simulated)
	p.fact("When", stamp(e.At), false)
	p.fact("Server", report.Plain(e.Server), true)
	p.fact("What to do", long(e.Hint), false)
	p.fact("Version", "ackrevoke "+report.Plain(x.Version), false)
	p.proofs([]report.Evidence{e})
	return p
}
