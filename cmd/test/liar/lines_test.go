package liar

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"ackrevoke/cmd/test/stage"
)

func rowLines(m map[oracleRow]bool) []string {
	return stage.Lines(slices.Collect(maps.Keys(m)), func(r oracleRow) string {
		return fmt.Sprintf("%s/%s %s accepted %v", r.cluster, r.uid, r.why, m[r])
	})
}

func (o *oracle) actionLines() []string {
	return stage.Lines(o.actions, func(a oracleAction) string {
		return fmt.Sprintf("%s because %s refused %v", a.id, a.because, a.refused)
	})
}

func (o *oracle) pins(uid string) bool {
	return slices.ContainsFunc(o.f.list.entries, func(e drawnEntry) bool { return e.uid == uid && len(e.pins) > 0 })
}

func (o *oracle) settledLines() []string {
	return stage.Lines(slices.Collect(maps.Keys(o.settled)), func(uid string) string {
		s, n := o.settled[uid], 0
		for _, k := range s {
			n += k
		}
		if o.pins(uid) {
			return fmt.Sprintf("%s: %d", uid, n)
		}
		return fmt.Sprintf("%s: removed %d unissued %d expired %d unlisted %d owner %d", uid, s["removed"], s["unissued"], s["expired"],
			s["unlisted"], s["ownerOfRecord"])
	})
}

func (p *play) tallyOracle(o *oracle) {
	for r, accepted := range o.unknown {
		p.tally["unknown "+r.why]++
		if accepted {
			p.tally["accepted unknown"]++
		}
	}
	for r := range o.residual {
		p.tally["residual "+r.why]++
	}
	for _, guards := range o.refused {
		for _, g := range guards {
			p.tally["guard "+g]++
		}
	}
	for _, buckets := range o.settled {
		for b, n := range buckets {
			p.tally["settled "+b] += n
		}
	}
	for _, a := range o.actions {
		p.tally["action "+a.because]++
	}
}

func lastLines(s string) string {
	all := strings.Split(strings.TrimSpace(s), "\n")
	return strings.Join(all[max(0, len(all)-6):], "\n")
}
