package cli

import (
	"context"
	"time"

	"ackrevoke/cmd/cli/schedule"
	"ackrevoke/job/end"
)

// resident runs by a schedule until a signal comes. Each tick reads the policy
// again; ticks that come while a run is under way are left out, so there is
// never more than one run. What a run finds does not end the process; a panic
// does.
func (p Program) resident(ctx context.Context, o *options, once func() (int, error)) error {
	schedule, err := schedule.Parse(o.schedule)
	if err != nil {
		return hinted(usage("--schedule %q: %w", o.schedule, err),
			"five fields such as '0 6 * * *', '@every 1h', or 'CRON_TZ=Asia/Shanghai 0 6 * * *'")
	}
	v := p.voice(o)
	stop, err := p.serveMetrics(o, v)
	if err != nil {
		return err
	}
	defer stop()
	for ctx.Err() == nil {
		next := schedule.Next(p.Now())
		if next.IsZero() {
			return usage("--schedule %q never comes", o.schedule)
		}
		v.Waiting(next)
		t := time.NewTimer(next.Sub(p.Now()))
		select {
		case <-ctx.Done():
			t.Stop()
		case <-t.C:
			if code, panicked := once(); panicked != nil {
				return exit(code)
			}
		}
	}
	if by := end.BySignal(ctx); by != nil {
		return exit(by.Code)
	}
	return exit(end.CodeError)
}
