package ack

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"ackrevoke/policy"
)

// The numbers of the table below.
const (
	backoffBase   = 500 * time.Millisecond
	backoffCap    = 10 * time.Second
	throttleTime  = 90 * time.Second // quotas are counted per 60 s
	retryAfterMax = 60 * time.Second
	conflictWait  = 5 * time.Second
	conflictTries = 6
	failureTries  = 5
	nonceTries    = 3 // a new nonce each: were it chance, the second would do
	failureTime   = 60 * time.Second
)

// tries decides whether a call is made again, and after how long:
//
//	fault                  reads                                   writes
//	throttled              as Retry-After says (at most 60 s), else when the limiter
//	                       gives it a turn, from the third time on not before full
//	                       jitter of 500 ms doubling to 10 s; until 90 s have gone by:
//	                       the last try comes when the time is up, not before
//	conflict               after 5 s, at most 6 tries in all
//	unavailable, timeout   full jitter, at most 5 in all and 60 s  never: it may have happened
//	  SignatureNonceUsed   at most 3 in all
//	  no trusted host      never: it will be the same one
//	any other              never                                   never
type tries struct {
	start                          time.Time // of the first attempt
	attempts                       int
	throttled, conflicts, failures int
	pointless                      bool // the last one failed for a reason that stays
	on                             bool // a write, and not the first of its principal
}

// lastTry is when the last try of a throttled call comes; zero for others.
func (t *tries) lastTry() time.Time {
	if t.throttled == 0 {
		return time.Time{}
	}
	return t.start.Add(throttleTime)
}

func (t *tries) again(op operation, f *policy.Fault, h http.Header, now time.Time, jitter func(time.Duration) time.Duration) (time.Duration,
	bool) {
	spent := now.Sub(t.start)
	switch f.Kind {
	case policy.Throttled:
		t.throttled++
		wait, asked := retryAfter(h, now)
		if !asked && t.throttled >= stubborn {
			wait = min(jitter(backoff(t.throttled-stubborn+1)), throttleTime-spent)
		}
		return wait, spent < throttleTime && spent+wait <= throttleTime
	case policy.Conflict:
		t.conflicts++
		return conflictWait, t.conflicts < conflictTries
	case policy.Unavailable, policy.Timeout:
		t.failures++
		most := failureTries
		if nonceUsed(f) {
			most = nonceTries
		}
		wait := jitter(backoff(t.failures))
		return wait, !op.write && !t.pointless && t.failures < most && spent+wait < failureTime
	}
	return 0, false
}

// backoff is the longest wait after the nth failure, counted from 1.
func backoff(n int) time.Duration {
	d := backoffBase
	for ; n > 1 && d < backoffCap; n-- {
		d *= 2
	}
	return min(d, backoffCap)
}

// retryAfter reads the header of that name: seconds or a date.
func retryAfter(h http.Header, now time.Time) (time.Duration, bool) {
	v := strings.TrimSpace(h.Get("Retry-After"))
	if v == "" {
		return 0, false
	}
	d := time.Duration(0)
	if n, err := strconv.ParseUint(v, 10, 31); err == nil {
		d = time.Duration(n) * time.Second
	} else if at, err := http.ParseTime(v); err == nil {
		d = max(0, at.Sub(now))
	} else {
		return 0, false
	}
	return min(d, retryAfterMax), true
}
