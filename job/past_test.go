package job

import (
	"strings"
	"testing"
	"time"

	"ackrevoke/job/history"
	"ackrevoke/job/jobtest"
	"ackrevoke/job/report"
)

// Long journals hold up no read, and every write waits for what they say.
func TestPastIsReadBesideTheFirstCalls(t *testing.T) {
	s := newService("1")
	s.Holds("1", "c1")
	var read, write time.Time
	s.On = func(call string, _ int) (bool, error) {
		at := &read
		if strings.HasPrefix(call, "clean") {
			at = &write
		}
		if at.IsZero() {
			*at = time.Now()
		}
		return true, nil
	}
	var known time.Time
	s.run(t, jobtest.Departed("1"), func(c *Config) {
		c.Past = func() *history.Known {
			time.Sleep(time.Hour)
			known = time.Now()
			return nil
		}
	}, func(r *report.Report) {
		if !read.Before(known) || write.Before(known) {
			t.Errorf("read at %v, known at %v, written at %v", read, known, write)
		}
		if r.Outcomes[0].Status != report.WasRevoked {
			t.Errorf("%+v", r.Outcomes[0])
		}
	})
}
