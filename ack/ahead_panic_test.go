package ack

import "testing"

// What panics while pages are read side by side is caught by whoever asked for the
// listing: on a goroutine of its own it would end the process, and the report with it.
func TestAPageThatPanics(t *testing.T) {
	defer func() {
		if got := recover(); got != "page 7" {
			t.Errorf("the caller of the listing caught %v", got)
		}
	}()
	_, err := pages(listUserStates, 4, rowID, func(n int) (page[row], error) {
		if n == 7 {
			panic("page 7")
		}
		return page[row]{total: total{true, 20}, rows: []row{{id: string(rune('a' + n))}}}, nil
	})
	t.Errorf("no panic: %v", err)
}
