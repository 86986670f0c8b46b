package ack

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// drain takes n tokens and returns when each was had.
func drain(t *testing.T, b *bucket, n int) []time.Duration {
	t.Helper()
	start := time.Now()
	var at []time.Duration
	for range n {
		if err := b.take(t.Context()); err != nil {
			t.Fatal(err)
		}
		at = append(at, time.Since(start).Round(time.Millisecond))
	}
	return at
}

func TestBucketTimes(t *testing.T) {
	ms := time.Millisecond
	for _, tt := range []struct {
		name      string
		rate      float64
		throttles int
		want      []time.Duration
	}{
		{"burst of two, then two a second", 2, 0, []time.Duration{0, 0, 500 * ms, 1000 * ms, 1500 * ms}},
		{"a slow rate still begins at once", 0.5, 0, []time.Duration{0, 2000 * ms, 4000 * ms}},
		// 10/s halved is 5/s with a burst of 5; after a second 6/s.
		{"halved", 10, 1, []time.Duration{0, 0, 0, 0, 0, 200 * ms, 400 * ms, 600 * ms, 800 * ms, 1000 * ms, 1167 * ms}},
		// At 1/64 there is one token; then nothing but the recovery gives:
		// 10/64 in the first second, then 1.15625/s.
		{"the floor", 10, 20, []time.Duration{0, 1730 * ms}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBucket(tt.rate, time.Now())
				for range tt.throttles {
					b.slow(time.Now())
				}
				got := drain(t, b, len(tt.want))
				for i := range got {
					if d := got[i] - tt.want[i]; d < -ms || d > ms {
						t.Fatalf("tokens at %v, want %v", got, tt.want)
					}
				}
			})
		})
	}
}

func TestBucketRecovers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBucket(10, time.Now())
		rate := func(after time.Duration) float64 {
			if err := sleep(t.Context(), after); err != nil { // the bubble's time
				t.Error(err)
			}
			b.mu.Lock()
			defer b.mu.Unlock()
			b.advance(time.Now())
			return b.rate
		}
		b.slow(time.Now())
		b.slow(time.Now())
		near := func(got, want float64) {
			t.Helper()
			if got < want-1e-9 || got > want+1e-9 {
				t.Errorf("rate %v, want %v", got, want)
			}
		}
		near(rate(0), 2.5)
		near(rate(999*time.Millisecond), 2.5)
		near(rate(time.Millisecond), 3.5)
		near(rate(3*time.Second), 6.5)
		b.slow(time.Now())
		near(rate(0), 3.25)
		near(rate(900*time.Millisecond), 3.25) // the second counts from the last throttle
		near(rate(20*time.Second), 10)
		for range 50 {
			b.slow(time.Now())
		}
		near(rate(0), 10.0/64)
	})
}

func TestBucketGivesWayToTheContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBucket(0.1, time.Now())
		drain(t, b, 1)
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		start := time.Now()
		if err := b.take(ctx); err == nil || time.Since(start) != 3*time.Second {
			t.Errorf("%v after %v", err, time.Since(start))
		}
	})
}

// Many at once never get more than burst and rate allow.
func TestBucketShared(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBucket(4, time.Now())
		start := time.Now()
		var wg sync.WaitGroup
		for range 24 {
			wg.Go(func() {
				if err := b.take(t.Context()); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if d := time.Since(start).Round(time.Millisecond); d < 5*time.Second || d > 5100*time.Millisecond {
			t.Errorf("24 tokens at 4 a second took %v", d)
		}
	})
}

// A throttled read slows reads and leaves writes alone; every attempt pays.
func TestThrottleSlowsItsOwnBucket(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLab(t, Options{Writes: true, ReadQPS: 8, WriteQPS: 8}, inTurn(says(400, code("Throttling")), says(200, "[]")))
		if _, err := l.Grants(l.ctx, "2"); err != nil {
			t.Fatal(err)
		}
		if l.reading.rate != 4 || l.writing.rate != 8 {
			t.Errorf("rates %v and %v", l.reading.rate, l.writing.rate)
		}
		n := l.Calls()
		if n.Throttled != 1 || n.Retries != 1 || n.Reads != 2 || n.ByOperation["DescribeUserPermission"] != 2 {
			t.Errorf("counts %+v", n)
		}
	})
}
