package report

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ackrevoke/policy"

	"github.com/google/go-cmp/cmp"

	"ackrevoke/job/end"
)

var update = flag.Bool("update", false, "write the golden files anew")

const (
	alice  = "200000000000000001"
	bob    = "200000000000000002"
	carol  = "200000000000000003"
	dave   = "200000000000000004"
	erin   = "200000000000000005"
	ghost  = "200000000000000006"
	c1, c2 = "c1a2b3", "c2b3c4"
	c3     = "c3c4d5"
)

var (
	noon    = time.Date(2026, 11, 2, 12, 0, 0, 987654321, time.UTC)
	expires = time.Date(2028, 9, 10, 11, 12, 13, 0, time.FixedZone("CST", 8*3600))
)

func entry(uid, name string, kind policy.Kind, reason policy.Reason, phase policy.Phase) policy.Entry {
	return policy.Entry{Principal: policy.Principal{UID: uid, Name: name, Kind: kind, Reason: reason, Force: true, Line: 17}, Phase: phase,
		Identity: policy.Live}
}

// samplePlan holds a row of every kind, most of them in the wrong order.
func samplePlan() *policy.Plan {
	clusters := []policy.Cluster{{ID: c1, Name: "prod-eu", Region: "eu-central-1"}, {ID: c2, Name: "生产-cn", Region: "cn-hangzhou"}}
	p := &policy.Plan{
		Account:  "1234567890123456",
		Coverage: policy.Coverage{Clusters: 5, InScope: 3, Deferred: 1, Blind: []string{c3, c2}},
		Entries: []policy.Entry{
			entry(alice, "alice", policy.User, policy.Departed, policy.InEffect),
			entry(bob, "bob", policy.User, policy.Compromised, policy.InEffect),
			entry(carol, "carol", policy.User, policy.Departed, policy.Pending),
			entry(dave, "dave", policy.User, policy.Departed, policy.Lapsed),
			entry(erin, "deployer", policy.Role, policy.Departed, policy.InEffect),
			entry(ghost, "", policy.User, policy.Departed, policy.InEffect),
		},
		Actions: []policy.Action{
			{ID: c2 + "/" + alice, Operation: policy.Clean, UID: alice, Kind: policy.User, Name: "alice", CreatedAt: noon.AddDate(-2, 0, 0),
				Identity: policy.Live,
				Reason:   policy.Departed, Force: true, Cluster: clusters[1], Because: []string{policy.BecauseGrants},
				Warnings: []string{"old-cluster"},
				Before: policy.Snapshot{Certificate: policy.Certificate{State: policy.Expired}, GrantsSeen: true, Grants: []policy.Grant{
					{Cluster: c2, Scope: policy.OnNamespace, Namespace: "web", Role: "dev"}, {Cluster: c2, Scope: policy.OnCluster, Role: "view",
						Custom: true}}}},
			{ID: c1 + "/" + alice, Operation: policy.Clean, UID: alice, Kind: policy.User, Name: "alice", Identity: policy.Live,
				Reason: policy.Departed, Force: true, Cluster: clusters[0], Because: []string{policy.BecauseCertificate, policy.BecauseGrants},
				Before: policy.Snapshot{Certificate: policy.Certificate{State: policy.Unexpired, Expires: expires}, GrantsSeen: true,
					Grants: []policy.Grant{
						{Cluster: c1, Scope: policy.OnCluster, Role: "dev"}, {Cluster: c1, Scope: policy.OnCluster, Role: "admin", Owner: true}}}},
			{ID: "all-clusters/" + alice, Operation: policy.RevokeGrant, UID: alice, Kind: policy.User, Name: "alice", Identity: policy.Live,
				Reason: policy.Departed, Force: true, Because: []string{policy.BecauseAllClusters},
				Before: policy.Snapshot{GrantsSeen: true, Grants: []policy.Grant{{Scope: policy.OnAllClusters, Role: "ops"}}}},
			{ID: c1 + "/" + bob, Operation: policy.Clean, UID: bob, Kind: policy.User, Name: "bob\x1b[31m\u202eevil", Identity: policy.Live,
				Reason: policy.Compromised, Cluster: clusters[0], Because: []string{policy.BecausePin},
				Pins:   []policy.Pin{{Cluster: c1, Expires: expires}},
				Before: policy.Snapshot{Certificate: policy.Certificate{State: policy.Unexpired, Expires: expires}}},
		},
		Settled: []policy.Settled{{UID: erin, Clusters: 2, Unissued: 1, Removed: 1}, {UID: bob, Clusters: 1, OtherCertificate: 1},
			{UID: ghost, Clusters: 1, Unlisted: 1}},
		Unknown: []policy.Unknown{
			{UID: ghost, Cluster: c3, Why: policy.ReadFailed, Fault: &policy.Fault{Op: "ListUserKubeConfigStates", Kind: policy.Unavailable,
				Code: "ServiceUnavailable", Status: 503, RequestID: "R-1", Message: "later"}},
			{UID: ghost, Cluster: c2, Why: policy.GrantsNotVisible, Accepted: true},
			{UID: ghost, Cluster: "c9", Why: policy.ClusterNotListed},
			{UID: bob, Why: policy.MatchesNothing, Fault: &policy.Fault{Kind: policy.Invalid, Message: "prod-*"}},
			{Why: policy.AllClustersNotVisible},
		},
		Residual: []policy.Residual{{UID: erin, Cluster: c3, What: policy.LeftOwner}, {UID: alice, Cluster: c1, What: policy.LeftOwner,
			Accepted: true}, {UID: erin, What: policy.LeftAllClusters}},
		OutOfScope: []policy.Outside{{UID: alice, Cluster: policy.Cluster{ID: "c7", Name: "sandbox-1"},
			Certificate: policy.Certificate{State: policy.Unexpired, Expires: expires}, Grants: 1}},
		Unlisted: []policy.Overlooked{{UID: "200000000000000077", Name: "mallory", Kind: policy.User, Clusters: []string{c1}}},
		Guards: []policy.GuardRow{{Guard: "maxRevocations", Group: policy.Departed, Limit: 200, Found: 3},
			{Guard: "maxPrincipals", Group: policy.Departed, Limit: 10, Found: 1}},
		Warnings: []string{"exclude old-* matches nothing"},
	}
	p.Entries[2].Effective = noon.AddDate(0, 1, 0)
	p.Entries[3].Until = noon.AddDate(0, -1, 0)
	// alice: c1, c2 acted. bob: c1 acted, one settled. erin: 2 settled, 1 residual. ghost: 1 settled, 2 unknown.
	p.Targets = 2 + 2 + 3 + 3
	return p
}

