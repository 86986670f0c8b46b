package cli

import (
	"slices"

	"ackrevoke/cmd/cli/voice"
	"ackrevoke/job/end"
	"ackrevoke/job/metrics"
	"ackrevoke/job/report"
)

// besides publishes the metrics of a round. Where it ended with an exit code that
// none of its files did, no account is to be blamed: it counts as a run whose
// account nobody knows, for whatever this process ends with somebody has to hear of.
func (a *accounts) besides(v *voice.Voice, code int, rows ...report.AccountRow) {
	m := a.o.meter
	if m == nil {
		return
	}
	if code != end.CodeClean && !slices.ContainsFunc(rows, func(r report.AccountRow) bool { return r.ExitCode == code }) {
		m.mu.Lock()
		m.set.Add(metrics.Attempt{Report: a.unmade(a.o, ended(code))})
		m.mu.Unlock()
	}
	a.publish(m, v)
}

// untried makes metrics of a file that was not run, so that what an earlier round
// said of its account does not stand there as if it were of today.
func (p Program) untried(o *options, code int) {
	if o.meter != nil {
		o.meter.add(p.accountOf(o, nil), nil, p.unmade(o, ended(code)))
	}
}

func ended(code int) (held end.Held) {
	held.Add(code)
	return held
}
