package metrics

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"ackrevoke/job/report"
)

// overdue counts the entries that should be out and are not, and says how long
// the oldest has been so. One that was to act at once has no date to count from,
// and an age of 0. Somebody whom a guard refused is not out, either.
func overdue(a Attempt) (n int, oldest time.Duration) {
	now := a.Report.Run.FinishedAt.Time
	for _, p := range a.Report.Principals {
		switch p.Verdict {
		case report.Out, report.PendingYet, report.LapsedSince:
			continue
		}
		if p.Effective.After(now) {
			continue // refused before its time
		}
		n++
		if !p.Effective.IsZero() {
			oldest = max(oldest, now.Sub(p.Effective.Time))
		}
	}
	return n, oldest
}

// timeToProof is of the principals whom this run took something from and then
// saw to be out, and whose entries state a date.
func timeToProof(a Attempt) []sample {
	proven := map[string]time.Time{} // by uid: when the last of its actions was
	whose := map[string]string{}     // action: uid
	for _, x := range a.Report.Plan.Actions {
		whose[x.ID] = x.UID
	}
	for _, o := range a.Report.Outcomes {
		uid := whose[o.Action]
		if done := o.Status == report.WasRevoked || o.Status == report.WasAbsent; done && o.VerifiedAt.After(proven[uid]) {
			proven[uid] = o.VerifiedAt.Time
		}
	}
	seconds := []float64{}
	for _, p := range a.Report.Principals {
		if at := proven[p.UID]; p.Verdict == report.Out && !at.IsZero() && !p.Effective.IsZero() {
			seconds = append(seconds, max(0, at.Sub(p.Effective.Time)).Seconds())
		}
	}
	return []sample{{seconds: seconds}}
}

const (
	hour = 3600
	day  = 24 * hour
)

// within are the upper bounds of the histogram, in seconds: one hour to a year.
var within = []float64{hour, 6 * hour, 12 * hour, day, 2 * day, 3 * day, 7 * day, 14 * day, 30 * day, 90 * day, 180 * day, 365 * day}

func histogram(of *prometheus.Desc, seconds []float64, labels []string) prometheus.Metric {
	buckets, sum := map[float64]uint64{}, 0.0
	for _, bound := range within {
		buckets[bound] = 0
		for _, s := range seconds {
			if s <= bound {
				buckets[bound]++
			}
		}
	}
	for _, s := range seconds {
		sum += s
	}
	m, err := prometheus.NewConstHistogram(of, uint64(len(seconds)), sum, buckets, labels...)
	if err != nil {
		return prometheus.NewInvalidMetric(of, err)
	}
	return m
}
