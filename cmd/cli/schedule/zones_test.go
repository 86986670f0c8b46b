package schedule

import (
	"archive/zip"
	"go/ast"
	"go/build"
	"go/parser"
	"go/token"
	"io"
	"maps"
	"path/filepath"
	"slices"
	"sort"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// tzdata is what time/tzdata embeds into the program, by the name of the zone:
// read from that package's source, which is on every machine that compiles
// this. What the machine has installed may be of another year.
var tzdata = sync.OnceValue(func() map[string]string {
	p := must(build.Import("time/tzdata", "", build.FindOnly))
	file := must(parser.ParseFile(token.NewFileSet(), filepath.Join(p.Dir, "zzipdata.go"), nil, 0))
	var text string
	ast.Inspect(file, func(n ast.Node) bool {
		if l, ok := n.(*ast.BasicLit); ok {
			text = must(strconv.Unquote(l.Value))
		}
		return true
	})
	data := map[string]string{}
	for _, f := range must(zip.NewReader(strings.NewReader(text), int64(len(text)))).File {
		r := must(f.Open())
		data[f.Name] = string(must(io.ReadAll(r)))
		_ = r.Close()
	}
	return data
})

// zone has what was embedded under this name, not what is installed here.
func zone(name string) *time.Location {
	return must(time.LoadLocationFromTZData(name, []byte(tzdata()[name])))
}

// zoneNames are those of zones that differ, each with how many names its
// zone has: many are another name for the same data, to the byte.
var zoneNames = sync.OnceValue(func() map[string]int {
	first, names := map[string]string{}, map[string]int{}
	for _, name := range slices.Sorted(maps.Keys(tzdata())) {
		data := tzdata()[name]
		if first[data] == "" {
			first[data] = name
		}
		names[first[data]]++
	}
	return names
})

// years is a part of the calendar in which clocks are set.
type years struct{ from, to time.Time }

// changing are the zones that set their clocks in these years, and when they
// do so.
func (y years) changing(t *testing.T) map[*time.Location][]time.Time {
	t.Helper()
	changes, names := map[*time.Location][]time.Time{}, 0
	for name, n := range zoneNames() {
		z := zone(name)
		if found := y.changes(z); len(found) > 0 {
			changes[z] = found
			names += n
		}
	}
	if t.Logf("from %d: %d zones by %d names", y.from.Year(), len(changes), names); names < 100 {
		t.Errorf("only %d names of zones that set their clocks", names)
	}
	return changes
}

// changes finds when a zone sets its clocks, to the minute: from day to day,
// for none sets them and sets them back within one.
func (y years) changes(zone *time.Location) (at []time.Time) {
	for t := y.from; t.Before(y.to); t = t.Add(day) {
		before := ahead(t, zone)
		if ahead(t.Add(day), zone) == before {
			continue
		}
		minute := sort.Search(perDay, func(i int) bool { return ahead(t.Add(time.Duration(i)*time.Minute), zone) != before })
		at = append(at, t.Add(time.Duration(minute)*time.Minute))
	}
	return at
}

// minutes is what the clock of a zone shows, as a number that grows with it.
func minutes(t time.Time, zone *time.Location) int64 {
	return t.Add(ahead(t, zone)).Unix() / 60
}

const perDay = 24 * 60 // minutes

// watching is what the clock of a zone shows in each minute from a time on.
type watching struct {
	from  time.Time
	shown []int64
}

func watch(y years, zone *time.Location) watching {
	w := watching{from: y.from}
	for t := y.from; !t.After(y.to); t = t.Add(time.Minute) {
		w.shown = append(w.shown, minutes(t, zone))
	}
	return w
}

// dues notes when the clock has come, for the first time, to a minute that was
// asked for or past one.
func (w watching) dues(asked func(minute int64) bool) (due []time.Time) {
	latest := w.shown[0]
	for i, shown := range w.shown {
		come := false
		for latest < shown {
			latest++
			come = come || asked(latest)
		}
		if come {
			due = append(due, w.from.Add(time.Duration(i)*time.Minute))
		}
	}
	return due
}

const day = 24 * time.Hour

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}
