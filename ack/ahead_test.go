package ack

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
)

// A long listing is read so many pages at a time, with not one call more, and a
// contradiction in it is found as in a short one.
func TestLongListing(t *testing.T) {
	for _, c := range []struct {
		total, size, workers int
		wrong                int // the page that states another total
		calls, most          int
	}{
		{total: 1000, size: 100, workers: 4, calls: 10, most: 4},
		{total: 1000, size: 100, workers: 1, calls: 10, most: 1},
		{total: 800, size: 100, workers: 4, calls: 8, most: 1}, // short
		{total: 2001, size: 100, workers: 16, calls: 21, most: 16},
		{total: 1000, size: 100, workers: 4, wrong: 7, calls: 9, most: 4}, // what is under way with it is asked for
		{total: 1 << 30, size: 1, workers: 4, wrong: 3, calls: 5, most: 4},
	} {
		var calls, now, most atomic.Int32
		var gate sync.Mutex
		got, err := pages(listUserStates, c.workers, rowID, func(n int) (page[row], error) {
			calls.Add(1)
			gate.Lock()
			most.Store(max(most.Load(), now.Add(1)))
			gate.Unlock()
			defer now.Add(-1)
			p := page[row]{total: total{true, c.total}}
			if n == c.wrong {
				p.total.n++
			}
			for i := (n - 1) * c.size; i < min(n*c.size, c.total); i++ {
				p.rows = append(p.rows, row{id: fmt.Sprint(i)})
			}
			return p, nil
		})
		if int(calls.Load()) != c.calls || int(most.Load()) > c.most || (err != nil) != (c.wrong > 0) || err == nil && len(got) != c.total {
			t.Errorf("%+v: %d calls, %d at a time, %d rows, %v", c, calls.Load(), most.Load(), len(got), err)
		}
		for i, r := range got {
			if r.id != fmt.Sprint(i) {
				t.Fatalf("%+v: row %d is %s", c, i, r.id)
			}
		}
	}
}
