package restore

import (
	"strings"
	"testing"

	"ackrevoke/job/jobtest"
	"ackrevoke/job/report"
	"ackrevoke/job/write"
	"ackrevoke/policy"
)

// What a call of several clusters was made for may be gone, whatever the call of one
// cluster said after it; and a certificate that went along cannot be given back.
func TestSourceAfterBulk(t *testing.T) {
	dev := []policy.Grant{{Cluster: "c1", Scope: policy.OnCluster, Role: "dev"}}
	for _, c := range []struct {
		status       report.Status
		bulk         bool
		certificates []string
		cluster      string
		rows         int
		refusal      string
	}{
		{status: report.WasFailed, cluster: "c1", refusal: "c1/1 is failed"},
		{status: report.WasFailed, bulk: true, cluster: "c1", rows: 1},
		{status: report.WasBlocked, bulk: true, cluster: "c1", rows: 1},
		{status: report.WasSkipped, bulk: true, cluster: "c1", refusal: "c1/1 is skipped"},
		{status: report.WasCollateral, bulk: true, certificates: []string{"c5"}, cluster: "c1", rows: 1},
		{status: report.WasCollateral, bulk: true, certificates: []string{"c5"}, cluster: "c5", refusal: "a certificate cannot be given back"},
		{status: report.WasCollateral, bulk: true, certificates: []string{"c5"}, cluster: "c6", refusal: "nothing was taken away"},
	} {
		r := report.New()
		r.Run.Mode = report.Apply
		a := report.Action{ID: "c1/1", UID: "1", Kind: policy.User, Operation: policy.Clean, Cluster: report.Cluster{ID: "c1"}}
		a.Before = report.NewSnapshot(policy.Snapshot{GrantsSeen: true, Grants: dev})
		r.Plan.Actions = []report.Action{a}
		r.Outcomes = []report.Outcome{{Action: "c1/1", Status: c.status, Bulk: c.bulk, CollateralCertificates: c.certificates}}
		lines := []write.Line{{Type: "intent", Run: "r1", Account: jobtest.Account, Action: "c1/1", Operation: policy.Clean, UID: "1",
			Cluster: &write.JournalCluster{ID: "c1"}, GrantsSeen: true, Grants: write.JournalGrants(dev)},
			{Type: "outcome", Run: "r1", Action: "c1/1", Status: string(c.status), Bulk: c.bulk, CollateralCertificates: c.certificates}}
		report, err := FromReport("report.json", r, "1", c.cluster)
		journal, err2 := FromJournal("j", lines, "1", c.cluster, "")
		for _, got := range []struct {
			from string
			*Source
			err error
		}{{"report", report, err}, {"journal", journal, err2}} {
			switch {
			case c.refusal != "" && (got.err == nil || !strings.Contains(got.err.Error(), c.refusal)):
				t.Errorf("%+v, by the %s: %v", c, got.from, got.err)
			case c.refusal == "" && (got.err != nil || len(got.Grants) != c.rows || got.Ended != (c.status == "collateral")):
				t.Errorf("%+v, by the %s: %v %+v", c, got.from, got.err, got.Source)
			}
		}
	}
}
