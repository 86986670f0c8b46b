package policy

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// town is a random account with a policy for it, as policy sees both.
type town struct {
	policy *Policy
	dir    Directory
	seen   map[string]*Subject // what the service would say of each uid
}

func newTown(r *rand.Rand) town {
	w := town{policy: &Policy{Account: "1", Guards: Guards{MaxPrincipals: 100, MaxRevocations: 1000, MaxCompromised: 100,
		Protect: []Protect{{Name: "safe-*"}}}}, seen: map[string]*Subject{}}
	w.dir.Caller = Caller{Type: RootAccount, AccountID: "1", UID: "1"}
	if r.IntN(2) == 0 {
		w.dir.Caller = Caller{Type: RAMUser, AccountID: "1", UID: "90"}
		w.dir.Users = append(w.dir.Users, Identity{UID: "90", Kind: User, Name: "runner"})
		if r.IntN(2) == 0 {
			w.dir.Own = []Grant{{Scope: OnAllClusters, Role: "admin"}}
		}
	}
	if r.IntN(3) == 0 {
		w.policy.Scope.Exclude = []string{"cluster-1*"}
	}
	for i := range 1 + r.IntN(6) {
		c := Cluster{ID: fmt.Sprintf("c%d", i), Name: fmt.Sprintf("cluster-%d", i), Region: "r", State: pick(r, "running", "running", "stopped",
			"initial", "deleting")}
		w.dir.Clusters = append(w.dir.Clusters, c)
		if r.IntN(2) == 0 && w.dir.Caller.Type != RootAccount {
			w.dir.Own = append(w.dir.Own, Grant{Cluster: c.ID, Scope: OnCluster, Role: "admin"})
		}
	}
	for i := range 1 + r.IntN(6) {
		uid := fmt.Sprint(10 + i)
		p := Principal{UID: uid, Kind: pick(r, User, User, Role), Reason: Departed, Force: r.IntN(2) == 0}
		switch r.IntN(5) {
		case 0:
			p.Reason, p.Until = Compromised, ends(9)
		case 1:
			p.Reason, p.Pins = Compromised, []Pin{{Cluster: fmt.Sprintf("c%d", r.IntN(6)), Expires: ends(r.IntN(900) - 100)}}
		case 2:
			p.Effective = ends(r.IntN(3) - 1)
		}
		switch r.IntN(4) {
		case 0: // deleted
			p.Deleted = r.IntN(3) == 0
		default:
			id := Identity{UID: uid, Kind: p.Kind, Name: pick(r, "x", "safe-x", "AliyunServiceRoleForX")}
			if id.Kind == User {
				w.dir.Users = append(w.dir.Users, id)
			} else {
				w.dir.Roles = append(w.dir.Roles, id)
			}
		}
		w.policy.Principals = append(w.policy.Principals, p)
		w.seen[uid] = w.subject(r, p)
	}
	return w
}

func pick[T any](r *rand.Rand, of ...T) T { return of[r.IntN(len(of))] }

func (w *town) subject(r *rand.Rand, p Principal) *Subject {
	s := &Subject{UID: p.UID}
	for _, c := range w.dir.Clusters {
		if state := pick(r, Unexpired, Expired, Removed, Unissued, CertUnknown, CertState("")); state != "" {
			row := State{Cluster: c.ID, Cert: state, Expires: ends(-5)}
			if state == Unexpired {
				row.Expires = ends(r.IntN(900))
			}
			s.States = NewStates(append(slices.Collect(s.States.All()), row)...)
		}
		if r.IntN(3) == 0 {
			s.Grants = append(s.Grants, Grant{Cluster: c.ID, Scope: OnCluster, Role: "dev", Owner: r.IntN(3) == 0, RAMRole: p.Kind == Role})
		}
	}
	if r.IntN(6) == 0 {
		s.Grants = append(s.Grants, Grant{Scope: OnAllClusters, Role: "dev", RAMRole: p.Kind == Role})
	}
	switch r.IntN(12) {
	case 0:
		s.Grants, s.GrantsErr = nil, &Fault{Kind: Unavailable}
	case 1:
		s.States, s.StatesErr = States{}, &Fault{Kind: Unavailable}
	}
	return s
}

