package metrics

import (
	"bytes"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/common/expfmt"

	"ackrevoke/job/end"
	"ackrevoke/job/report"
	"ackrevoke/policy"
)

var (
	noon    = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	accepts = &policy.Policy{Account: "1234567890123456", Accepted: []policy.Accepted{
		{What: policy.LeftUnknown, Until: noon.AddDate(0, 0, -1)}, // lapsed
		{What: policy.LeftOwner, Until: noon.AddDate(0, 2, 0)},
		{What: policy.LeftUnread, Until: noon.AddDate(0, 0, 9)},
	}}
)

func daysAgo(n int) report.Time { return report.At(noon.AddDate(0, 0, -n)) }

func act(uid, cluster string) report.Action {
	return report.Action{ID: cluster + "/" + uid, UID: uid, Name: "name of " + uid,
		Cluster: report.Cluster{ID: cluster, Name: "name of " + cluster}}
}

func became(action string, status report.Status) report.Outcome {
	o := report.Outcome{Action: action, Status: status}
	if status == report.WasRevoked || status == report.WasAbsent {
		o.VerifiedAt = report.At(noon.Add(-time.Minute))
	}
	return o
}

// rich is the report of a run in which everything happened that has a number:
//
//	alice    30 days ago   revoked on c1 and found absent on c2: out
//	bob      at once       revoked on c1: out, and no date to count from
//	carol    100 days ago  failed on c1, blocked on c2: left
//	dave     3 days ago    nobody can see c3: unknown
//	erin     at once       owner of c4, not accepted: left
//	frank    200 days ago  protected: refused
//	grace    in 40 days    pending
//	heidi    400 days ago  lapsed
func rich() *report.Report {
	r := report.New()
	r.Run = report.Run{ID: "20261123T115500Z-0badcafe", Mode: report.Apply, Version: "1.2.3", StartedAt: report.At(noon.Add(-5 * time.Minute)),
		FinishedAt: report.At(noon)}
	r.Policy = report.PolicyInfo{Path: "policy.yaml", Entries: 8}
	r.Principals = []report.Principal{
		{UID: "1", Name: "alice", Effective: daysAgo(30), Verdict: report.Out},
		{UID: "2", Name: "bob", Verdict: report.Out},
		{UID: "3", Name: "carol", Effective: daysAgo(100), Verdict: report.Left},
		{UID: "4", Name: "dave", Effective: daysAgo(3), Verdict: report.Unclear},
		{UID: "5", Name: "erin", Verdict: report.Left},
		{UID: "6", Name: "frank", Effective: daysAgo(200), Verdict: report.Refusal},
		{UID: "7", Name: "grace", Effective: daysAgo(-40), Verdict: report.PendingYet},
		{UID: "8", Name: "heidi", Effective: daysAgo(400), Verdict: report.LapsedSince},
	}
	r.Plan.Digest = "sha256:00"
	r.Plan.Actions = []report.Action{act("1", "c1"), act("1", "c2"), act("2", "c1"), act("3", "c1"), act("3", "c2")}
	r.Outcomes = []report.Outcome{became("c1/1", report.WasRevoked), became("c2/1", report.WasAbsent), became("c1/2", report.WasRevoked),
		became("c1/3", report.WasFailed), became("c2/3", report.WasBlocked)}
	r.Plan.Settled = []report.Settled{{UID: "1", Clusters: 2, Removed: 2}, {UID: "5", Clusters: 3, Unissued: 3}}
	r.Plan.Unknown = []report.Unknown{{UID: "4", Cluster: "c3", Why: policy.GrantsNotVisible, Accepted: true},
		{UID: "4", Cluster: "c4", Why: policy.ReadFailed}, {Why: policy.RegionNotRead, Region: "eu-central-1"}}
	r.Plan.Residual = []report.Residual{{UID: "5", Cluster: "c4", What: policy.LeftOwner},
		{UID: "3", Cluster: "c1", What: policy.LeftOwner, Accepted: true}}
	r.Plan.Refused = []report.RefusedEntry{{UID: "6", Guard: "protected"}}
	r.Plan.Pending = []report.Pending{{UID: "7"}}
	r.Plan.Lapsed = []report.Lapsed{{UID: "8"}}
	r.Unfinished = []report.Unfinished{{Action: "c9/9", UID: "9"}}
	r.Calls = report.Calls{Reads: 33, Writes: 5, Retries: 4, Throttled: 2, ByResult: map[string]report.Results{
		"ListUsers": {OK: 1}, "CleanClusterUserPermissions": {OK: 3, Failed: 2}, "DescribeUserPermission": {OK: 30, Throttled: 2}},
		Rate: &report.Rate{Found: 19.8, Share: 0.5, Used: 9.9}}
	r.Verdict = end.Verdict{Name: end.Failed, ExitCode: end.CodeFailed, Reasons: []string{"failed", "refused", "incomplete"}}
	r.Complete(5 + 5 + 2 + 1)
	return r
}

// unmade is the report of a run that ended before it called anything.
func unmade(code int, name end.Name) *report.Report {
	r := report.New()
	r.Run = report.Run{Mode: report.DryRun, Version: "1.2.3", StartedAt: report.At(noon), FinishedAt: report.At(noon)}
	r.Verdict = end.Verdict{Name: name, ExitCode: code}
	return r
}

// text is what is gathered, as a scrape gets it.
func text(t *testing.T, from prometheus.Gatherer) string {
	t.Helper()
	all, err := from.Gather()
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	for _, f := range all {
		if _, err := expfmt.MetricFamilyToText(&b, f); err != nil {
			t.Fatal(err)
		}
	}
	return b.String()
}
