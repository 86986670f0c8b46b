package ack

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"
)

// limiter gives every attempt its turn. A turn takes a place among the calls
// under way, a token of the configured rate (a bucket each for reads and writes),
// and, once the service has throttled, a token of what the account's quota is
// found to give (quota.go), which reads and writes have in common.
//
// Turns are given in this order, and within a line of it as they were asked for:
//
//	writes on        of a principal of whom one was asked for already: the sooner the
//	                 last is made, the sooner it can be proven
//	writes           so that no number of reads that wait holds one up
//	reads again      those that were throttled: their time is limited
//	reads
//
// A write for which the configured rate has no token yet holds up nobody.
type limiter struct {
	mu      sync.Mutex
	reading *bucket
	writing *bucket
	quota   *quota
	places  int // for calls under way, those that are free
	waiting [kinds][]*turn
	look    *time.Timer // to look again when the next token is there
}

// kind is a line of those who wait.
type kind int

const (
	ofWritesOn kind = iota
	ofWrites
	ofReadsAgain
	ofReads
	kinds
)

// line is where an attempt waits.
func line(op operation, t *tries) kind {
	switch {
	case op.write && t.on:
		return ofWritesOn
	case op.write:
		return ofWrites
	case t.throttled > 0:
		return ofReadsAgain
	}
	return ofReads
}

// turn is somebody's wait for a turn.
type turn struct {
	kind  kind
	by    time.Time     // given then whatever the rate, for a last try; zero: never
	given chan struct{} // closed with it
}

// The two things that a turn can fail for.
var (
	errNoToken = errors.New("no turn under the rate limit")
	errNoPlace = errors.New("no turn beside other calls")
)

func newLimiter(o Options, jitter func(time.Duration) time.Duration, now time.Time) *limiter {
	return &limiter{
		reading: newBucket(o.ReadQPS, now), writing: newBucket(o.WriteQPS, now), places: o.Concurrency,
		quota: newQuota(o.MaxShare, o.ReadQPS+o.WriteQPS, jitter, now),
	}
}

// take waits for a turn; every attempt needs one, and gives it back with done.
func (l *limiter) take(ctx context.Context, k kind, by time.Time) error {
	if ctx.Err() != nil {
		return errNoToken
	}
	t := &turn{kind: k, by: by, given: make(chan struct{})}
	l.mu.Lock()
	l.waiting[k] = append(l.waiting[k], t)
	l.give()
	l.mu.Unlock()
	select {
	case <-t.given:
		return nil
	case <-ctx.Done():
		return l.leave(t)
	}
}

// leave ends a wait, also one that has ended in a turn meanwhile.
func (l *limiter) leave(t *turn) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	why := errNoToken
	if l.places == 0 {
		why = errNoPlace
	}
	i := slices.Index(l.waiting[t.kind], t)
	if i < 0 {
		l.places++
	} else {
		l.waiting[t.kind] = slices.Delete(l.waiting[t.kind], i, i+1)
	}
	l.give()
	return why
}

// done gives a turn back, with what became of it.
func (l *limiter) done(o outcome) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.places++
	l.quota.learn(time.Now(), o)
	l.give()
}

// give gives all the turns that there are, and sees to it that somebody looks
// again when there is another.
func (l *limiter) give() {
	now := time.Now()
	for {
		t, wait := l.next(now)
		if t == nil {
			l.lookAgain(wait)
			return
		}
		i := slices.Index(l.waiting[t.kind], t)
		l.waiting[t.kind] = slices.Delete(l.waiting[t.kind], i, i+1)
		l.places--
		l.own(t.kind).use()
		l.quota.use(now)
		close(t.given)
	}
}

func (l *limiter) lookAgain(wait time.Duration) {
	if l.look != nil {
		l.look.Stop()
		l.look = nil
	}
	if wait > 0 {
		l.look = time.AfterFunc(wait, func() {
			l.mu.Lock()
			defer l.mu.Unlock()
			l.give()
		})
	}
}

// next is whose turn it is, or how long until it may be somebody's; 0: not
// before a call has ended or somebody else asks.
func (l *limiter) next(now time.Time) (*turn, time.Duration) {
	if l.places == 0 {
		return nil, 0
	}
	var wait time.Duration
	until := func(d time.Duration) {
		if wait == 0 || d < wait {
			wait = d
		}
	}
	common := l.quota.wait(now)
	for k, line := range l.waiting {
		if len(line) == 0 {
			continue
		}
		if t := lastTry(line); t != nil {
			if d := t.by.Sub(now); d <= 0 {
				return t, 0
			} else {
				until(d)
			}
		}
		own := l.own(kind(k)).wait(now)
		if own == 0 && common == 0 {
			return line[0], 0
		}
		until(max(own, common))
	}
	return nil, wait
}

// lastTry is whose last try comes first, of those who have one; nil: nobody.
func lastTry(line []*turn) *turn {
	var first *turn
	for _, t := range line {
		if !t.by.IsZero() && (first == nil || t.by.Before(first.by)) {
			first = t
		}
	}
	return first
}

func (l *limiter) own(k kind) *bucket {
	if k == ofWritesOn || k == ofWrites {
		return l.writing
	}
	return l.reading
}

// found is what is known of the account's quota; nil: nothing.
func (l *limiter) found() *Rate {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.quota.said()
}

// sleep waits without holding anything, and not beyond the context.
func sleep(ctx context.Context, d time.Duration) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
