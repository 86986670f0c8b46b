package job

import (
	"strings"
	"testing"
	"time"

	"ackrevoke/job/history"
	"ackrevoke/job/jobtest"
	"ackrevoke/job/report"
)

// A panic on any goroutine ends the run with a report: what was proven before
// stays proven, what was under way is not called revoked, nothing more is begun.
func TestPanicIsReported(t *testing.T) {
	t.Run("while reading", func(t *testing.T) {
		s := newService("1")
		s.Holds("1", "c1")
		s.panics = true
		s.On = func(call string, _ int) (bool, error) { panic("while " + call) }
		s.run(t, jobtest.Departed("1"), nil, func(r *report.Report) {
			if r.Verdict.ExitCode != 1 || len(s.Writes()) > 0 || len(r.Errors) == 0 || !strings.Contains(r.Errors[0].Message, "panic: while") {
				t.Errorf("exit %d, writes %v, errors %+v", r.Verdict.ExitCode, s.Writes(), r.Errors)
			}
		})
	})
	t.Run("while reading journals", func(t *testing.T) { // beside the first calls, or after all
		for _, after := range []time.Duration{0, time.Hour} {
			s := newService("1")
			s.Holds("1", "c1")
			s.panics = true
			past := func() *history.Known {
				time.Sleep(after)
				panic("on a journal")
			}
			s.run(t, jobtest.Departed("1"), func(c *Config) { c.Past = past }, func(r *report.Report) {
				if r.Verdict.ExitCode != 1 || len(s.Writes()) > 0 || len(r.Errors) != 1 || r.Errors[0].Message != "panic: on a journal" {
					t.Errorf("after %s: exit %d, writes %v, errors %+v", after, r.Verdict.ExitCode, s.Writes(), r.Errors)
				}
			})
		}
	})
	t.Run("while writing", func(t *testing.T) {
		s := newService("1", "2")
		s.Holds("1", "c1")
		s.Holds("2", "c1")
		s.Holds("2", "c2")
		s.panics = true
		s.On = func(call string, _ int) (bool, error) {
			if call == "clean c1 2" {
				panic(call)
			}
			return true, nil
		}
		s.run(t, jobtest.Departed("1", "2"), func(c *Config) { c.Concurrency = 1 }, func(r *report.Report) {
			got := statuses(r)
			if r.Verdict.ExitCode != 1 || got["c1/1"] != report.WasRevoked || got["c1/2"] != report.WasUnverified ||
				got["c2/2"] != report.WasSkipped {
				t.Errorf("exit %d, %v", r.Verdict.ExitCode, got)
			}
		})
	})
}
