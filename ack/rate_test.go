package ack

import (
	"cmp"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"ackrevoke/ack/sim"
)

// usage is a client that calls an account without a rest, with a quota that
// nobody tells it.
type usage struct {
	quota    float64
	window   time.Duration // of the quota; 0: a bucket of one second
	workers  int
	latency  time.Duration
	share    float64
	readQPS  float64       // configured; 0: 2000
	settle   time.Duration // 0: 10 s
	measured time.Duration // after that; 0: 200 calls, but 10 s at least
}

// used is what the account saw after the time to settle.
type used struct {
	share     float64 // of what the quota gives and the workers can call
	throttled float64 // of the calls
	before    int     // throttled while it settled
	failed    int     // calls that came to nothing
	found     float64
}

func estateOf(t *testing.T) *sim.Estate {
	t.Helper()
	const name = "sim/testdata/estates/small.yaml"
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	e, err := sim.Load(name, data)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// throttledLab is a client of an account of its own, which it may change.
func throttledLab(t *testing.T, e *sim.Estate, u usage) (*lab, *sim.Account) {
	t.Helper()
	a := sim.New(e, sim.Options{QPS: u.quota, QuotaWindow: u.window, Latency: u.latency,
		Now: func() time.Time { return time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC) }})
	id, secret := a.Keys()
	return newLab(t, Options{Writes: true, Credential: StaticKeys(id, secret), ReadQPS: cmp.Or(u.readQPS, 2000), WriteQPS: 10,
		Concurrency: u.workers, MaxShare: u.share}, a.ServeHTTP), a
}

const aliceUID = "200000000000000001"

// readAlways reads, so many at a time, for so long. The result waits for the
// end and says how many failed.
func (l *lab) readAlways(workers int, d time.Duration) (end func() int) {
	var g sync.WaitGroup
	var failed atomic.Int32
	until := time.Now().Add(d)
	for range workers {
		g.Go(func() {
			for time.Now().Before(until) {
				if _, err := l.Grants(l.ctx, aliceUID); err != nil {
					failed.Add(1)
				}
			}
		})
	}
	return func() int { g.Wait(); return int(failed.Load()) }
}

// tally is how many calls an account has answered and throttled since it was
// last asked.
func tally(a *sim.Account) (answered, throttled int) {
	for _, c := range a.Calls() {
		if c.Status == 429 {
			throttled++
		} else {
			answered++
		}
	}
	a.Reset()
	return answered, throttled
}

func use(t *testing.T, e *sim.Estate, u usage) (x used) {
	t.Helper()
	u.settle = cmp.Or(u.settle, 10*time.Second)
	u.measured = cmp.Or(u.measured, max(10*time.Second, time.Duration(200/u.quota)*time.Second))
	synctest.Test(t, func(t *testing.T) {
		l, a := throttledLab(t, e, u)
		end := l.readAlways(u.workers, u.settle+u.measured)
		time.Sleep(u.settle)
		_, x.before = tally(a)
		time.Sleep(u.measured)
		n, bad := tally(a)
		x.share = float64(n) / u.measured.Seconds() / min(u.quota, float64(u.workers)/u.latency.Seconds())
		x.throttled = float64(bad) / float64(n+bad)
		if r := l.Calls().Rate; r != nil {
			x.found = r.Found
		}
		x.failed = end()
	})
	return x
}

// Ten seconds after its first call, whatever the quota is and however many call
// at a time: at least 90 % of it is used, and fewer than 2 % of the calls are
// throttled. RATE=full prints every row of the table, with -v.
func TestRateSettles(t *testing.T) {
	e := estateOf(t)
	full := os.Getenv("RATE") == "full"
	t.Log("| quota/s | at a time | latency | used | throttled | throttled in the first 10 s | found |")
	for _, quota := range []float64{3, 20, 100, 1000} {
		for _, workers := range []int{1, 4, 16, 64} {
			for _, ms := range []time.Duration{5, 40, 200} {
				able := float64(workers) / (ms * time.Millisecond).Seconds()
				if !full && (able < quota || quota >= 100 && (workers != 64 || ms != 40) || quota >= 1000) {
					continue
				}
				x := use(t, e, usage{quota: quota, workers: workers, latency: ms * time.Millisecond, share: 1})
				row := fmt.Sprintf("| %.0f | %d | %d ms | %.1f %% | %.2f %% | %d | %.2f |", quota, workers, ms, 100*x.share, 100*x.throttled,
					x.before, x.found)
				t.Log(row)
				if x.share < .9 || x.throttled >= .02 || x.failed > 0 {
					t.Errorf("%s %d failed", row, x.failed)
				}
			}
		}
	}
}
