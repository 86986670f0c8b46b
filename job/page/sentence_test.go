package page

import (
	"strings"
	"testing"
	"time"

	"ackrevoke/job/end"
	"ackrevoke/job/report"
	"ackrevoke/policy"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// sample is a report of one person, two of the account's two clusters settled, and
// what a case adds to it.
func sample(mode report.Mode, name end.Name, change ...func(*report.Report)) *report.Report {
	r := report.New()
	r.Run.Mode, r.Verdict = mode, end.Verdict{Name: name}
	r.Policy = report.PolicyInfo{SHA256: "ab", Entries: 1}
	r.Plan.Digest = "sha256:00"
	r.Coverage = report.Coverage{Listing: policy.ByRegions, Clusters: 2, InScope: 2, AllClustersGrants: report.Seen,
		Regions: []report.Region{{ID: "cn-hangzhou", Clusters: 2, Read: true}}}
	r.Principals = []report.Principal{{UID: "1", Kind: policy.User, Name: "alice", Reason: policy.Departed, Verdict: report.Out}}
	r.Summary = report.Summary{Entries: 1, InEffect: 1, Targets: 2, Settled: 2}
	for _, f := range change {
		f(r)
	}
	return r
}

// acting adds actions with these outcomes; "" is one that a guard refused.
func acting(statuses ...report.Status) func(*report.Report) {
	return func(r *report.Report) {
		for i, s := range statuses {
			a := report.Action{ID: "c" + string(rune('1'+i)) + "/1", UID: "1", Kind: policy.User, Cluster: report.Cluster{ID: "c" +
				string(rune('1'+i))},
				Before: report.Snapshot{Certificate: report.Certificate{State: policy.Unexpired}, Grants: []report.Grant{{Role: "dev"},
					{Owner: true}}}}
			if s == "" {
				a.RefusedBy = "maxRevocations"
			} else {
				r.Outcomes = append(r.Outcomes, report.Outcome{Action: a.ID, Status: s})
			}
			r.Plan.Actions = append(r.Plan.Actions, a)
		}
		r.Summary.Actions = len(r.Plan.Actions)
		for _, o := range r.Outcomes {
			for status, n := range map[report.Status]*int{report.WasRevoked: &r.Summary.Revoked, report.WasAbsent: &r.Summary.Absent,
				report.WasFailed: &r.Summary.Failed, report.WasUnverified: &r.Summary.Unverified, report.WasBlocked: &r.Summary.Blocked,
				report.WasSkipped: &r.Summary.Skipped, report.WasCollateral: &r.Summary.Collateral} {
				if o.Status == status {
					*n++
				}
			}
		}
	}
}

func unknowns(accepted bool, whys ...policy.Why) func(*report.Report) {
	return func(r *report.Report) {
		for _, w := range whys {
			r.Plan.Unknown = append(r.Plan.Unknown, report.Unknown{UID: "1", Why: w, Accepted: accepted})
			r.Summary.Unknown++
			if accepted {
				r.Summary.Accepted++
				r.Principals[0].Verdict = report.Unclear
			}
		}
	}
}

func left(n int) func(*report.Report) {
	return func(r *report.Report) {
		for range n {
			r.Plan.Residual = append(r.Plan.Residual, report.Residual{UID: "1", What: policy.LeftOwner})
			r.Summary.Residual++
		}
	}
}

// Each way to end is told in a sentence that says no more than the report.
func TestSentences(t *testing.T) {
	t.Parallel()
	fault := func(message string, kind policy.FaultKind) func(*report.Report) {
		return func(r *report.Report) { r.Errors = append(r.Errors, report.Error{Kind: kind, Message: message}) }
	}
	unplanned := func(r *report.Report) { r.Plan.Digest = "" }
	for _, c := range []struct {
		name string
		r    *report.Report
		want string
	}{
		{"converged", sample(report.Apply, end.Converged, acting(report.WasRevoked, report.WasRevoked)),
			"Nobody on the list holds a KubeConfig credential or an ACK grant on any of the account's 2 clusters any more: " +
				"2 credentials and 2 grants of 1 person were taken away, and proven gone."},
		{"gone already", sample(report.Apply, end.Converged, acting(report.WasRevoked, report.WasAbsent)),
			"Nobody on the list holds a KubeConfig credential or an ACK grant on any of the account's 2 clusters any more: " +
				"1 credential and 1 grant of 1 person were taken away, and proven gone; in 1 place it was gone already."},
		{"nothing to do", sample(report.Apply, end.Converged),
			"Nobody on the list holds a KubeConfig credential or an ACK grant on any of the account's 2 clusters any more: " +
				"there was nothing to take away."},
		{"nothing to do in a dry run", sample(report.DryRun, end.Converged),
			"Nobody on the list holds a KubeConfig credential or an ACK grant on any of the account's 2 clusters any more: " +
				"a dry run found nothing to take away, and changed nothing."},
		{"a narrow scope", sample(report.Apply, end.Converged, func(r *report.Report) { r.Coverage.InScope, r.Summary.Targets = 1, 1 }),
			"Nobody on the list holds a KubeConfig credential or an ACK grant on the 1 cluster in scope any more: there was nothing to take away."},
		{"a region that was not read", sample(report.Apply, end.Converged, func(r *report.Report) { r.Coverage.Regions[0].Read = false }),
			"Nobody on the list holds a KubeConfig credential or an ACK grant on the 2 clusters in scope any more: there was nothing to take away."},
		{"a narrow entry", sample(report.Apply, end.Converged, func(r *report.Report) { r.Summary.Targets = 1 }),
			"Nobody on the list holds a KubeConfig credential or an ACK grant on the clusters that the policy names for them any more: " +
				"there was nothing to take away."},
		{"only some", sample(report.Apply, end.Converged, func(r *report.Report) { r.Run.Only, r.Policy.Entries = []string{"1"}, 40 }),
			"None of those looked at (1 of 40 entries) holds a KubeConfig credential or an ACK grant on any of the account's 2 clusters any more: " +
				"there was nothing to take away."},
		{"single certificates", sample(report.Apply, end.Converged, func(r *report.Report) { r.Principals[0].Reason = policy.Compromised }),
			"Nobody on the list holds what the list takes away on any of the account's 2 clusters any more: there was nothing to take away."},
		{"accepted", sample(report.Apply, end.Converged, unknowns(true, policy.GrantsNotVisible)),
			"Nothing is left or unknown but what the policy accepts until a date: there was nothing to take away."},
		{"planned", sample(report.DryRun, end.Planned, acting(report.WasPlanned, report.WasPlanned)),
			"A dry run: 2 credentials and 2 grants would be taken away from 1 person; nothing was changed."},
		{"incomplete", sample(report.DryRun, end.Incomplete, acting(report.WasPlanned), unknowns(false, policy.GrantsNotVisible,
			policy.ReadFailed,
			policy.GrantsNotVisible)),
			"This run cannot say that nobody on the list holds a KubeConfig credential or an ACK grant on any of the " +
				"account's 2 clusters any more: 1 read failed and in 2 places the grants are not visible. A dry run: 1 credential and 1 grant " +
				"would be taken away from 1 person; nothing was changed."},
		{"out of time", sample(report.Apply, end.Incomplete, acting(report.WasRevoked, report.WasSkipped), fault("the time limit",
			policy.Timeout)),
			"This run cannot say that nobody on the list holds a KubeConfig credential or an ACK grant " +
				"on any of the account's 2 clusters any more: " +
				"the time of the run was over. Of 2 planned revocations 1 was made and proven, 1 was not begun."},
		{"a listing that failed", sample(report.Apply, end.Incomplete, unplanned, fault("ListUsers: denied.", policy.Denied)),
			"This run cannot say that nobody on the list holds a KubeConfig credential or an ACK grant " +
				"on any of the account's 2 clusters any more: " +
				"ListUsers: denied. Nothing was changed."},
		{"failed", sample(report.Apply, end.Failed, acting(report.WasRevoked, report.WasFailed, report.WasUnverified, report.WasBlocked,
			report.WasCollateral)),
			"Not everything was ended. Of 5 planned revocations 1 was made and proven, 1 failed, 1 is not proven, " +
				"1 was declined, 1 took away more than was planned."},
		{"left", sample(report.Apply, end.Failed, acting(report.WasRevoked), left(2)),
			"Not everything was ended. Of 1 planned revocation " +
				"1 was made and proven. 2 accesses are left that this program cannot end."},
		{"left in a dry run", sample(report.DryRun, end.Failed, left(1)),
			"1 access is left that this program cannot end. Nothing was changed."},
		{"refused", sample(report.Apply, end.Refused, acting("", "")),
			"A guard refused every one of 2 planned revocations: nothing was changed."},
		{"a group refused", sample(report.Apply, end.Refused, acting("", report.WasRevoked)),
			"A guard refused 1 of 2 planned revocations, " +
				"which was not touched. Of 2 planned revocations 1 was made and proven, 1 was refused."},
		{"an entry refused", sample(report.DryRun, end.Refused, func(r *report.Report) { r.Summary.Refused = 1 }),
			"A guard refused 1 entry of the list, which was not touched. Nothing was changed."},
		{"another account", sample(report.Apply, end.Refused, unplanned, func(r *report.Report) {
			r.Plan.Guards = []report.Guard{{Guard: policy.GuardAccount, Tripped: true}}
		}), "The whole run was refused by a guard (account), and changed nothing."},
		{"the list emptied", sample(report.Apply, end.Refused, func(r *report.Report) {
			r.Summary = report.Summary{}
			r.Plan.Guards = []report.Guard{{Guard: policy.GuardEmptied, Tripped: true, Found: 7}}
		}), "The list is empty now and had 7 entries on the last run: the run was refused, nobody was looked for, and nothing was changed."},
		{"an empty list", sample(report.Apply, end.Converged, func(r *report.Report) { r.Summary, r.Principals = report.Summary{}, nil }),
			"The list is empty: nobody was looked for, and nothing was changed."},
		{"none in effect", sample(report.Apply, end.Converged, func(r *report.Report) {
			r.Summary = report.Summary{Entries: 3, Pending: 2,
				Lapsed: 1}
		}),
			"No entry of the list is in effect (of 3, 2 are not in effect yet and 1 has lapsed): nobody was looked for, and nothing was changed."},
		{"none of some in effect", sample(report.Apply, end.Converged, func(r *report.Report) {
			r.Run.Only, r.Summary = []string{"1"}, report.Summary{Entries: 1, Pending: 1}
		}), "No entry of those looked at is in effect (of 1, 1 is not in effect yet): nobody was looked for, and nothing was changed."},
		{"interrupted", sample(report.Apply, end.Interrupted, acting(report.WasRevoked, report.WasSkipped)),
			"The run was interrupted before it was done. Of 2 planned revocations 1 was made and proven, 1 was not begun."},
		{"invalid", sample(report.DryRun, end.Invalid, unplanned, fault("a", policy.Invalid), fault("b", policy.Invalid)),
			"The policy has 2 errors, so no run was made: nothing was called, and nothing was changed."},
		{"error", sample(report.Apply, end.Errored, unplanned, fault("GetCallerIdentity", policy.Unavailable)),
			"The run could not be made, and changed nothing."},
		{"error after writes", sample(report.Apply, end.Errored, acting(report.WasRevoked, report.WasSkipped), func(r *report.Report) {
			r.Outcomes[0].StartedAt = report.At(noon)
		}), "An error ended this run after it had begun to write. Of 2 planned revocations 1 was made and proven, 1 was not begun."},
	} {
		if got := verdictOf(c.r).Sentence; got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.name, got, c.want)
		}
	}
}

