package schedule

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var (
	// the two from the time of writing
	coming = years{time.Date(2026, 10, 1, 0, 0, 0, 0, time.UTC), time.Date(2028, 10, 1, 0, 0, 0, 0, time.UTC)}
	// in which Samoa left out a day
	past = years{time.Date(2010, 10, 1, 0, 0, 0, 0, time.UTC), time.Date(2012, 10, 1, 0, 0, 0, 0, time.UTC)}
)

// asking is an expression and whether a minute, counted on the wall, is of it.
type asking struct {
	expression string
	of         func(minute int64) bool
}

func daily(minute int64) asking {
	return asking{fmt.Sprintf("%d %d * * *", minute%60, minute/60), func(m int64) bool { return m%perDay == minute }}
}

// askings are jobs by the minute, by the hour and by the day: daily ones at
// the hours at which clocks are set, at the minute that the clock would have
// shown then, and at the one that it shows.
func askings(zone *time.Location, change time.Time) []asking {
	all := []asking{
		{"*/5 * * * *", func(m int64) bool { return m%5 == 0 }},
		{"@hourly", func(m int64) bool { return m%60 == 0 }},
		{"17,47 * * * *", func(m int64) bool { return m%60 == 17 || m%60 == 47 }},
	}
	for _, minute := range timesOfDay(zone, change) {
		all = append(all, daily(minute))
	}
	return all
}

func timesOfDay(zone *time.Location, change time.Time) []int64 {
	would, does := minutes(change.Add(-time.Minute), zone)+1, minutes(change, zone)
	at := []int64{0, 30, 90, 120, 150, 180, 23*60 + 30, would % perDay, does % perDay}
	slices.Sort(at)
	return slices.Compact(at)
}

// In every zone, around every change of clocks, each schedule runs at the
// minutes that somebody would note who watches the clock: never backwards,
// never two runs at one time, and whenever it is asked.
func TestLiarSchedule(t *testing.T) {
	t.Parallel()
	for _, y := range []years{coming, past} {
		for zone, changes := range y.changing(t) {
			for _, change := range changes {
				around := years{change.Add(-3 * time.Hour), change.Add(5 * time.Hour)}
				clock := watch(around, zone)
				for _, a := range askings(zone, change) {
					if diff := cmp.Diff(clock.dues(a.of), chain(t, a.expression, around, zone)); diff != "" {
						t.Fatalf("%s in %s at %s (-want +got):\n%s", a.expression, zone, change.In(zone), diff)
					}
					askedAt(t, a, clock.dues(a.of), change.In(zone))
				}
			}
		}
	}
}

// chain are the runs from one to the next.
func chain(t *testing.T, expression string, y years, zone *time.Location) (runs []time.Time) {
	t.Helper()
	s := parsed(t, expression)
	for at := s.Next(y.from.In(zone)); !at.After(y.to); at = s.Next(at) {
		if len(runs) > 0 && !at.After(runs[len(runs)-1]) {
			t.Fatalf("%s: %s after %s", expression, at, runs[len(runs)-1].In(zone))
		}
		runs = append(runs, at.UTC())
	}
	return runs
}

// askedAt asks at times around a change, not from one run to the next.
func askedAt(t *testing.T, a asking, due []time.Time, change time.Time) {
	t.Helper()
	s := parsed(t, a.expression)
	for minute := -90; minute <= 90; minute += 30 {
		at := change.Add(time.Duration(minute)*time.Minute - time.Nanosecond)
		i, _ := slices.BinarySearchFunc(due, at, time.Time.Compare)
		if next := s.Next(at); i < len(due) && !next.Equal(due[i]) {
			t.Fatalf("%s in %s, asked at %s: %s, want %s", a.expression, at.Location(), at, next, due[i])
		}
	}
}

// A daily job runs once on every day of the calendar: at many times of the day
// in the days around a change, at one of them on all days of the coming years. Where
// the time asked for is left out together with the rest of its day, it comes
// as the next day begins, which so has two runs, or one where its own comes in
// that minute.
func TestLiarDailySchedule(t *testing.T) {
	t.Parallel()
	for _, y := range []years{coming, past} {
		for zone, changes := range y.changing(t) {
			if y == coming {
				onceADay(t, y, zone, changes, 150)
			}
			for _, change := range changes {
				around := years{change.Add(-3 * day), change.Add(3 * day)}
				for _, minute := range timesOfDay(zone, change) {
					onceADay(t, around, zone, []time.Time{change}, minute)
				}
			}
		}
	}
}

func onceADay(t *testing.T, y years, zone *time.Location, changes []time.Time, minute int64) {
	t.Helper()
	runs := map[int64]int{}
	for _, run := range chain(t, daily(minute).expression, y, zone) {
		shown := minutes(run, zone)
		if shown%perDay != minute && !slices.ContainsFunc(changes, run.Equal) {
			t.Fatalf("%s runs at %s", daily(minute).expression, run.In(zone))
		}
		runs[shown/perDay]++
	}
	delete(runs, minutes(y.from, zone)/perDay) // no whole days
	delete(runs, minutes(y.to, zone)/perDay)
	if diff := cmp.Diff(y.wanted(zone, changes, minute), runs); diff != "" {
		t.Fatalf("%s in %s: runs by day since 1970 (-want +got):\n%s", daily(minute).expression, zone, diff)
	}
}

// wanted is how many runs a daily job has on each day.
func (y years) wanted(zone *time.Location, changes []time.Time, minute int64) map[int64]int {
	runs := map[int64]int{}
	for d := minutes(y.from, zone)/perDay + 1; d < minutes(y.to, zone)/perDay; d++ {
		runs[d] = 1
	}
	for _, change := range changes {
		last, first := minutes(change.Add(-time.Minute), zone), minutes(change, zone)
		for d := last / perDay; d < first/perDay; d++ {
			if last >= d*perDay+minute {
				continue // before the change
			}
			delete(runs, d)
			if first%perDay < minute {
				runs[first/perDay] = 2
			}
		}
	}
	return runs
}