// observe answers what Resolve and Needs ask for.
func (w *town) observe(r *rand.Rand) (*Resolution, Observation) {
	res := Resolve(w.policy, w.dir, now)
	obs := Observation{Directory: res.Directory}
	for _, e := range res.Acting() {
		obs.Subjects = append(obs.Subjects, *w.seen[e.UID])
	}
	lists, strays := res.Needs(obs.Subjects)
	for _, id := range lists {
		l := ClusterList{Cluster: id}
		for _, uid := range sortedKeys(w.seen) {
			if row := w.seen[uid].state(id); row.Cert == Unexpired || row.Cert == Expired || row.Cert == CertUnknown {
				l.Holders = append(l.Holders, Holder{UID: uid, Cert: row.Cert, Expires: row.Expires})
			}
		}
		obs.Lists = append(obs.Lists, l)
	}
	for _, id := range strays {
		obs.Strays = append(obs.Strays, Stray{Cluster: id})
	}
	r.Shuffle(len(obs.Subjects), func(i, j int) { obs.Subjects[i], obs.Subjects[j] = obs.Subjects[j], obs.Subjects[i] })
	r.Shuffle(len(obs.Lists), func(i, j int) { obs.Lists[i], obs.Lists[j] = obs.Lists[j], obs.Lists[i] })
	return res, obs
}

