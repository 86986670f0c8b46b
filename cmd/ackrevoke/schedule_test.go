package main

import (
	"context"
	"os"
	"strings"
	"testing"
	"time"

	"ackrevoke/job/end"
)

// A resident process in the night in which clocks are set: one run for the
// time that is left out, one for the time that is doubled.
func TestResidentWhenClocksAreSet(t *testing.T) {
	keys(t, showcaseAccount)
	for _, c := range []struct{ name, start, expression, run, next string }{
		{"forward", "2027-03-26T12:00:00Z", "CRON_TZ=Europe/Berlin 30 2 28 3 *", "2027-03-28T01:00:00Z", "2028-03-28T00:30:00Z"},
		{"back", "2027-10-30T12:00:00Z", "CRON_TZ=Europe/Berlin 30 2 31 10 *", "2027-10-31T00:30:00Z", "2028-10-31T01:30:00Z"},
		{"seven", "2027-03-26T12:00:00Z", "CRON_TZ=Asia/Shanghai 0 6 * * 7", "2027-03-27T22:00:00Z", "2027-04-03T22:00:00Z"},
	} {
		t.Run(c.name, func(t *testing.T) {
			bubble(t, must(os.ReadFile("../../testdata/estate.yaml")), must(time.Parse(time.RFC3339, c.start)), func(w *world) {
				ctx, cancel := context.WithCancelCause(context.Background())
				stop := time.AfterFunc(3*day, func() { cancel(end.SIGTERM) })
				defer stop.Stop()
				got := w.run(ctx, "-p", "../../policy.yaml", "--schedule", c.expression)
				if got.code != 143 || got.report == nil {
					t.Fatalf("exit %d\n%s", got.code, got.stderr)
				}
				if n := strings.Count(got.stderr, "waiting for the next run"); n != 2 {
					t.Errorf("it waited %d times\n%s", n, got.stderr)
				}
				says(t, got.stderr, `"next":"`+c.run+`"`, `"next":"`+c.next+`"`)
				if at := got.report.Run.StartedAt; at.Format(time.RFC3339) != c.run {
					t.Errorf("ran at %s", at)
				}
			})
		})
	}
}

// A schedule that never comes is a mistake, not a process that waits.
func TestScheduleThatNeverComes(t *testing.T) {
	bubble(t, must(os.ReadFile("../../testdata/estate.yaml")), noon, func(w *world) {
		for _, expression := range []string{"0 0 30 2 *", "0 0 31 4,6,9,11 *"} {
			got := w.run(context.Background(), "-p", "../../policy.yaml", "--schedule", expression)
			if got.code != 2 || len(got.calls) > 0 {
				t.Errorf("exit %d, %d calls", got.code, len(got.calls))
			}
			says(t, got.stderr, "never comes")
		}
	})
}
