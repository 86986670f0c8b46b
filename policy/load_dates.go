package policy

import (
	"regexp"
	"strings"
	"time"

	"gopkg.in/yaml.v3"
)

// Dates and times of the file:
//
//	                      2026-11-01             2026-11-01T18:00:00+08:00
//	effective             00:00 of that day      that moment
//	until                 end of that day        that moment
//	createdAt, expires    refused                that moment
//
// A day is a day in the policy's time zone. Every end is stored exclusive.
// All are kept in UTC, so that one file gives one value on every machine.

// from is the moment at which a date or time begins.
func (l *loader) from(key string, n *yaml.Node) time.Time {
	if day, ok := l.day(n); ok {
		return l.plausible(key, n, l.midnight(day))
	}
	return l.moment(key, n, "a date like 2026-11-01 or a time like 2026-11-01T18:00:00+08:00")
}

// end is the first moment after a date, or exactly the time.
func (l *loader) end(key string, n *yaml.Node) time.Time {
	if day, ok := l.day(n); ok {
		t := l.plausible(key, n, l.midnight(day))
		if t.IsZero() {
			return t
		}
		next := l.midnight(day.AddDate(0, 0, 1))
		if last := time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC); next.After(last) {
			return last // "for ever" must still be a year that RFC 3339 can write
		}
		return next
	}
	return l.moment(key, n, "a date like 2026-11-30 or a time like 2026-11-30T18:00:00+08:00")
}

// exactly is a moment that the service has stated; a date would not name it.
func (l *loader) exactly(key string, n *yaml.Node) time.Time {
	if _, ok := l.day(n); ok {
		l.at(RuleDate, n, "%s must be a time, not the date %s: write it as the service shows it, like %sT07:08:09Z", key, short(n.Value), n.Value)
		return time.Time{}
	}
	return l.moment(key, n, "a time like 2026-11-01T07:08:09Z")
}

// day reads a bare date; the time zone is added later.
func (l *loader) day(n *yaml.Node) (time.Time, bool) {
	if n.Kind != yaml.ScalarNode || spent(n) {
		return time.Time{}, false
	}
	t, err := time.Parse(time.DateOnly, n.Value)
	return t, err == nil
}

// rfc3339 is what the standard says where [time.Parse] is lenient.
var rfc3339 = regexp.MustCompile(`^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)$`)

// moment reads an RFC 3339 time with offset. Whether the value stands in
// quotes makes no difference: the text of the node counts, not its tag.
func (l *loader) moment(key string, n *yaml.Node, want string) time.Time {
	switch {
	case spent(n):
		return time.Time{}
	case n.Kind != yaml.ScalarNode || null(n):
		l.at(RuleDate, n, "%s must be %s, not %s", key, want, looks(n))
		return time.Time{}
	}
	if t, err := time.Parse(time.RFC3339, n.Value); err == nil && rfc3339.MatchString(n.Value) {
		return l.plausible(key, n, t)
	}
	local := strings.Replace(n.Value, " ", "T", 1)
	if _, err := time.Parse("2006-01-02T15:04:05", local); err == nil {
		l.at(RuleOffset, n, "%s: the time %s has no offset: write %sZ for UTC, or add one like +08:00", key, short(n.Value), local)
	} else {
		l.at(RuleDate, n, "%s must be %s, not %s", key, want, short(n.Value))
	}
	return time.Time{}
}

// plausible keeps out years that stand for "not set" or that RFC 3339 cannot
// write once they are in UTC.
func (l *loader) plausible(key string, n *yaml.Node, t time.Time) time.Time {
	if t.Year() < 1970 || t.UTC().Year() < 1970 || t.UTC().Year() > 9999 {
		l.at(RuleYear, n, "%s: %s lies outside the years 1970 to 9999: check the year", key, short(n.Value))
		return time.Time{}
	}
	return t.UTC()
}

// midnight is the first moment of a day in the policy's time zone. Where the
// clocks change at midnight, 00:00 may not exist, or exist twice.
func (l *loader) midnight(day time.Time) time.Time {
	y, m, d := day.Date()
	t := time.Date(y, m, d, 0, 0, 0, 0, l.location)
	start, end := t.ZoneBounds()
	switch wanted, got := day.Format(time.DateOnly), t.Format(time.DateOnly); {
	case got < wanted: // in the gap, and taken for the evening before
		t = end
	case got > wanted: // the whole day is in the gap
		t = start
	case t.Add(-time.Hour).Day() == d: // the second of two
		t = t.Add(-time.Hour)
	}
	return t.UTC()
}

// zone reads the time zone that the dates of the file are meant in.
func (r section) zone() *time.Location {
	n := r.get("timeZone")
	if n == nil {
		return time.UTC
	}
	name := r.words("timeZone")
	switch {
	case strings.TrimSpace(name) == "":
		return time.UTC
	case strings.EqualFold(name, "local") || strings.EqualFold(name, "localtime"):
		r.at(RuleTimeZone, n, "timeZone: %s depends on the machine: write an IANA name like Asia/Shanghai", short(name))
		return time.UTC
	}
	location, err := time.LoadLocation(name)
	if err != nil {
		r.at(RuleTimeZone, n, "unknown timeZone %s: write an IANA name like Asia/Shanghai or UTC", short(name))
		return time.UTC
	}
	return location
}
