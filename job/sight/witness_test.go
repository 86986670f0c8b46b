package sight

import (
	"testing"

	"ackrevoke/policy"
)

// The order in which answers come must not show in what is said of a read.
func TestWitnessKeepsTheMostTellingFault(t *testing.T) {
	denied := &policy.Fault{Op: "X", Kind: policy.Denied, Message: "b"}
	later := &policy.Fault{Op: "X", Kind: policy.Denied, Message: "c"}
	broken := &policy.Fault{Op: "X", Kind: policy.Unavailable, Message: "a"}
	ended := &policy.Fault{Op: "X", Kind: policy.Canceled, Message: "a"}
	for _, order := range [][]*policy.Fault{{denied, later, broken, ended}, {ended, broken, later, denied}, {later, ended, denied, broken}} {
		w := NewWitness(nil)
		w.note("X", nil)
		w.note("X", &policy.Fault{Op: "X", Kind: policy.NotFound}) // an answer
		for _, f := range order {
			w.note("X", f)
		}
		if got := w.Heard["X"]; got.Fault != denied || got.Tried != 6 || got.Failed != 4 {
			t.Errorf("%+v", got)
		}
	}
}
