package metrics

import (
	"maps"
	"math"
	"slices"

	"ackrevoke/job/end"
	"ackrevoke/job/report"
	"ackrevoke/policy"
)

// What labels can hold. Whatever else stands in a report counts as other, which
// is said only where there is such a thing.
const other = "other"

var (
	modes    = []string{string(report.DryRun), string(report.Apply)}
	statuses = []string{string(report.WasPlanned), string(report.WasRevoked), string(report.WasAbsent), string(report.WasBlocked),
		string(report.WasFailed), string(report.WasUnverified), string(report.WasSkipped), string(report.WasCollateral)}
	whys = []string{string(policy.CertificateUnclear), string(policy.GrantsNotVisible), string(policy.ReadFailed),
		string(policy.ClusterNotListed), string(policy.RegionNotRead), string(policy.ListingMayBeShort), string(policy.NoTrace),
		string(policy.MatchesNothing), string(policy.RenewalPossible), string(policy.PinNotShown), string(policy.AllClustersNotVisible),
		string(policy.IdentityUnclear)}
)

func known(list []string, word string) string {
	if slices.Contains(list, word) {
		return word
	}
	return other
}

// by counts rows by one of the words of a list; each word has a number, also 0.
func by[T any](list []string, rows []T, word func(T) string) []sample {
	n := map[string]int{}
	for _, r := range rows {
		n[known(list, word(r))]++
	}
	var all []sample
	for _, w := range list {
		all = append(all, sample{value: float64(n[w]), labels: []string{w}})
	}
	if n[other] > 0 {
		all = append(all, sample{value: float64(n[other]), labels: []string{other}})
	}
	return all
}

func outcomes(a Attempt) []sample {
	return by(statuses, a.Report.Outcomes, func(o report.Outcome) string { return string(o.Status) })
}

func unknown(a Attempt) []sample {
	return by(whys, a.Report.Plan.Unknown, func(u report.Unknown) string { return string(u.Why) })
}

func verdicts(a Attempt) []sample {
	var all []sample
	var said []end.Name
	for _, e := range end.Table {
		if !slices.Contains(said, e.Name) {
			said = append(said, e.Name)
			all = append(all, sample{value: yes(e.Name == a.Report.Verdict.Name), labels: []string{string(e.Name)}})
		}
	}
	return all
}

func calls(a Attempt) []sample {
	var all []sample
	for _, operation := range slices.Sorted(maps.Keys(a.Report.Calls.ByResult)) {
		n := a.Report.Calls.ByResult[operation]
		for _, r := range []struct {
			result string
			n      int
		}{{"ok", n.OK}, {"throttled", n.Throttled}, {"failed", n.Failed}} {
			all = append(all, sample{value: float64(r.n), labels: []string{operation, r.result}})
		}
	}
	return all
}

func rates(a Attempt) []sample {
	r := a.Report.Calls.Rate
	if r == nil {
		return nil
	}
	return []sample{{value: r.Found, labels: []string{"found"}}, {value: r.Used, labels: []string{"used"}}}
}

func entries(a Attempt) []sample {
	s := a.Report.Summary
	return states(state{"in_effect", s.InEffect}, state{"pending", s.Pending}, state{"lapsed", s.Lapsed}, state{"refused", s.Refused})
}

func targets(a Attempt) []sample {
	t := a.Report.Targets()
	return states(state{"action", t.Acted}, state{"settled", t.Settled}, state{"unknown", t.Unknown}, state{"residual", t.Residual})
}

// state is a number with its name.
type state struct {
	name string
	n    int
}

func states(all ...state) []sample {
	var out []sample
	for _, s := range all {
		out = append(out, sample{value: float64(s.n), labels: []string{s.name}})
	}
	return out
}

func unaccepted(a Attempt) (n int) {
	for _, u := range a.Report.Plan.Unknown {
		if !u.Accepted {
			n++
		}
	}
	return n
}

func residual(a Attempt) (n int) {
	for _, x := range a.Report.Plan.Residual {
		if !x.Accepted {
			n++
		}
	}
	return n
}

// left counts refused actions as well: the principal holds what they are about.
func left(a Attempt) int {
	s := a.Report.Summary
	return s.Actions - s.Revoked - s.Absent
}

func duration(a Attempt) float64 {
	return a.Report.Run.FinishedAt.Sub(a.Report.Run.StartedAt.Time).Seconds()
}

// emptied is about the guard that trips where a list that had entries has none any
// more. Of an empty list that no run came to judge nothing is said: at a Pushgateway
// an alert about it stays.
func emptied(a Attempt) []sample {
	i := slices.IndexFunc(a.Report.Plan.Guards, func(g report.Guard) bool { return g.Guard == policy.GuardEmptied })
	if i < 0 && a.Policy.Entries() == 0 && a.Report.Plan.Digest == "" {
		return nil
	}
	return []sample{{value: yes(i >= 0 && a.Report.Plan.Guards[i].Tripped)}}
}

// nobody is what can be said without a record of the last list, as where the journal
// goes with its pod: nobody is looked for, now or later, and it does not say that this
// is meant. An entry that waits for its day, or that a guard refuses, is somebody.
func nobody(a Attempt) float64 {
	s := a.Report.Summary
	return yes(s.InEffect+s.Pending+s.Refused == 0 && !a.Policy.Guards.AllowEmpty)
}

// nearestEnd is about the rows of the policy that are in force, whether or not
// something falls under them today. Where there is none it is infinite, and not
// left out: at a Pushgateway what is left out stays as it was, and would lapse.
func nearestEnd(a Attempt) float64 {
	nearest := math.Inf(1)
	for _, row := range a.Policy.Accepted {
		if a.Report.Run.FinishedAt.Before(row.Until) {
			nearest = min(nearest, float64(row.Until.Unix()))
		}
	}
	return nearest
}
