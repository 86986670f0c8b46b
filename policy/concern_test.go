package policy

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// without holds a plan to being the same where whom the policy does not concern is
// not in the directory.
func (w *town) without(t *testing.T, res *Resolution, obs Observation, plan *Plan) {
	t.Helper()
	keep := w.policy.Concerns(w.dir.Caller)
	few := w.dir
	drop := func(id Identity) bool { return !keep(id) }
	few.Users, few.Roles = slices.DeleteFunc(slices.Clone(w.dir.Users), drop), slices.DeleteFunc(slices.Clone(w.dir.Roles), drop)
	obs.Directory = few
	got := Guard(Decide(Resolve(w.policy, few, now), obs), w.policy.Guards, Approval{}, now)
	if diff := cmp.Diff(plan.Digest(), got.Digest()); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(plan, got); diff != "" {
		t.Errorf("with fewer people (-all +few):\n%s", diff)
	}
}

func TestConcerns(t *testing.T) {
	p := &Policy{Principals: []Principal{{UID: "200000000000000001", Name: "alice"}, {UID: "200000000000000002"}}}
	keep := p.Concerns(Caller{UID: "290000000000000001"})
	for _, c := range []struct {
		id   Identity
		want bool
		why  string
	}{
		{Identity{UID: "200000000000000001", Name: "renamed"}, true, "listed"},
		{Identity{UID: "300000000000000009", Name: "alice"}, true, "bears the name of an entry"},
		{Identity{UID: "290000000000000001", Name: "runner"}, true, "is the caller"},
		{Identity{UID: "200000000000009999", Name: "zoe"}, true, "near an entry without a name"},
		{Identity{UID: "200000000000500001", Name: "zoe"}, false, "near nobody"},
		{Identity{UID: "300000000000000009", Name: ""}, false, "has no name, as one of the entries has none"},
	} {
		if got := keep(c.id); got != c.want {
			t.Errorf("%+v, who %s, is kept: %t", c.id, c.why, got)
		}
	}
	if (*Policy)(nil).Concerns(Caller{}) != nil {
		t.Error("no policy is about somebody")
	}
}

// Whoever a message would name as the likely meaning of an entry without a name is
// kept, however many such entries there are, and nobody else.
func TestConcernsOfManyNameless(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 14))
	uid := func() string { // few digits, so that many are near each other
		b := []byte("2000000000000000"[:1+r.IntN(16)])
		for range 3 {
			b[r.IntN(len(b))] = byte('0' + r.IntN(10))
		}
		return string(b)
	}
	p := &Policy{}
	for range 400 {
		p.Principals = append(p.Principals, Principal{UID: uid()})
	}
	keep, kept, dropped := p.Concerns(Caller{UID: "290000000000000001"}), 0, 0
	for range 3000 {
		id := Identity{UID: uid(), Name: "somebody"}
		want := slices.ContainsFunc(p.Principals, func(e Principal) bool { return e.UID == id.UID || nearUID(e.UID, id.UID) })
		if got := keep(id); got != want {
			t.Fatalf("%s is kept: %t, want %t", id.UID, got, want)
		}
		if want {
			kept++
		} else {
			dropped++
		}
	}
	if kept < 100 || dropped < 100 {
		t.Errorf("%d kept and %d dropped show nothing", kept, dropped)
	}
}
