package ack

import "time"

// recent counts the calls of the last minute, second by second.
type recent struct {
	began  time.Time
	second int // the last one that was counted, from began on
	counts [60]int
}

func (r *recent) move(now time.Time) {
	for s := int(now.Sub(r.began) / time.Second); r.second < s; {
		r.second = max(r.second+1, s-len(r.counts)) // what lies further back is forgotten
		r.counts[r.second%len(r.counts)] = 0
	}
}

func (r *recent) add(now time.Time) {
	r.move(now)
	r.counts[r.second%len(r.counts)]++
}

// in is how many there were in the last so many seconds (at most 60), the
// present one included.
func (r *recent) in(now time.Time, seconds int) (n int) {
	r.move(now)
	for s := r.second; s >= 0 && s > r.second-seconds; s-- {
		n += r.counts[s%len(r.counts)]
	}
	return n
}

// least is a rate that the service has borne: a quota that lets n calls pass in
// t seconds is at least n/(t+1) a second, as it holds one second's calls at most.
func (r *recent) least(now time.Time) (rate float64) {
	for _, w := range []int{1, 2, 5, 10} {
		n := r.in(now, w)
		t := now.Sub(r.began.Add(time.Duration(max(0, r.second+1-w)) * time.Second))
		rate = max(rate, float64(n)/(1+t.Seconds()))
	}
	return rate
}
