package main

import (
	"context"
	"errors"
	"time"

	"github.com/robfig/cron/v3"

	"ackrevoke/job/end"
)

// resident runs by a schedule until a signal comes. Each tick reads the policy
// again; ticks that come while a run is under way are left out, so there is
// never more than one run. What a run finds does not end the process; a panic
// does.
func (p Program) resident(ctx context.Context, o *options) error {
	schedule, err := parseSchedule(o.schedule)
	if err != nil {
		return hinted(usage("--schedule %q: %w", o.schedule, err),
			"five fields such as '0 6 * * *', '@every 1h', or 'CRON_TZ=Asia/Shanghai 0 6 * * *'")
	}
	v := newVoice(p, o)
	for ctx.Err() == nil {
		next := schedule.Next(p.Now())
		if next.IsZero() {
			return usage("--schedule %q never comes", o.schedule)
		}
		v.waiting(next)
		t := time.NewTimer(next.Sub(p.Now()))
		select {
		case <-ctx.Done():
			t.Stop()
		case <-t.C:
			if code, panicked := p.once(ctx, o); panicked != nil {
				return exit(code)
			}
		}
	}
	if by := end.BySignal(ctx); by != nil {
		return exit(by.Code)
	}
	return exit(end.CodeError)
}

// parseSchedule reads an expression; the parser panics on some that are none,
// such as a time zone with nothing behind it. What @every counts are hours that
// pass, whatever a clock shows; all else goes by the clock on the wall.
func parseSchedule(expression string) (s cron.Schedule, err error) {
	defer func() {
		if recover() != nil {
			s, err = nil, errors.New("it is no schedule")
		}
	}()
	expression, err = sevenIsSunday(expression)
	if err != nil {
		return nil, err
	}
	s, err = cron.ParseStandard(expression)
	if spec, ok := s.(*cron.SpecSchedule); ok {
		return wallClock{*spec}, nil
	}
	return s, err
}
