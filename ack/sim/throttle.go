package sim

import (
	"cmp"
	"math"
	"time"
)

// bucket is a quota. Without a window it is a token bucket that holds one second's worth of calls, at least one. With a window it
// is a number of calls, at least one, for each window of that length by the clock, whenever in it they come: quotas are shown as
// 200/60(s) [DOC], and no page says which of the two that is.
type bucket struct {
	rate   float64
	window time.Duration
	tokens float64
	filled time.Time
}

func newBucket(rate float64, window time.Duration) bucket {
	b := bucket{rate: rate, window: window}
	b.tokens = b.most()
	return b
}

func (b *bucket) most() float64 {
	return math.Max(1, b.rate*cmp.Or(b.window, time.Second).Seconds())
}

// take takes a token if there is one.
func (b *bucket) take(now time.Time) bool {
	if b.rate <= 0 {
		return true
	}
	b.fill(now)
	if b.tokens < 1 {
		return false
	}
	b.tokens--
	return true
}

func (b *bucket) fill(now time.Time) {
	switch {
	case b.window > 0 && !now.Truncate(b.window).Equal(b.filled.Truncate(b.window)):
		b.tokens = b.most()
	case b.window == 0 && !b.filled.IsZero():
		b.tokens = math.Min(b.most(), b.tokens+b.rate*now.Sub(b.filled).Seconds())
	}
	b.filled = now
}

// SetQPS changes Options.QPS from now on; what is left of a window or of a second stays, as far as the new quota has room for it.
func (a *Account) SetQPS(rate float64) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.bucket.fill(time.Now())
	a.bucket.rate = rate
	a.bucket.tokens = math.Min(a.bucket.tokens, a.bucket.most())
}

// throttle refuses what is above the quota. Status and code are a choice of the estate: clients have seen the code, no page
// states the status, and whether Retry-After is sent is not known.
func (a *Account) throttle() *answer {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.bucket.take(time.Now()) {
		return nil
	}
	t := a.estate.behaviour.throttle
	refusal := refuse(t.status, t.code, "Request was denied due to user flow control.")
	refusal.retryAfter = t.retryAfter
	return refusal
}
