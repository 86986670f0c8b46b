package schedule

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/robfig/cron/v3"
)

func parsed(t *testing.T, expression string) cron.Schedule {
	t.Helper()
	s, err := Parse(expression)
	if err != nil {
		t.Fatalf("%s: %v", expression, err)
	}
	return s
}

// The ways in which clocks are set, one of each.
func TestScheduleAtAChangeOfClocks(t *testing.T) {
	for _, c := range []struct {
		name, zone, expression, from string
		want                         []string
	}{
		{"left out", "Europe/Berlin", "30 2 28 3 *", "2027-01-01T00:00:00+01:00",
			[]string{"2027-03-28T03:00:00+02:00", "2028-03-28T02:30:00+02:00"}},
		{"doubled", "Europe/Berlin", "30 2 31 10 *", "2027-01-01T00:00:00+01:00",
			[]string{"2027-10-31T02:30:00+02:00", "2028-10-31T02:30:00+01:00"}},
		{"asked in the second of two hours", "Europe/Berlin", "30 2 * * *", "2027-10-31T02:10:00+01:00",
			[]string{"2027-11-01T02:30:00+01:00"}},
		{"several in one gap, and its end", "Europe/Berlin", "0,20,40 2,3 * * *", "2027-03-28T01:59:00+01:00",
			[]string{"2027-03-28T03:00:00+02:00", "2027-03-28T03:20:00+02:00"}},
		{"hours go through twice run once", "Europe/Berlin", "0 * * * *", "2027-10-31T01:59:00+02:00",
			[]string{"2027-10-31T02:00:00+02:00", "2027-10-31T03:00:00+01:00"}},
		{"half an hour left out", "Australia/Lord_Howe", "10 2 * * *", "2027-10-02T12:00:00+10:30",
			[]string{"2027-10-03T02:30:00+11:00", "2027-10-04T02:10:00+11:00"}},
		{"half an hour doubled", "Australia/Lord_Howe", "45 1 * * *", "2027-04-03T12:00:00+11:00",
			[]string{"2027-04-04T01:45:00+11:00", "2027-04-05T01:45:00+10:30"}},
		{"no midnight", "America/Sao_Paulo", "@daily", "2018-11-03T12:00:00-03:00",
			[]string{"2018-11-04T01:00:00-02:00", "2018-11-05T00:00:00-02:00"}},
		{"two midnights", "America/Havana", "@daily", "2024-11-02T12:00:00-04:00",
			[]string{"2024-11-03T00:00:00-04:00", "2024-11-04T00:00:00-05:00"}},
		{"midnight comes back to the day before", "America/Sao_Paulo", "30 23 * * *", "2018-02-17T12:00:00-02:00",
			[]string{"2018-02-17T23:30:00-02:00", "2018-02-18T23:30:00-03:00"}},
		{"the last hour of a day left out comes as the next begins", "America/Nuuk", "30 23 * * *", "2025-03-28T23:30:00-02:00",
			[]string{"2025-03-30T00:00:00-01:00", "2025-03-30T23:30:00-01:00"}},
		{"a day left out comes as the next begins", "Pacific/Apia", "0 12 * * *", "2011-12-29T09:00:00-10:00",
			[]string{"2011-12-29T12:00:00-10:00", "2011-12-31T00:00:00+14:00", "2011-12-31T12:00:00+14:00"}},
		{"a day left out, and one run at its end", "Pacific/Apia", "0 * * * *", "2011-12-29T23:00:00-10:00",
			[]string{"2011-12-31T00:00:00+14:00", "2011-12-31T01:00:00+14:00"}},
		{"a day gone through twice", "Pacific/Kwajalein", "0 12 * * *", "1969-09-29T13:00:00+11:00",
			[]string{"1969-09-30T12:00:00+11:00", "1969-10-01T12:00:00-12:00"}},
		{"eight years without the day", "Europe/Berlin", "30 2 29 2 *", "2096-03-01T00:00:00+01:00",
			[]string{"2104-02-29T02:30:00+01:00"}},
		{"the last day of a leap year", "America/New_York", "59 23 * * *", "2028-12-30T00:00:00-05:00",
			[]string{"2028-12-30T23:59:00-05:00", "2028-12-31T23:59:00-05:00", "2029-01-01T23:59:00-05:00"}},
		{"hours that pass", "Europe/Berlin", "@every 1h", "2027-03-28T01:30:00+01:00",
			[]string{"2027-03-28T03:30:00+02:00"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := parsed(t, c.expression)
			at := must(time.Parse(time.RFC3339, c.from)).In(zone(c.zone))
			for _, want := range c.want {
				if at = s.Next(at); !at.Equal(must(time.Parse(time.RFC3339, want))) {
					t.Fatalf("%s in %s: runs at %s, want %s", c.expression, c.zone, at, want)
				}
			}
		})
	}
	if next := parsed(t, "0 0 30 2 *").Next(coming.from); !next.IsZero() {
		t.Errorf("30 February comes on %s", next)
	}
}

// Where no clock is set, a schedule is what the parser's own is.
func TestScheduleWhereNoClockIsSet(t *testing.T) {
	random := rand.New(rand.NewPCG(10, 4))
	field := func(from, to int, some ...string) string {
		n := from + random.IntN(to-from+1)
		some = append(some, "*", "*", fmt.Sprint(n), fmt.Sprintf("%d-%d", n, to), fmt.Sprintf("%d,%d", from, n),
			fmt.Sprintf("*/%d", 1+random.IntN(9)))
		return some[random.IntN(len(some))]
	}
	steady := years{coming.from, coming.from.AddDate(3, 0, 0)}
	for _, name := range slices.Sorted(maps.Keys(zoneNames())) {
		zone := zone(name)
		if len(steady.changes(zone)) > 0 {
			continue
		}
		for range 5 {
			expression := strings.Join([]string{field(0, 59), field(0, 23), field(1, 31), field(1, 12, "JAN-mar"), field(0, 6, "mon", "SAT")}, " ")
			theirs, err := cron.ParseStandard(expression)
			if err != nil {
				t.Fatal(err)
			}
			at := coming.from.Add(time.Duration(random.Int64N(int64(2 * 365 * day)))).In(zone)
			for range 5 {
				want := theirs.Next(at)
				if got := parsed(t, expression).Next(at); !want.IsZero() && !got.Equal(want) {
					t.Fatalf("%s in %s after %s: %s, want %s", expression, name, at, got, want)
				}
				at = want
			}
		}
	}
}
