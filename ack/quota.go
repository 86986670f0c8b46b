package ack

import (
	"net/http"
	"time"

	"ackrevoke/policy"
)

// outcome is what the limiter is told of an attempt.
type outcome struct {
	sent      time.Time
	good      bool // the service has answered, and not that there were too many
	throttled int  // there were too many, and it is so many times that the call heard it
	asked     time.Duration
	asks      bool // asked is what Retry-After says
}

// of takes in an answer to the latest attempt of a call.
func (o *outcome) of(f *policy.Fault, h http.Header, t *tries) {
	switch {
	case f == nil:
		o.good = true
	case f.Kind == policy.Throttled:
		o.throttled = t.throttled + 1
		o.asked, o.asks = retryAfter(h, time.Now())
	default: // what may come from somewhere on the way says nothing of the service
		o.good = f.Status != 0 && f.Kind != policy.Unavailable
	}
}

// phase is what the quota is up to.
type phase int

const (
	free      phase = iota // nothing is known of a quota, and the configured rates alone hold
	measuring              // a little more is offered than the quota gives
	holding                // the share of what was found is used
)

// quota finds out what rate the service allows to the whole account, which no
// page states and no answer says. It rests on this: where calls are throttled,
// the quota is used up, so what is answered from one such moment to another is
// all that there was. The way there and on:
//
//	free       a throttled answer                         measuring, from a rate that was borne
//	measuring  half a second and 8 good answers, and      half as much again; at the configured rates: free
//	           none throttled
//	           throttled, and again a second and 25 good  holding: what was found is good answers by time
//	           answers later (or 6 s and 10; or 20 s)
//	holding    throttled, and it comes to the same        holding, with the better finding
//	           throttled, and it does not                 measuring
//	           10 s and 100 calls, nearly all is used     3 % more
//	           5 min                                      measuring, from what was found
//	any        throttled, and no good answer for half a   nothing is sent for full jitter of 500 ms doubling to 10 s;
//	           second                                     then one call, to see
//	           a good answer after 3 s of that            holding: such a gap is the rest of a window of 60 s, so what
//	                                                      was found is the calls of that window by 60 s
//
// Throttled answers to calls that were sent before it last gave way change nothing
// more: they are about the rate before. A call that is throttled again and again,
// while others are answered, has a limit of its own and changes nothing either.
type quota struct {
	share  float64 // of what is found, to use
	full   float64 // the configured rates together
	jitter func(time.Duration) time.Duration

	phase  phase
	bucket bucket
	rate   Rate // as last measured
	recent recent

	changed time.Time // when the rate last gave way
	stepped time.Time // when it last rose, or gave way
	steps   int       // calls sent since
	rises   int       // since changed, while measuring
	crept   int       // rises in a row while holding
	first   bool      // the rate has given way once only since it was free
	empty   time.Time // the quota was used up, for a call sent then; zero: since the rate last rose nothing says so
	good    int       // good answers to calls sent after that
	latest  time.Time // when the last good answer came
	last    time.Time // when the last call was sent
	fresh   int       // good answers to calls sent after changed

	until     time.Time // nothing is sent before
	probing   bool      // one call at a time, to see whether the service takes any
	fruitless int       // throttled answers in a row, each to a call sent after the one before
	gap       time.Time // a call of then was the first of them
	before    int       // calls that the service took in the minute before gap
	window    time.Time // when a window was seen to open; zero: never
}

func newQuota(share, full float64, jitter func(time.Duration) time.Duration, now time.Time) *quota {
	return &quota{share: share, full: full, jitter: jitter, recent: recent{began: now}}
}

// wait is how long until the quota has a call to give.
func (q *quota) wait(now time.Time) time.Duration {
	switch {
	case q.phase == free:
		return 0
	case now.Before(q.until):
		return q.until.Sub(now)
	case q.probing:
		return 0
	}
	return q.bucket.wait(now)
}

// use takes a call from it.
func (q *quota) use(now time.Time) {
	if q.phase == free {
		return
	}
	if q.probing {
		q.until = now.Add(backoffCap) // until its answer is there; in case that none comes
	}
	q.steps++
	q.bucket.count(now)
	if now.Sub(q.last).Seconds() > max(1, 2/q.bucket.rate) {
		q.empty = time.Time{} // the quota filled up meanwhile, and what it gave over that is lost
	}
	q.last = now
	q.bucket.tokens--
}

// learn takes in what became of a call.
func (q *quota) learn(now time.Time, o outcome) {
	switch {
	case o.good:
		q.took(now, o.sent)
	case o.throttled > 0:
		q.refused(now, o)
	}
	if o.sent.After(q.changed) && o.throttled == 0 && q.probing {
		q.until = time.Time{}
	}
}

// took is told of a good answer.
func (q *quota) took(now, sent time.Time) {
	q.recent.add(now)
	q.latest = now
	if q.phase == free {
		return
	}
	if !q.empty.IsZero() && sent.After(q.empty) {
		q.good++
	}
	if sent.After(q.changed) {
		q.fresh++
		q.opens(now, sent)
	}
	switch {
	case q.phase == measuring && !sent.After(q.changed):
		if q.first { // was under way when it began: there is more to begin with
			q.offer(now, max(q.bucket.rate, press*q.recent.least(now)))
		}
	case q.phase == measuring:
		q.rise(now, sent)
	case q.phase == holding:
		q.creep(now)
	}
}

// refused is told of a throttled answer.
func (q *quota) refused(now time.Time, o outcome) {
	if q.phase != free && (!o.sent.After(q.changed) || o.throttled >= stubborn && q.fresh > 0) {
		return
	}
	if q.first = q.phase == free; q.first {
		q.phase, q.empty, q.fresh = measuring, time.Time{}, q.recent.in(now, 10)
		q.bucket.set(0, 1, 1, now)
		q.offer(now, q.guess(now))
	}
	if q.fresh == 0 && now.Sub(q.latest) >= climbStep {
		q.pause(now, o)
	}
	q.measure(now, o.sent)
	if q.empty.IsZero() {
		q.empty, q.good = o.sent, 0
	}
	q.changed, q.stepped, q.steps, q.rises, q.crept, q.fresh = now, now, 0, 0, 0, 0
}

// said is what is known, for a report.
func (q *quota) said() *Rate {
	if q.rate.Found == 0 {
		return nil
	}
	r := q.rate
	return &r
}