func begun(mode Mode, plan *policy.Plan) *Report {
	r := New()
	r.Run = Run{ID: "20261102T120000Z-4711", Mode: mode, Endpoints: Endpoints{"cs.aliyuncs.com", "ram.aliyuncs.com", "sts.aliyuncs.com"},
		Version: "1.0.0", StartedAt: At(noon), FinishedAt: At(noon.Add(90 * time.Second))}
	r.Account = NewAccount(policy.Caller{Type: policy.RAMUser, AccountID: "1234567890123456", UID: "299999999999999999",
		ARN: "acs:ram::1234567890123456:user/robot"})
	listed := &policy.Policy{Path: "policy.yaml", SHA256: strings.Repeat("ab", 32), Principals: make([]policy.Principal, len(plan.Entries))}
	r.Policy = NewPolicyInfo(listed)
	r.Coverage = NewCoverage(plan.Coverage)
	r.Plan = NewPlan(plan, "sha256:"+strings.Repeat("0f", 32))
	r.Principals = Principals(plan, &r.Plan)
	r.Calls = Calls{Reads: 31, ByOperation: map[string]int{"ListUsers": 1, "DescribeClustersV1": 1},
		ByResult: map[string]Results{"ListUsers": {OK: 1}, "DescribeClustersV1": {Failed: 1}}}
	return r
}

