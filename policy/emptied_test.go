package policy

import (
	"strings"
	"testing"
)

func TestEmptied(t *testing.T) {
	had := func(n int) *LastList { return &LastList{Entries: n, Run: "r1"} }
	listed := []Principal{{UID: "1"}}
	for _, c := range []struct {
		name           string
		list           []Principal
		leftOut        int
		allowed        bool
		last           *LastList
		rows           int
		tripped        bool
		found          int
		says, saysNext string
	}{
		{name: "the first run", last: nil},
		{name: "it had none either", last: had(0)},
		{name: "it has entries", list: listed, last: had(9)},
		{name: "those of --only are left out, and there", leftOut: 3, last: had(9)},
		{name: "emptied", last: had(7), rows: 1, tripped: true, found: 7, says: "it had 7 entries", saysNext: "guards.allowEmpty: true"},
		{name: "emptied of one", last: had(1), rows: 1, tripped: true, found: 1, says: "on the last run (r1) it had 1 entry:",
			saysNext: "put the entries back"},
		{name: "emptied on purpose", allowed: true, last: had(7), rows: 1, found: 7, says: "lifted by guards.allowEmpty"},
		{name: "allowed, and not empty", list: listed, allowed: true, last: had(7)},
	} {
		p := &Policy{Principals: c.list, LeftOut: c.leftOut, Guards: Guards{AllowEmpty: c.allowed}}
		rows := Emptied(p, c.last)
		if len(rows) != c.rows {
			t.Errorf("%s: %+v", c.name, rows)
			continue
		}
		for _, r := range rows {
			if r.Guard != GuardEmptied || r.Tripped != c.tripped || r.Found != c.found || r.Limit != 0 || r.Group != "" ||
				!strings.Contains(r.Message, c.says) || !strings.Contains(r.Message, c.saysNext) {
				t.Errorf("%s: %+v", c.name, r)
			}
		}
	}
}

// What was judged before there was a plan refuses all of it, both groups, and is
// the guard that is named; where it did not trip it refuses nothing.
func TestGuardTakesWhatWasJudgedBefore(t *testing.T) {
	plan := &Plan{Account: "1", Actions: []Action{{ID: "c/1", UID: "1", Reason: Departed}, {ID: "c/2", UID: "2", Reason: Compromised}}}
	usual := Guards{MaxPrincipals: 9, MaxRevocations: 9, MaxCompromised: 9}
	for _, tripped := range []bool{true, false} {
		got := Guard(plan, usual, Approval{}, now, GuardRow{Guard: GuardEmptied, Tripped: tripped})
		want := ""
		if tripped {
			want = GuardEmptied
		}
		for _, a := range got.Actions {
			if a.RefusedBy != want {
				t.Errorf("tripped %v: %s is refused by %q", tripped, a.ID, a.RefusedBy)
			}
		}
		if got.Guards[0].Guard != GuardEmptied || plan.Actions[0].RefusedBy != "" || len(plan.Guards) != 0 {
			t.Errorf("tripped %v: %+v, and the plan that was given: %+v", tripped, got.Guards, plan)
		}
	}
}
