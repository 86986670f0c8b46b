package ack

import "sync"

// long is how many pages must be to follow for them to be read side by side: a
// short listing is read page by page, where a contradiction costs no further call.
const long = 8

// ahead gives the pages of a long listing that states its total, so many at a time:
// what they say is looked at in their order all the same.
type ahead[T comparable] struct {
	get     func(number int) (page[T], error)
	workers int
	last    int // by the first page
	read    map[int]func() (page[T], error)
}

// page is the page of a number; they are asked for in order.
func (a *ahead[T]) page(number int) (page[T], error) {
	if got, ok := a.read[number]; ok {
		delete(a.read, number)
		return got()
	}
	if number == 1 {
		p, err := a.get(1)
		if err == nil && p.total.stated && len(p.rows) > 0 {
			a.last = (p.total.n + len(p.rows) - 1) / len(p.rows)
		}
		return p, err
	}
	if a.workers < 2 || a.last <= long || number > a.last {
		return a.get(number)
	}
	upTo := min(number+a.workers-1, a.last)
	got, errs := make([]page[T], upTo-number+1), make([]error, upTo-number+1)
	var g sync.WaitGroup
	panics := make(chan any, len(got))
	for i := range got {
		g.Go(func() {
			defer func() {
				if value := recover(); value != nil {
					panics <- value
				}
			}()
			got[i], errs[i] = a.get(number + i)
		})
	}
	g.Wait()
	if len(panics) > 0 {
		panic(<-panics) // where somebody catches it
	}
	a.read = map[int]func() (page[T], error){}
	for i := range got[1:] {
		a.read[number+i+1] = func() (page[T], error) { return got[i+1], errs[i+1] }
	}
	return got[0], errs[0]
}
