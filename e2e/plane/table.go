package plane

import (
	"fmt"
	"os"
	"runtime/debug"
	"sync"
	"testing"
	"time"
)

// row is one thing that was to be shown.
type row struct {
	what   string
	took   time.Duration
	result string
}

// table holds the rows in the order in which they began.
var table struct {
	sync.Mutex
	rows []*row
}

// Shows gives this test a row of the table that Main prints: what it shows,
// and how long that took.
func Shows(t *testing.T, format string, a ...any) {
	t.Helper()
	r, began := &row{what: fmt.Sprintf(format, a...)}, time.Now()
	table.Lock()
	table.rows = append(table.rows, r)
	table.Unlock()
	t.Cleanup(func() {
		table.Lock()
		defer table.Unlock()
		r.took = time.Since(began)
		switch {
		case t.Failed():
			r.result = "FAILED"
		case t.Skipped():
			r.result = "skipped"
		default:
			r.result = "shown"
		}
	})
}

// Shown adds a row of something that has just been shown, and began then.
func Shown(began time.Time, what string) {
	table.Lock()
	defer table.Unlock()
	table.rows = append(table.rows, &row{what: what, took: time.Since(began), result: "shown"})
}

// Step is a test in the test with a row of its own. What comes after it builds
// on it: when it fails, the whole test ends.
func Step(t *testing.T, what string, do func(t *testing.T)) {
	t.Helper()
	if !t.Run(what, func(t *testing.T) {
		Shows(t, "%s", what)
		defer func() { // a panic would end the process, and nobody would clean up
			if cause := recover(); cause != nil {
				t.Fatalf("panic: %v\n%s", cause, debug.Stack())
			}
		}()
		do(t)
	}) {
		t.FailNow()
	}
}

// printTable says what was shown, one row each.
func printTable(title string, took time.Duration) {
	table.Lock()
	defer table.Unlock()
	if len(table.rows) == 0 {
		return
	}
	fmt.Fprintf(os.Stdout, "\n%s: what was shown\n%8s  %-8s %s\n", title, "seconds", "result", "what")
	for _, r := range table.rows {
		fmt.Fprintf(os.Stdout, "%8.1f  %-8s %s\n", r.took.Seconds(), r.result, r.what)
	}
	fmt.Fprintf(os.Stdout, "%8.1f  in all\n\n", took.Seconds())
}
