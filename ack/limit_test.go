package ack

import (
	"context"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// drain takes n turns and returns when each was had.
func drain(t *testing.T, l *limiter, n int) []time.Duration {
	t.Helper()
	start := time.Now()
	var at []time.Duration
	for range n {
		if err := l.take(t.Context(), ofReads, time.Time{}); err != nil {
			t.Fatal(err)
		}
		l.done(outcome{})
		at = append(at, time.Since(start).Round(time.Millisecond))
	}
	return at
}

// paced is a limiter for reads of a rate.
func paced(rate float64, places int) *limiter {
	return newLimiter(Options{ReadQPS: rate, WriteQPS: 1, MaxShare: 1, Concurrency: places},
		func(d time.Duration) time.Duration { return d }, time.Now())
}

func TestLimiterTimes(t *testing.T) {
	ms := time.Millisecond
	for _, tt := range []struct {
		name string
		rate float64
		want []time.Duration
	}{
		{"burst of two, then two a second", 2, []time.Duration{0, 0, 500 * ms, 1000 * ms, 1500 * ms}},
		{"a slow rate still begins at once", 0.5, []time.Duration{0, 2000 * ms, 4000 * ms}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				got := drain(t, paced(tt.rate, 1), len(tt.want))
				for i := range got {
					if d := got[i] - tt.want[i]; d < -ms || d > ms {
						t.Fatalf("tokens at %v, want %v", got, tt.want)
					}
				}
			})
		})
	}
}

func TestLimiterGivesWayToTheContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := paced(0.1, 1)
		drain(t, l, 1)
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		start := time.Now()
		if err := l.take(ctx, ofReads, time.Time{}); err != errNoToken || time.Since(start) != 3*time.Second {
			t.Errorf("%v after %v", err, time.Since(start))
		}
		if len(l.waiting[ofReads]) > 0 || l.places != 1 {
			t.Errorf("%d wait, %d places", len(l.waiting[ofReads]), l.places)
		}
	})
}

// Many at once never get more than burst and rate allow.
func TestLimiterShared(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := paced(4, 24)
		start := time.Now()
		var wg sync.WaitGroup
		for range 24 {
			wg.Go(func() {
				if err := l.take(t.Context(), ofReads, time.Time{}); err != nil {
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

// Writes have the first turn, of a principal in hand before others, then reads that were throttled, then the others,
// each in the order of their coming; a last try waits for no rate.
func TestLimiterOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := paced(1, 1)
		drain(t, l, 1) // what is there at once
		if err := l.take(t.Context(), ofWrites, time.Time{}); err != nil {
			t.Fatal(err)
		}
		var order []string
		var wg sync.WaitGroup
		for _, x := range []struct {
			name string
			kind kind
			by   time.Duration
		}{{"read 1", ofReads, 0}, {"read 2", ofReads, 0}, {"again", ofReadsAgain, 0}, {"write", ofWrites, 0},
			{"on", ofWritesOn, 0}, {"last", ofReadsAgain, 2500 * time.Millisecond}} {
			wg.Go(func() {
				by := time.Time{}
				if x.by > 0 {
					by = time.Now().Add(x.by)
				}
				if err := l.take(t.Context(), x.kind, by); err != nil {
					t.Error(err)
				}
				order = append(order, x.name) // one place: nobody else is here
				l.done(outcome{})
			})
			synctest.Wait()
		}
		time.Sleep(1500 * time.Millisecond)
		l.done(outcome{}) // until here the only place was taken
		wg.Wait()
		if got := strings.Join(order, ", "); got != "on, again, write, last, read 1, read 2" {
			t.Error(got)
		}
	})
}
