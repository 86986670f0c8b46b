package ack

import (
	"context"
	"sync"
	"time"
)

// bucket is a token bucket whose rate gives way and recovers:
//
//	event                      rate
//	a throttled answer         half, but at least 1/64 of the configured one
//	a second without one       plus 1/10 of the configured one, up to it
//
// It holds at most one second's tokens (at least one), at the rate of the
// moment. There is one for reads and one for writes, so that neither starves
// the other.
type bucket struct {
	full float64 // configured rate, per second

	mu     sync.Mutex
	rate   float64
	tokens float64
	at     time.Time // tokens are counted up to here
	quiet  time.Time // the last throttle or the last step of recovery
}

func newBucket(rate float64, now time.Time) *bucket {
	return &bucket{full: rate, rate: rate, tokens: max(1, rate), at: now, quiet: now}
}

// take waits for a token; every attempt needs one.
func (b *bucket) take(ctx context.Context) error {
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		wait := b.try(time.Now())
		if wait == 0 {
			return nil
		}
		// Looking again each second: the rate may have changed meanwhile.
		if err := sleep(ctx, min(wait, time.Second)); err != nil {
			return err
		}
	}
}

// try takes a token, or says how long until there is one.
func (b *bucket) try(now time.Time) time.Duration {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.advance(now)
	// A nanosecond's worth of rounding must not cost another round of waiting.
	if b.tokens >= 1-1e-6 {
		b.tokens = max(0, b.tokens-1)
		return 0
	}
	return max(time.Microsecond, time.Duration((1-b.tokens)/b.rate*float64(time.Second)))
}

// slow is told of a throttled answer.
func (b *bucket) slow(now time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.advance(now)
	b.rate = max(b.full/64, b.rate/2)
	b.tokens = min(b.tokens, max(1, b.rate))
	b.quiet = now
}

// advance counts tokens up to now, one step of recovery at a time.
func (b *bucket) advance(now time.Time) {
	for b.rate < b.full {
		step := b.quiet.Add(time.Second)
		if now.Before(step) {
			break
		}
		b.accrue(step)
		b.quiet = step
		b.rate = min(b.full, b.rate+b.full/10)
	}
	b.accrue(now)
}

func (b *bucket) accrue(to time.Time) {
	if d := to.Sub(b.at); d > 0 {
		b.tokens = min(max(1, b.rate), b.tokens+d.Seconds()*b.rate)
		b.at = to
	}
}

// sleep waits without holding anything, and not beyond the context.
func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
