package voice

import (
	"strings"

	"ackrevoke/job/report"
)

// notStarted says once how many actions were not started, and why. After a signal
// it says as well how far the run came.
func (v *Voice) notStarted(r *report.Report) {
	var whys []string
	skipped := map[string][]report.Outcome{}
	statuses := map[report.Status]int{}
	for _, o := range r.Outcomes {
		statuses[o.Status]++
		if o.Status == report.WasSkipped && o.StartedAt.IsZero() && o.Error != nil {
			if why := o.Error.Message; skipped[why] == nil {
				whys = append(whys, why)
			}
			skipped[o.Error.Message] = append(skipped[o.Error.Message], o)
		}
	}
	if r.Run.Interrupted && r.Run.Mode == report.Apply && len(r.Outcomes) > 0 {
		v.interrupted(statuses)
		return
	}
	for _, why := range whys {
		all := skipped[why]
		v.Error().Str("status", string(report.WasSkipped)).Int("actions", len(all)).Text("error", why).Text("hint", all[0].Error.Hint).
			Say(Count(len(all), "action", "actions") + " not started")
	}
}

// interrupted is the one line about a run that a signal ended while it wrote.
func (v *Voice) interrupted(n map[report.Status]int) {
	line, said := v.Error(), []string{}
	for _, s := range []report.Status{report.WasRevoked, report.WasAbsent, report.WasCollateral, report.WasBlocked, report.WasFailed,
		report.WasUnverified, report.WasSkipped} {
		line = line.Int(string(s), n[s])
		word := string(s)
		if s == report.WasSkipped {
			word = "not started; nothing of them was changed"
		}
		said = append(said, counts(count{n[s], word})...)
	}
	line.Say("interrupted: " + strings.Join(said, ", ") + "; the same command goes on")
}
