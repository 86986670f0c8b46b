package ack

import (
	"testing"
	"time"
)

// However small a rate is, waiting for it is waiting: a time that no duration can
// hold must not come out as none, for the limiter would look again without a rest.
func TestTheSlowestBucket(t *testing.T) {
	now := time.Now()
	for _, rate := range []float64{1, 1e-3, 1e-9, 1e-11, 1e-300} {
		b := newBucket(rate, now)
		b.use()
		if got, least := b.wait(now), time.Second; got < least {
			t.Errorf("at %v a second the next token is there after %v", rate, got)
		}
	}
}
