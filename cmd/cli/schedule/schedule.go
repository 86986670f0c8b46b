// Package schedule reads the expression of --schedule and says when a run is due:
// by what the clock on the wall shows, also where clocks are set.
//
//	schedule.go     the five fields, @every and CRON_TZ=
//	weekday.go      7 is Sunday, too
//	clockchange.go  hours that a clock leaves out, or shows twice
package schedule

import (
	"errors"

	"github.com/robfig/cron/v3"
)

// Parse reads an expression; the parser panics on some that are none,
// such as a time zone with nothing behind it. What @every counts are hours that
// pass, whatever a clock shows; all else goes by the clock on the wall.
func Parse(expression string) (s cron.Schedule, err error) {
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