func sortedKeys(m map[string]*Subject) []string {
	var keys []string
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

func TestPlanProperties(t *testing.T) {
	actions, settled, unknown, refused := 0, 0, 0, 0
	for seed := range uint64(1500) {
		r := rand.New(rand.NewPCG(seed, 7))
		w := newTown(r)
		res, obs := w.observe(r)
		plan := Guard(Decide(res, obs), w.policy.Guards, Approval{}, now)
		w.without(t, res, obs, plan)
		fail := func(format string, a ...any) { t.Fatalf("seed %d: %s", seed, fmt.Sprintf(format, a...)) }

		// Every target is decided exactly once.
		decided := map[string]int{}
		for _, a := range plan.Actions {
			if a.Operation == Clean {
				decided[a.UID+" "+a.Cluster.ID]++
			}
		}
		for _, u := range plan.Unknown {
			if u.Cluster != "" && u.Why != ClusterNotListed {
				decided[u.UID+" "+u.Cluster]++
			}
		}
		for _, x := range plan.Residual {
			if x.Cluster != "" {
				decided[x.UID+" "+x.Cluster]++
			}
		}
		targets, n := 0, 0
		for _, e := range plan.Entries {
			targets += len(e.Targets)
			if e.Refused || e.Phase != InEffect {
				for _, a := range plan.Actions {
					if a.UID == e.UID {
						fail("%s is acted on although its entry is refused or %s", e.UID, e.Phase)
					}
				}
			}
		}
		for key, times := range decided {
			if n++; times != 1 {
				fail("%s is decided %d times", key, times)
			}
		}
		for _, s := range plan.Settled {
			n += s.Clusters
		}
		if targets != plan.Targets || n != targets {
			fail("%d targets, %d counted, %d decided", targets, plan.Targets, n)
		}

		// Nobody protected, nothing deferred, nothing outside the scope is touched.
		for _, a := range plan.Actions {
			if id, ok := res.live(a.UID); ok && (id.Name == "safe-x" || id.Name == "AliyunServiceRoleForX" && id.Kind == Role) {
				fail("%s is protected and in the plan", a.UID)
			}
			if a.Operation == Clean && (a.Cluster.Deferred() || !res.holds(a.Cluster)) {
				fail("%s is deferred or out of scope", a.ID)
			}
		}

		// Order of input does not show.
		permuted := w
		permuted.dir.Clusters = slices.Clone(w.dir.Clusters)
		slices.Reverse(permuted.dir.Clusters)
		p := *w.policy
		p.Principals = slices.Clone(p.Principals)
		slices.Reverse(p.Principals)
		permuted.policy = &p
		res2, obs2 := permuted.observe(r)
		again := Guard(Decide(res2, obs2), p.Guards, Approval{}, now)
		if a, b := asJSON(plan), asJSON(again); a != b || plan.Digest() != again.Digest() {
			fail("permuted input gives another plan:\n%s\n%s", a, b)
		}

		// After a perfect apply there is nothing left to plan.
		for _, a := range plan.Actions {
			w.applied(a)
		}
		res3, obs3 := w.observe(r)
		if rest := Decide(res3, obs3); len(rest.Actions) > 0 {
			fail("a second plan still has %v", rest.Actions)
		}
		actions, settled, unknown, refused = actions+len(plan.Actions), settled+len(plan.Settled), unknown+len(plan.Unknown),
			refused+len(plan.Refused)
	}
	t.Logf("%d actions, %d settled rows, %d unknown, %d refused", actions, settled, unknown, refused)
	if min(actions, settled, unknown, refused) < 500 {
		t.Errorf("the worlds are too much alike")
	}
}

func asJSON(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(b)
}

func (w *town) applied(a Action) {
	s := w.seen[a.UID]
	s.Grants = slices.DeleteFunc(s.Grants, func(g Grant) bool {
		return a.Operation == RevokeGrant && g.Scope == OnAllClusters || a.Operation == Clean && g.Cluster == a.Cluster.ID && !g.Owner &&
			g.Scope != OnAllClusters
	})
	if a.Operation != Clean {
		return
	}
	rows := slices.Collect(s.States.All())
	for i := range rows {
		if rows[i].Cluster == a.Cluster.ID && rows[i].Cert != Unissued {
			rows[i].Cert = Removed
		}
	}
	s.States = NewStates(rows...)
}

func TestGuard(t *testing.T) {
	plan := func(departed, compromised int) *Plan {
		p := &Plan{Account: "1"}
		for i := range departed + compromised {
			a := Action{ID: fmt.Sprintf("c/%d", i), UID: fmt.Sprint(i), Reason: Departed}
			if i >= departed {
				a.Reason = Compromised
			}
			p.Actions = append(p.Actions, a)
		}
		return p
	}
	n := func(i int) *int { return &i }
	usual := Guards{MaxPrincipals: 3, MaxRevocations: 4, MaxCompromised: 2}
	for _, c := range []struct {
		name                  string
		departed, compromised int
		guards                Guards
		with                  Approval
		refused               int
	}{
		{"at the limits", 3, 2, usual, Approval{}, 0},
		{"departed over", 4, 2, usual, Approval{}, 4},
		{"compromised over", 3, 3, usual, Approval{}, 3},
		{"both over", 4, 3, usual, Approval{}, 7},
		{"0 allows nothing", 1, 0, Guards{MaxPrincipals: 0, MaxRevocations: 9}, Approval{}, 1},
		{"a flag is a ceiling", 2, 0, usual, Approval{MaxPrincipals: n(1)}, 2},
		{"a flag does not raise", 4, 0, usual, Approval{MaxPrincipals: n(9)}, 4},
		{"max-revocations holds for compromised too", 0, 2, usual, Approval{MaxRevocations: n(1)}, 2},
		{"raised", 5, 0, Guards{MaxPrincipals: 3, MaxRevocations: 9, Raise: &Raise{MaxPrincipals: n(5), Until: ends(1)}}, Approval{}, 0},
		{"raise over", 5, 0, Guards{MaxPrincipals: 3, MaxRevocations: 9, Raise: &Raise{MaxPrincipals: n(5), Until: now}}, Approval{}, 5},
		{"allowed exactly", 4, 2, usual, Approval{Allow: n(4)}, 0},
		{"allowed exactly, both", 4, 3, usual, Approval{Allow: n(7)}, 0},
		{"allowed, and it lifts a flag", 2, 0, usual, Approval{MaxPrincipals: n(1), Allow: n(2)}, 0},
		{"allowed one too few", 4, 2, usual, Approval{Allow: n(3)}, 6},
		{"allowed 0", 4, 0, usual, Approval{Allow: n(0)}, 4},
		{"allowed when nothing tripped", 1, 1, usual, Approval{Allow: n(2)}, 2},
		{"allowed 0 when nothing tripped", 1, 1, usual, Approval{Allow: n(0)}, 2},
		{"the digest fits", 1, 1, usual, Approval{Expect: plan(1, 1).Digest()}, 0},
		{"the digest differs", 1, 1, usual, Approval{Expect: plan(1, 0).Digest()}, 2},
		{"allowed, but the digest differs", 4, 0, usual, Approval{Allow: n(4), Expect: "sha256:0"}, 4},
	} {
		before := plan(c.departed, c.compromised)
		got := Guard(before, c.guards, c.with, now)
		refused := 0
		for _, a := range got.Actions {
			if a.RefusedBy != "" {
				refused++
			}
		}
		if refused != c.refused || len(got.Actions) != c.departed+c.compromised {
			t.Errorf("%s: %d refused, want %d: %+v", c.name, refused, c.refused, got.Guards)
		}
		if before.Digest() != got.Digest() {
			t.Errorf("%s: a refusal by a cap changes the digest", c.name)
		}
		for _, a := range before.Actions {
			if a.RefusedBy != "" {
				t.Errorf("%s: the plan that was given has changed", c.name)
			}
		}
	}
}

func TestDigestSeesWhatMattersAndNothingElse(t *testing.T) {
	base := func() *Plan {
		return &Plan{Account: "1", Actions: []Action{{ID: "c/1", UID: "1", Kind: User, Operation: Clean, Force: true, Name: "alice",
			Before: Snapshot{Certificate: Certificate{Unexpired, ends(9)}, Grants: []Grant{{Cluster: "c", Scope: OnCluster, Role: "dev"}}}}},
			Refused: []Refusal{{UID: "2", Guard: GuardProtected, Message: "m", Line: 3}}}
	}
	digest := base().Digest()
	canonical := fmt.Sprintf(`{"account":"1","actions":[{"expires":%q,"force":true,"grants":[{"custom":false,"namespace":"","owner":false,`+
		`"role":"dev","scope":%q}],"id":"c/1","kind":"user","operation":"clean","uid":"1"}],"refused":[{"guard":"protected","uid":"2"}]}`,
		ends(9).UTC().Format(time.RFC3339), OnCluster)
	if want := fmt.Sprintf("sha256:%x", sha256.Sum256([]byte(canonical))); digest != want {
		t.Errorf("%s, want %s: the digest of a plan that was reviewed with an earlier version holds no more", digest, want)
	}
	for name, change := range map[string]func(*Plan){
		"account": func(p *Plan) { p.Account = "2" }, "uid": func(p *Plan) { p.Actions[0].UID = "3" },
		"kind":  func(p *Plan) { p.Actions[0].Kind = Role },
		"force": func(p *Plan) { p.Actions[0].Force = false }, "expiry": func(p *Plan) { p.Actions[0].Before.Certificate.Expires = ends(10) },
		"operation": func(p *Plan) { p.Actions[0].Operation = RevokeGrant }, "grants": func(p *Plan) { p.Actions[0].Before.Grants = nil },
		"role": func(p *Plan) { p.Actions[0].Before.Grants[0].Role = "ops" }, "actions": func(p *Plan) { p.Actions = nil },
		"refusal": func(p *Plan) { p.Refused[0].Guard = GuardKindMismatch }, "refusals": func(p *Plan) { p.Refused = nil },
	} {
		p := base()
		if change(p); p.Digest() == digest {
			t.Errorf("%s does not show in the digest", name)
		}
	}
	for name, change := range map[string]func(*Plan){
		"name": func(p *Plan) { p.Actions[0].Name = "bob" }, "line": func(p *Plan) { p.Refused[0].Line = 9; p.Refused[0].Message = "other" },
		"cap": func(p *Plan) { p.Actions[0].RefusedBy = GuardMaxPrincipals }, "zone": func(p *Plan) {
			p.Actions[0].Before.Certificate.Expires = ends(9).In(time.FixedZone("", 3600))
		},
	} {
		p := base()
		if change(p); p.Digest() != digest {
			t.Errorf("%s shows in the digest", name)
		}
	}
}
