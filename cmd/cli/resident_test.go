package cli_test

import (
	"context"
	"os"
	"strings"
	"testing"
	"time"

	"ackrevoke/cmd/test/stage"
	"ackrevoke/job/end"
)

// A resident process in the night in which clocks are set: one run for the
// time that is left out, one for the time that is doubled.
func TestResidentWhenClocksAreSet(t *testing.T) {
	stage.Keys(t, stage.Account)
	for _, c := range []struct{ name, start, expression, run, next string }{
		{"forward", "2027-03-26T12:00:00Z", "CRON_TZ=Europe/Berlin 30 2 28 3 *", "2027-03-28T01:00:00Z", "2028-03-28T00:30:00Z"},
		{"back", "2027-10-30T12:00:00Z", "CRON_TZ=Europe/Berlin 30 2 31 10 *", "2027-10-31T00:30:00Z", "2028-10-31T01:30:00Z"},
		{"seven", "2027-03-26T12:00:00Z", "CRON_TZ=Asia/Shanghai 0 6 * * 7", "2027-03-27T22:00:00Z", "2027-04-03T22:00:00Z"},
	} {
		t.Run(c.name, func(t *testing.T) {
			stage.Bubble(t, stage.Must(os.ReadFile("../../testdata/estate.yaml")), stage.Must(time.Parse(time.RFC3339, c.start)),
				func(w *stage.World) {
					ctx, cancel := context.WithCancelCause(context.Background())
					stop := time.AfterFunc(3*day, func() { cancel(end.SIGTERM) })
					defer stop.Stop()
					got := w.Run(ctx, "-p", "../../policy.yaml", "--schedule", c.expression)
					if got.Code != 143 || got.Report == nil {
						t.Fatalf("exit %d\n%s", got.Code, got.Stderr)
					}
					if n := strings.Count(got.Stderr, "waiting for the next run"); n != 2 {
						t.Errorf("it waited %d times\n%s", n, got.Stderr)
					}
					stage.Says(t, got.Stderr, `"next":"`+c.run+`"`, `"next":"`+c.next+`"`)
					if at := got.Report.Run.StartedAt; at.Format(time.RFC3339) != c.run {
						t.Errorf("ran at %s", at)
					}
				})
		})
	}
}

// A schedule that never comes is a mistake, not a process that waits.
func TestScheduleThatNeverComes(t *testing.T) {
	stage.Bubble(t, stage.Must(os.ReadFile("../../testdata/estate.yaml")), stage.Noon, func(w *stage.World) {
		for _, expression := range []string{"0 0 30 2 *", "0 0 31 4,6,9,11 *"} {
			got := w.Run(context.Background(), "-p", "../../policy.yaml", "--schedule", expression)
			if got.Code != 2 || len(got.Calls) > 0 {
				t.Errorf("exit %d, %d calls", got.Code, len(got.Calls))
			}
			stage.Says(t, got.Stderr, "never comes")
		}
	})
}

const day = 24 * time.Hour
