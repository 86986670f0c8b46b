package ack

import (
	"cmp"
	"math"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"ackrevoke/ack/sim"
)

// By default half of what was found is used: the rest is for people and their
// consoles, who have the same quota.
func TestRateLeavesAShare(t *testing.T) {
	e := estateOf(t)
	for _, u := range []usage{
		{quota: 3, workers: 4, latency: 40 * time.Millisecond},
		{quota: 20, workers: 4, latency: 40 * time.Millisecond},
		{quota: 20, workers: 16, latency: 5 * time.Millisecond, share: 0.8},
		{quota: 100, workers: 64, latency: 200 * time.Millisecond},
	} {
		x := use(t, e, u)
		share := cmp.Or(u.share, 0.5)
		if math.Abs(x.share-share) > 0.05 || math.Abs(x.found/u.quota-1) > 0.06 || x.throttled > 0 {
			t.Errorf("%+v: %+v", u, x)
		}
	}
}

// Quotas are shown as 200/60(s). Where that is a number of calls by the clock's
// minute, whenever they come, the next minute is used evenly.
func TestRateOfAMinute(t *testing.T) {
	e := estateOf(t)
	for _, u := range []usage{
		{quota: 3, workers: 4, share: 1, readQPS: 10},
		{quota: 3, workers: 64},
		{quota: 8, workers: 16, share: 1, readQPS: 10},
		{quota: 20, workers: 4, share: 1},
		{quota: 20, workers: 1},
	} {
		u.window, u.latency, u.settle, u.measured = time.Minute, 40*time.Millisecond, time.Minute, 3*time.Minute
		x := use(t, e, u)
		share := cmp.Or(u.share, 0.5)
		if x.share < 0.85*share || x.throttled >= .02 || math.Abs(x.found/u.quota-1) > 0.15 || x.failed > 0 || x.before > 40+3*u.workers {
			t.Errorf("%+v: %+v", u, x)
		}
	}
}

// What was found is found again where the quota has changed.
func TestRateFollows(t *testing.T) {
	e := estateOf(t)
	for _, tt := range []struct {
		name        string
		share       float64
		first, then float64
		within      time.Duration
		want        float64
	}{
		{"down", 1, 40, 10, 10 * time.Second, 10},
		{"down far", 1, 200, 4, 15 * time.Second, 4},
		{"up", 1, 10, 40, 90 * time.Second, 40},
		{"down with headroom", 0.5, 40, 10, 10 * time.Second, 5},
		{"down with headroom, unnoticed", 0.5, 40, 30, 10 * time.Second, 20}, // which is less than 30
		{"up with headroom", 0.5, 10, 40, forget + 10*time.Second, 20},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				const after = 30 * time.Second
				l, a := throttledLab(t, e, usage{quota: tt.first, workers: 16, latency: 20 * time.Millisecond, share: tt.share})
				end := l.readAlways(16, after+tt.within+after)
				time.Sleep(after)
				a.SetQPS(tt.then)
				time.Sleep(tt.within)
				tally(a)
				time.Sleep(after)
				n, bad := tally(a)
				rate := float64(n) / after.Seconds()
				if failed := end(); rate < 0.9*tt.want || rate > 1.05*tt.want || float64(bad) >= 0.02*float64(n) || failed > 0 {
					t.Errorf("%.1f a second, want %v; %d throttled, %d failed", rate, tt.want, bad, failed)
				}
			})
		})
	}
}

// A write gets its turn within a second, whatever reads wait.
func TestWritesAreNotStarved(t *testing.T) {
	e := estateOf(t)
	for _, u := range []usage{
		{workers: 4, latency: 200 * time.Millisecond},
		{workers: 4, latency: 200 * time.Millisecond, readQPS: 10},
		{quota: 3, workers: 4, latency: 40 * time.Millisecond},
		{quota: 20, workers: 4, latency: 40 * time.Millisecond},
		{quota: 20, workers: 64, latency: 200 * time.Millisecond, share: 1},
	} {
		synctest.Test(t, func(t *testing.T) {
			l, a := throttledLab(t, e, u)
			end := l.readAlways(100, 60*time.Second)
			time.Sleep(10 * time.Second)
			a.Reset()
			for range 20 {
				began := time.Now()
				if _, n, err := l.Clean(l.ctx, "c1", aliceUID, true); err != nil || n != 1 {
					t.Errorf("%+v: %d attempts, %v", u, n, err)
				}
				if d := time.Since(began) - u.latency; d > time.Second {
					t.Errorf("%+v: a write waited %v", u, d)
				}
				time.Sleep(700 * time.Millisecond)
			}
			end()
		})
	}
}

// Two clients have nothing in common: one that is throttled does not slow the other.
func TestRateIsOfOneAccount(t *testing.T) {
	e := estateOf(t)
	synctest.Test(t, func(t *testing.T) {
		fast := usage{workers: 4, latency: 40 * time.Millisecond, readQPS: 10}
		slow := fast
		slow.quota = 3
		one, a := throttledLab(t, e, fast)
		two, b := throttledLab(t, e, slow)
		first, second := one.readAlways(8, 30*time.Second), two.readAlways(8, 30*time.Second)
		time.Sleep(29 * time.Second)
		if n, bad := tally(a); n < 295 || n > 301 || bad > 0 || one.Calls().Rate != nil {
			t.Errorf("%d calls, %d throttled, found %v", n, bad, one.Calls().Rate)
		}
		if r := two.Calls().Rate; r == nil || math.Abs(r.Found-3) > 0.3 {
			t.Errorf("%+v", r)
		}
		tally(b)
		first()
		second()
	})
}

// An operation that is throttled whatever is done does not slow the others for
// good, and is left after 90 s.
func TestOneOperationIsThrottled(t *testing.T) {
	e := estateOf(t)
	synctest.Test(t, func(t *testing.T) {
		a := sim.New(e, sim.Options{Latency: 40 * time.Millisecond})
		id, secret := a.Keys()
		l := newLab(t, Options{Credential: StaticKeys(id, secret), ReadQPS: 40, Concurrency: 4}, func(w http.ResponseWriter, r *http.Request) {
			if strings.HasPrefix(r.URL.Path, "/clusters/c1") {
				says(429, code("Throttling.Api"))(w, r)
				return
			}
			a.ServeHTTP(w, r)
		}).past()
		end := l.readAlways(8, 80*time.Second)
		time.Sleep(10 * time.Second)
		began := time.Now()
		go func() {
			_, err := l.Cluster(l.ctx, "c1")
			if f := faultOf(t, err); f.Kind != "throttled" || time.Since(began) < 89*time.Second {
				t.Errorf("%v after %v", f, time.Since(began))
			}
		}()
		time.Sleep(10 * time.Second)
		tally(a)
		time.Sleep(50 * time.Second)
		n, _ := tally(a)
		if float64(n)/50 < 30 {
			t.Errorf("%.1f calls a second of 40", float64(n)/50)
		}
		end()
		time.Sleep(30 * time.Second)
	})
}
