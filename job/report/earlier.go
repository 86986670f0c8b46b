package report

import "slices"

// Resurrected is the word of because for a target that an earlier run proved gone.
const Resurrected = "resurrected"

// Earlier is what the journal of an earlier run says about a target.
type Earlier struct {
	Run string `json:"run"`
	At  Time   `json:"at"` // of the proof, or of what was given back

	Certificate Returned `json:"certificate,omitempty"` // of one that is in force again; "" where none is, or its expiry is not known
}

// Returned says which certificate is in force where none was.
type Returned string

// The certificates that can be in force again.
const (
	SameCertificate Returned = "same" // one that a run took away: the old file works again
	NewCertificate  Returned = "new"
)

// Resurrect says of an action that an earlier run had proven its target gone.
func (a *Action) Resurrect(e Earlier) {
	a.Resurrected = &e
	if !slices.Contains(a.Because, Resurrected) {
		a.Because = append(a.Because, Resurrected)
		slices.Sort(a.Because)
	}
}

// resurrected counts the targets that are back: actions, and access that this run
// cannot end.
func (p *Plan) resurrected() int {
	n := 0
	for _, a := range p.Actions {
		if a.Resurrected != nil {
			n++
		}
	}
	for _, x := range p.Residual {
		if x.Resurrected != nil {
			n++
		}
	}
	return n
}

// resurrections holds that the word and the field of an action go together, and
// that none was also given back on purpose.
func (c *checker) resurrections() {
	for _, a := range c.report.Plan.Actions {
		said := slices.Contains(a.Because, Resurrected)
		c.that(said == (a.Resurrected != nil), "action %s: because says resurrected: %t, and the earlier run is named: %t", a.ID, said,
			a.Resurrected != nil)
		c.that(a.Resurrected == nil || a.GivenBack == nil, "action %s is resurrected and was given back", a.ID)
	}
}
