package schedule

import (
	"time"

	"github.com/robfig/cron/v3"
)

// wallClock is a schedule by what the clock on the wall of its zone shows.
// robfig/cron looks for a time at which the clock shows exactly what was asked
// for, so it passes over a day on which the clock never does, and runs twice
// on a day on which it does so twice. Here a time has come as soon as the
// clock shows it or a later one for the first time:
//
//	the clock shows                       30 2 * * * runs at
//	01:59 02:00 ... 02:30 ... 03:00       02:30
//	01:59 03:00 (set forward)             03:00, the first minute after the gap
//	02:30 ... 02:59 02:00 ... 02:30       02:30, the first of the two
//
// So several times in one gap are one run, and what was asked for on a day
// that a zone leaves out altogether comes when the next day begins. What runs
// every few minutes waits while the clock goes through an hour again; @every
// does not. Away from a change of clocks nothing differs from robfig/cron.
type wallClock struct{ spec cron.SpecSchedule }

// Next is the first time after t, in t's zone; zero when there is none.
func (w wallClock) Next(t time.Time) time.Time {
	zone := w.spec.Location
	if zone == time.Local {
		zone = t.Location() // as robfig/cron does without CRON_TZ=
	}
	due := w.due(latestShown(t, zone))
	if due.IsZero() {
		return due
	}
	return firstShown(due, zone).In(t.Location())
}

// due is the first time of the schedule after shown, both as a clock shows
// them. The parser's search ends with the fifth year from where it begins, and
// from 2096 the next 29 February is eight years away: so it begins once more.
func (w wallClock) due(shown time.Time) time.Time {
	spec := w.spec
	spec.Location = time.UTC
	if due := spec.Next(shown); !due.IsZero() {
		return due
	}
	return spec.Next(time.Date(shown.Year()+5, time.December, 31, 23, 59, 59, 0, time.UTC))
}

// What a clock shows is kept as the time at which a clock in UTC shows that.
func shownAt(t time.Time, zone *time.Location) time.Time {
	return t.Round(0).UTC().Add(ahead(t, zone))
}

// ahead is how far the clocks of the zone are ahead of UTC at t.
func ahead(t time.Time, zone *time.Location) time.Duration {
	_, seconds := t.In(zone).Zone()
	return time.Duration(seconds) * time.Second
}

// No zone was ever a day away from UTC, so no clock was ever set by two.
const (
	mostAhead  = 24 * time.Hour
	mostChange = 2 * mostAhead
)

// latestShown is the latest that the clock has shown at any time up to t. That
// is later than what it shows at t while it goes through hours a second time.
func latestShown(t time.Time, zone *time.Location) time.Time {
	latest := shownAt(t, zone)
	for from := t.Add(-mostChange); ; {
		end := change(from, zone)
		if end.IsZero() || end.After(t) {
			return latest
		}
		if last := shownAt(end.Add(-1), zone); last.After(latest) {
			latest = last
		}
		from = end
	}
}

// firstShown is the first time at which the clock shows this or later: in a
// gap the change itself, of two such times the first.
func firstShown(shown time.Time, zone *time.Location) time.Time {
	for from := shown.Add(-mostAhead); ; {
		t := shown.Add(-ahead(from, zone))
		if t.Before(from) {
			return from
		}
		end := change(from, zone)
		if end.IsZero() || t.Before(end) {
			return t
		}
		from = end
	}
}

// change is the next time after t at which the zone may set its clocks, zero
// for never. Where a rule goes on for ever, package time gives the end of the
// year for a change that is further away, and takes a year for 365 days: on 31
// December of a leap year that is not after t.
func change(t time.Time, zone *time.Location) time.Time {
	_, end := t.In(zone).ZoneBounds()
	if end.IsZero() || end.After(t) {
		return end
	}
	const day = 24 * time.Hour
	return t.Truncate(day).Add(day)
}
