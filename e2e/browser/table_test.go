package browser

import (
	"fmt"
	"sync"
	"testing"
	"time"
)

// row is one thing that was to be shown.
type row struct {
	what, result string
	took         time.Duration
}

// table holds the rows in the order in which they began.
var table struct {
	sync.Mutex
	rows []*row
}

// shows gives this test a row of the table: what it shows, and how long that took.
// What it returns may complete the row.
func shows(t *testing.T, what string) *row {
	t.Helper()
	r, began := &row{what: what}, time.Now()
	table.Lock()
	table.rows = append(table.rows, r)
	table.Unlock()
	t.Cleanup(func() {
		table.Lock()
		defer table.Unlock()
		r.took, r.result = time.Since(began), "shown"
		if t.Skipped() {
			r.result = "skipped"
		}
		if t.Failed() {
			r.result = "FAILED"
		}
	})
	return r
}

// measured adds figures to a row.
func (r *row) measured(format string, a ...any) {
	table.Lock()
	defer table.Unlock()
	r.what += ": " + fmt.Sprintf(format, a...)
}

func printTable(took time.Duration) {
	table.Lock()
	defer table.Unlock()
	if len(table.rows) == 0 {
		return
	}
	fmt.Printf("\nmake test-browser: what was shown\n%8s  %-8s %s\n", "seconds", "result", "what")
	for _, r := range table.rows {
		fmt.Printf("%8.1f  %-8s %s\n", r.took.Seconds(), r.result, r.what)
	}
	fmt.Printf("%8.1f  in all\n\n", took.Seconds())
}