// A sentence alone would say too much where one of these holds.
func TestWhatElseHolds(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		want   string
		change func(*report.Report)
	}{
		{"1 row that is unknown or left is accepted by the policy until a date", unknowns(true, policy.ReadFailed)},
		{"2 entries are not in effect yet and 1 entry has lapsed", func(r *report.Report) { r.Summary.Pending, r.Summary.Lapsed = 2, 1 }},
		{"Outside the scope listed principals still hold something in 1 place",
			func(r *report.Report) { r.Plan.OutOfScope = make([]report.Outside, 1) }},
		{"2 clusters in scope are coming or going and not looked at", func(r *report.Report) { r.Coverage.Deferred = 2 }},
		{"1 deleted principal, whom nobody lists, holds a certificate",
			func(r *report.Report) { r.Plan.Unlisted = make([]report.Overlooked, 1) }},
		{"1 write of earlier runs ended without a report", func(r *report.Report) { r.Unfinished = make([]report.Unfinished, 1) }},
		{"2 accesses came back that an earlier run had proven gone", func(r *report.Report) { r.Summary.Resurrected = 2 }},
		{"1 entry was refused and not touched", func(r *report.Report) { r.Summary.Refused = 1 }},
		{"and is alive", func(r *report.Report) {
			r.Proofs = []report.Evidence{{Verdict: report.ProvenAlive, At: report.At(noon)}}
		}},
		{"1 access is left that this program cannot end", left(1)},
		{"1 thing is not known: 1 read failed", unknowns(false, policy.ReadFailed)},
	} {
		if all := strings.Join(verdictOf(sample(report.Apply, end.Converged, c.change)).Also, "\n"); !strings.Contains(all, c.want) {
			t.Errorf("not said: %s\nbut:\n%s", c.want, all)
		}
	}
}

// Each why has words of its own.
func TestEveryWhyHasWords(t *testing.T) {
	t.Parallel()
	for _, w := range []policy.Why{policy.CertificateUnclear, policy.GrantsNotVisible, policy.ReadFailed, policy.ClusterNotListed,
		policy.RegionNotRead, policy.ListingMayBeShort, policy.NoTrace, policy.MatchesNothing, policy.RenewalPossible, policy.PinNotShown,
		policy.AllClustersNotVisible, policy.IdentityUnclear} {
		r := sample(report.DryRun, end.Incomplete, unknowns(false, w))
		if got := (telling{r}).because(); got == "not everything could be seen" {
			t.Errorf("%s has none", w)
		}
	}
}
