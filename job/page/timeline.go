package page

import (
	"fmt"
	"slices"
	"time"

	"ackrevoke/job/report"
)

// Timeline is how many writes were begun, and how many proven, as time went by.
type Timeline struct {
	Text   string // the same in a sentence
	Begun  []Point
	Proven []Point
	From   string // the moment at the left
	To     string // and at the right
	Most   int    // the number at the top
}

// Point is a moment and a number, each from 0 to 1000 of the whole.
type Point struct{ X, Y int }

// mostPoints is how many steps a line has at the most: more are not to be told
// apart.
const mostPoints = 200

func (v *run) timeline() {
	var begun, proven []time.Time
	slowest, slow := time.Duration(0), ""
	for _, o := range v.Outcomes {
		if o.StartedAt.IsZero() {
			continue
		}
		begun = append(begun, o.StartedAt.Time)
		if o.VerifiedAt.IsZero() {
			continue
		}
		proven = append(proven, o.VerifiedAt.Time)
		if d := o.VerifiedAt.Sub(o.StartedAt.Time); d > slowest {
			slowest, slow = d, o.Action
		}
	}
	if len(begun) == 0 {
		return
	}
	slices.SortFunc(begun, time.Time.Compare)
	slices.SortFunc(proven, time.Time.Compare)
	from, to := begun[0], begun[len(begun)-1]
	if n := len(proven); n > 0 && proven[n-1].After(to) {
		to = proven[n-1]
	}
	t := &Timeline{Begun: steps(begun, from, to, len(begun)), Proven: steps(proven, from, to, len(begun)), From: stamp(report.At(from)),
		To: stamp(report.At(to)), Most: len(begun)}
	t.Text = fmt.Sprintf("%s begun from %s on", count(len(begun), "write was", "writes were"), t.From)
	if len(proven) > 0 {
		t.Text += fmt.Sprintf("; %s, the last one %s later", count(len(proven), "was proven", "were proven"),
			to.Sub(from).Round(time.Second))
	} else {
		t.Text += "; none was proven"
	}
	if slow != "" {
		t.Text += fmt.Sprintf(". The slowest proof took %s: %s", slowest.Round(time.Second), report.Plain(slow))
	}
	t.Text = sentence(t.Text)
	v.p.section(Section{ID: "time", Title: "Time", Count: -1, Timeline: t})
}

// steps are the points at which a number grows, as shares of the whole.
func steps(at []time.Time, from, to time.Time, most int) []Point {
	whole := max(1, to.Sub(from))
	points := []Point{{0, 0}}
	for i, m := range at {
		if len(at) > mostPoints && i%(len(at)/mostPoints+1) != 0 && i != len(at)-1 {
			continue
		}
		points = append(points, Point{int(1000 * m.Sub(from) / whole), 1000 * (i + 1) / max(1, most)})
	}
	return points
}