// incomplete is a dry run over an account that cannot be seen whole.
func incomplete() *Report {
	plan := samplePlan()
	r := begun(DryRun, plan)
	for _, a := range r.Plan.Actions {
		r.Outcomes = append(r.Outcomes, Outcome{Action: a.ID, Status: WasPlanned})
	}
	remembered(r)
	r.Verdict = end.Verdict{Name: end.Failed, ExitCode: 5, Reasons: []string{"a residual is not accepted", "something is unknown"}}
	r.Complete(plan.Targets)
	return r
}

// remembered puts into it what journals of earlier runs can say.
func remembered(r *Report) {
	was := Earlier{Run: "20261001T120000Z-1", At: At(noon.AddDate(0, -1, 0))}
	again := was
	again.Certificate = SameCertificate
	r.Plan.Actions[0].Resurrect(was)
	r.Plan.Actions[1].Resurrect(again)
	r.Plan.Actions[2].GivenBack = &was
	r.Plan.Unknown[0].ProvenGone = &was
	r.Plan.Residual[0].Resurrected = &was
}

// converged is an apply run that took away all that there was.
func converged() *Report {
	plan := samplePlan()
	plan.Entries = plan.Entries[:4]
	plan.Settled = plan.Settled[1:2]
	plan.Unknown = nil
	plan.Residual = plan.Residual[1:2]
	r := begun(Apply, plan)
	for _, a := range r.Plan.Actions {
		after := NewSnapshot(policy.Snapshot{Certificate: policy.Certificate{State: policy.Removed}, GrantsSeen: true})
		r.Outcomes = append(r.Outcomes, Outcome{Action: a.ID, Status: WasRevoked, Attempts: 1, RequestID: "R-2",
			StartedAt: At(noon), EndedAt: At(noon.Add(time.Second)), VerifiedAt: At(noon.Add(3 * time.Second)), After: &after})
	}
	r.Calls.Writes, r.Calls.Rate = 4, &Rate{Found: 19.8, Share: 0.5, Used: 9.9}
	r.Unfinished = []Unfinished{{Action: c2 + "/" + bob, UID: bob, Cluster: c2, Operation: policy.Clean, RunID: "20261101T120000Z-1",
		At: At(noon.AddDate(0, 0, -1))}}
	r.Verdict = end.Verdict{Name: end.Converged}
	r.Complete(4)
	return r
}

// refused is an apply run in which both an entry and a group were refused.
func refused() *Report {
	plan := samplePlan()
	plan.Entries = plan.Entries[:3]
	plan.Entries[1].Refused = true
	plan.Actions = plan.Actions[:3]
	for i := range plan.Actions {
		plan.Actions[i].RefusedBy = "maxPrincipals"
	}
	plan.Settled, plan.Unknown, plan.Residual = nil, nil, nil
	plan.Refused = []policy.Refusal{{UID: bob, Guard: "protected", Message: "protected by name"},
		{UID: bob, Guard: "identity-conflict", Message: "another creation time", Line: 21}}
	plan.Guards[1].Tripped, plan.Guards[1].Message = true, "allow exactly these with --allow-revocations 3"
	r := begun(Apply, plan)
	r.Verdict = end.Verdict{Name: end.Refused, ExitCode: 4, Reasons: []string{"maxPrincipals"}}
	r.Complete(2)
	return r
}

// invalid is a run that did not get past its policy.
func invalid() *Report {
	r := New()
	r.Run = Run{ID: "20261102T120000Z-1", Mode: DryRun, StartedAt: At(noon), FinishedAt: At(noon)}
	r.Policy.Path = "policy.yaml"
	r.Errors = []Error{{Kind: policy.Invalid, Message: "policy.yaml:3:5: uid must be quoted", Hint: `write uid: "2000"`}}
	r.Verdict = end.Verdict{Name: end.Invalid, ExitCode: 2}
	r.Complete(0)
	return r
}

var samples = map[string]func() *Report{"incomplete": incomplete, "converged": converged, "refused": refused, "invalid": invalid}

