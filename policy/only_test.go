package policy

import (
	"strings"
	"testing"
)

func TestOnly(t *testing.T) {
	t.Parallel()
	p := &Policy{Path: "p.yaml", Principals: []Principal{{UID: "1"}, {UID: "2"}, {UID: "3"}}}
	if all, err := p.Only(nil); err != nil || all != p {
		t.Errorf("nothing chosen: %v, %v", all, err)
	}
	some, err := p.Only([]string{"3", "1"})
	if err != nil || len(some.Principals) != 2 || some.Principals[0].UID != "1" || some.Principals[1].UID != "3" || some.LeftOut != 1 {
		t.Errorf("%+v, %v", some, err)
	}
	if len(p.Principals) != 3 || p.LeftOut != 0 {
		t.Errorf("the policy itself was changed: %+v", p)
	}
	if one, err := some.Only([]string{"3"}); err != nil || one.LeftOut != 2 {
		t.Errorf("chosen twice: %+v, %v", one, err)
	}
	if _, err := p.Only([]string{"4", "1", "5"}); err == nil || !strings.Contains(err.Error(), "p.yaml has no entry for 4, 5") {
		t.Errorf("uids without an entry: %v", err)
	}
}
