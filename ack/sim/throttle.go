package sim

import (
	"math"
	"time"
)

// bucket is a token bucket that holds one second's worth of calls, at least one.
type bucket struct {
	rate   float64
	tokens float64
	filled time.Time
}

func newBucket(rate float64) bucket {
	return bucket{rate: rate, tokens: math.Max(1, rate)}
}

// take takes a token if there is one.
func (b *bucket) take(now time.Time) bool {
	if b.rate <= 0 {
		return true
	}
	if !b.filled.IsZero() {
		b.tokens = math.Min(math.Max(1, b.rate), b.tokens+b.rate*now.Sub(b.filled).Seconds())
	}
	b.filled = now
	if b.tokens < 1 {
		return false
	}
	b.tokens--
	return true
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
