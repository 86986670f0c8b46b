package job

import (
	"strings"
	"testing"

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
	t.Run("while reading journals", func(t *testing.T) {
		s := newService("1")
		s.Holds("1", "c1")
		s.panics = true
		s.run(t, jobtest.Departed("1"), func(c *Config) { c.Past = func() *history.Known { panic("on a journal") } }, func(r *report.Report) {
			if r.Verdict.ExitCode != 1 || len(s.Writes()) > 0 || len(r.Errors) == 0 || !strings.Contains(r.Errors[0].Message, "on a journal") {
				t.Errorf("exit %d, writes %v, errors %+v", r.Verdict.ExitCode, s.Writes(), r.Errors)
			}
		})
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