func TestGolden(t *testing.T) {
	t.Parallel()
	for name, sample := range samples {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := sample()
			if err := Check(r); err != nil {
				t.Fatal(err)
			}
			got, err := r.Encode()
			if err != nil {
				t.Fatal(err)
			}
			golden(t, name+".json", got)
			back, err := Decode(got)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(r, back, cmp.Comparer(func(a, b Time) bool { return a.Equal(b.Time) })); diff != "" {
				t.Errorf("decoding changed the report (-want +got):\n%s", diff)
			}
			again, err := back.Encode()
			if err != nil || !bytes.Equal(got, again) {
				t.Errorf("encoding again gives other bytes (%v)", err)
			}
			for _, line := range strings.Split(string(got), "\n") {
				key := strings.Trim(strings.TrimSpace(strings.SplitN(line, ":", 2)[0]), `"`)
				if strings.Contains(line, ": null") && key != "error" && key != "after" && key != "before" {
					t.Errorf("%s is null", key)
				}
			}
		})
	}
}

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s (-want +got):\n%s", path, diff)
	}
}

func TestConversionLeavesThePlanAlone(t *testing.T) {
	t.Parallel()
	p := samplePlan()
	written := NewPlan(p, "")
	Principals(p, &written)
	if diff := cmp.Diff(samplePlan(), p); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestUnstarted(t *testing.T) {
	t.Parallel()
	plan, rows := Unstarted(&policy.Policy{Principals: []policy.Principal{
		{UID: bob, Reason: policy.Departed, Until: noon}, {UID: alice, Reason: policy.Departed}, {UID: carol, Effective: noon.Add(time.Hour)}}},
		noon)
	var got []Standing
	for _, row := range rows {
		got = append(got, row.Verdict)
		if row.Retirable || row.Identity != policy.IdentityUnknown {
			t.Errorf("%s: claims to know: %+v", row.UID, row)
		}
	}
	if diff := cmp.Diff([]Standing{Unclear, LapsedSince, PendingYet}, got); diff != "" {
		t.Error(diff)
	}
	if len(plan.Pending) != 1 || len(plan.Lapsed) != 1 || plan.Actions == nil {
		t.Errorf("%+v", plan)
	}
}

func TestRetirable(t *testing.T) {
	t.Parallel()
	base := func() *policy.Plan {
		e := entry(alice, "alice", policy.User, policy.Departed, policy.InEffect)
		e.Identity = policy.Deleted
		return &policy.Plan{Entries: []policy.Entry{e}, Settled: []policy.Settled{{UID: alice, Clusters: 1, Removed: 1}}}
	}
	for name, tc := range map[string]struct {
		change func(*policy.Plan)
		want   bool
	}{
		"deleted, holds nothing": {func(*policy.Plan) {}, true},
		"live":                   {func(p *policy.Plan) { p.Entries[0].Identity = policy.Live }, false},
		"pins gone": {func(p *policy.Plan) {
			p.Entries[0].Identity = policy.Live
			p.Entries[0].Pins = []policy.Pin{{Cluster: c1}}
		}, true},
		"holds outside":         {func(p *policy.Plan) { p.OutOfScope = []policy.Outside{{UID: alice}} }, false},
		"unknown":               {func(p *policy.Plan) { p.Unknown = []policy.Unknown{{UID: alice}} }, false},
		"something may be hid":  {func(p *policy.Plan) { p.Coverage.AllClustersUnseen = true }, false},
		"to be revoked":         {func(p *policy.Plan) { p.Actions = []policy.Action{{UID: alice}} }, false},
		"holds something more":  {func(p *policy.Plan) { p.Entries[0].HoldsMore = true }, false},
		"refused":               {func(p *policy.Plan) { p.Entries[0].Refused = true }, false},
		"not in effect (ended)": {func(p *policy.Plan) { p.Entries[0].Phase = policy.Lapsed }, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := base()
			tc.change(p)
			written := NewPlan(p, "")
			if got := Principals(p, &written)[0].Retirable; got != tc.want {
				t.Errorf("retirable %v, want %v", got, tc.want)
			}
		})
	}
}
