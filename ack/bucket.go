package ack

import "time"

// bucket is a token bucket: so many calls per second, and after a rest up to
// burst of them at once.
type bucket struct {
	rate   float64 // per second
	burst  float64 // at least 1
	tokens float64
	at     time.Time // tokens are counted up to here
}

// newBucket is the bucket of a configured rate. It holds one second's tokens
// (at least one) and begins full.
func newBucket(rate float64, now time.Time) *bucket {
	return &bucket{rate: rate, burst: max(1, rate), tokens: max(1, rate), at: now}
}

// longestLook is after how long somebody looks again for a token at the latest: what
// is to come of a rate like 1e-11 is more than a duration can hold.
const longestLook = time.Hour

// wait is how long until there is a token, or an hour; 0: there is one.
func (b *bucket) wait(now time.Time) time.Duration {
	b.count(now)
	// A nanosecond's worth of rounding must not cost another round of waiting.
	if b.tokens >= 1-1e-6 {
		return 0
	}
	return max(time.Microsecond, time.Duration(min(longestLook.Seconds(), (1-b.tokens)/b.rate)*float64(time.Second)))
}

// use takes a token.
func (b *bucket) use() { b.tokens = max(0, b.tokens-1) }

// set changes the rate from now on, and what is there of tokens.
func (b *bucket) set(rate, burst, tokens float64, now time.Time) {
	b.rate, b.burst, b.tokens, b.at = rate, burst, tokens, now
}

func (b *bucket) count(to time.Time) {
	if d := to.Sub(b.at); d > 0 {
		b.tokens = min(b.burst, b.tokens+d.Seconds()*b.rate)
		b.at = to
	}
}
