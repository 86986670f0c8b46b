package ack

import (
	"math"
	"time"
)

// The numbers by which a quota is found; what they are for is the table at quota.
const (
	press      = 1.25 // of the rate that is believed in: what is offered to measure it
	few        = 10   // good answers say roughly what a measurement will come to
	climb      = 1.5  // of the rate that was borne: the next one to try
	climbStep  = 500 * time.Millisecond
	climbCalls = 8                // without a throttled answer, at a rate that is above the quota: there is none
	slowest    = 1.0              // calls per second that a measurement begins with, at least
	unknown    = 5.0              // ... where nothing is known
	floor      = 0.2              // calls per second that are used, at least
	enough     = 25               // good answers make a measurement, over a second at least
	enoughTime = 6 * time.Second  // ... and 10 good answers
	longest    = 20 * time.Second // ... and 2
	most       = 0.98             // of what was found is used, at most: the rest is what the finding may be wrong by
	alike      = 0.15             // two findings that differ by less, and by what one call more makes, are of one quota
	creepStep  = 10 * time.Second // between two rises while holding
	creepCalls = 100              // ... at least
	creep      = 0.03             // more, and twice as much each time that nothing came of it
	forget     = 5 * time.Minute
	windowTime = 60 * time.Second // quotas are written as 200/60(s)
	windowGap  = 3 * time.Second  // nothing goes for so long: no bucket of a second does that
	windowLow  = 60               // calls in a window: fewer tell nothing
	stubborn   = 3                // a call that is throttled so many times in a row has a rate limit of its own
)

// opens ends a time in which the service took nothing.
func (q *quota) opens(now, sent time.Time) {
	if q.fruitless == 0 {
		return
	}
	q.fruitless, q.probing, q.until = 0, false, time.Time{}
	if sent.Sub(q.gap) >= windowGap && q.before >= windowLow {
		q.window = sent
		q.hold(now, sent, float64(q.before)/windowTime.Seconds())
	}
}

// guess is a rate to begin to measure with.
func (q *quota) guess(now time.Time) float64 {
	if q.recent.in(now, 10) == 0 {
		return unknown
	}
	return max(slowest, press*q.recent.least(now))
}

// rise offers more than was borne.
func (q *quota) rise(now, sent time.Time) {
	if sent.Before(q.stepped) || now.Sub(q.stepped) < climbStep || !q.empty.IsZero() && q.fresh < climbCalls {
		return
	}
	if q.bucket.rate >= q.full {
		q.phase = free
		return
	}
	if q.rises++; q.rises > 1 {
		q.empty = time.Time{}
	}
	q.offer(now, climb*q.bucket.rate)
}

// creep looks, after a while without a throttled answer, whether there is more
// by now. Where nearly all that was found is used anyway that costs one throttled
// call, so it is done often and little by little. A window tells only at its end
// that it was too much: there it is done once in each, and the measurement, which
// uses up the rest of one, half as often.
func (q *quota) creep(now time.Time) {
	quiet, step, more := now.Sub(q.changed), creepStep, creep*math.Exp2(float64(min(q.crept, 4)))
	if !q.window.IsZero() {
		quiet, step, more = quiet/2, windowTime, creep
	}
	switch {
	case quiet >= forget:
		q.phase, q.empty, q.window = measuring, time.Time{}, time.Time{}
		q.offer(now, q.rate.Found)
	case q.share > most && now.Sub(q.stepped) >= step && q.steps >= creepCalls:
		q.offer(now, q.bucket.rate*(1+more))
		q.crept++
	}
}

// pause stops everything for a while, where the service takes nothing.
func (q *quota) pause(now time.Time, o outcome) {
	if q.fruitless++; q.fruitless == 1 {
		q.gap, q.before = o.sent, q.recent.in(now, 60)
		if q.changed.After(q.gap.Add(-time.Second)) {
			q.gap = q.changed
		}
	}
	q.probing = true
	wait := q.jitter(backoff(q.fruitless))
	if o.asks {
		wait = min(wait, o.asked)
	}
	q.until = now.Add(max(time.Microsecond, wait)) // so that the call to see is told from those before it
}

// measure draws the conclusion from two throttled answers and what was good
// between them.
func (q *quota) measure(now, sent time.Time) {
	if q.empty.IsZero() {
		return
	}
	over := sent.Sub(q.empty)
	found := float64(q.good) / over.Seconds()
	switch {
	case q.phase == holding && (over < time.Second || q.good == 0 || math.Abs(found/q.rate.Found-1) > alike+1/float64(q.good+1)):
		q.phase, q.empty = measuring, time.Time{}
		q.offer(now, q.guess(now))
	case q.phase == holding, over >= time.Second && q.good >= enough, over >= enoughTime && q.good >= few, over >= longest && q.good > 1:
		q.hold(now, sent, found)
	case q.good >= few, over >= climbStep && q.good > 2:
		q.offer(now, min(q.bucket.rate, press*found))
	}
}

// hold uses the share of what was found. The quota was used up at a time.
func (q *quota) hold(now, empty time.Time, found float64) {
	q.phase = holding
	q.rate = Rate{Found: found, Share: q.share, Used: max(floor, min(q.share, most)*found)}
	q.offer(now, q.rate.Used)
	q.bucket.tokens = -1 // so that the quota has something in reserve
	q.changed, q.crept, q.empty, q.good = now, 0, empty, 0
}

// offer is the rate from now on. After a rest a tenth of a second's calls may go
// at once.
func (q *quota) offer(now time.Time, rate float64) {
	rate = min(rate, q.full)
	q.bucket.count(now)
	q.bucket.set(rate, max(1, rate/10), min(q.bucket.tokens, max(1, rate/10)), now)
	q.stepped, q.steps = now, 0
}
