package report

import (
	"encoding/json"
	"fmt"
	"time"
)

// Time is a moment in a report: RFC 3339 in UTC to the second, "" where there
// is none. Finer fractions would promise an order that the service's own
// clocks do not have.
type Time struct{ time.Time }

// At returns t as a moment of a report.
func At(t time.Time) Time {
	if t.IsZero() {
		return Time{}
	}
	return Time{t.UTC().Truncate(time.Second)}
}

// String returns the moment as it stands in a report.
func (t Time) String() string {
	if t = At(t.Time); t.IsZero() {
		return ""
	}
	return t.Format(time.RFC3339)
}

// MarshalJSON refuses years that RFC 3339 cannot express, for what is written
// must be readable again.
func (t Time) MarshalJSON() ([]byte, error) {
	if err := t.expressible(); err != nil {
		return nil, err
	}
	text := append(make([]byte, 0, len(time.RFC3339)+2), '"')
	if t = At(t.Time); !t.IsZero() {
		text = t.AppendFormat(text, time.RFC3339)
	}
	return append(text, '"'), nil
}

// UnmarshalJSON reads "" and null as no moment.
func (t *Time) UnmarshalJSON(b []byte) error {
	var s string
	if err := json.Unmarshal(b, &s); err != nil {
		return fmt.Errorf("a time must be a string: %w", err)
	}
	if s == "" {
		*t = Time{}
		return nil
	}
	v, err := time.Parse(time.RFC3339, s)
	if err != nil {
		return fmt.Errorf("a time must be RFC 3339: %w", err)
	}
	at := At(v)
	if err := at.expressible(); err != nil {
		return err
	}
	*t = at
	return nil
}

func (t Time) expressible() error {
	if y := t.UTC().Year(); y < 1 || y > 9999 {
		return fmt.Errorf("the year %d has no form in RFC 3339", y)
	}
	return nil
}
