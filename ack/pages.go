package ack

import (
	"strconv"
)

// page is one page of a listing that states its total (CS).
type page[T comparable] struct {
	rows  []T
	total total
}

// pages reads a listing until it is complete by its own total. Page sizes are
// wishes: smaller pages are followed as they come. Without a contradiction the
// number of calls is max(1, ceil(total/size)). The pages of a long listing are read
// so many at a time; see ahead.
//
//	the page has                                     then
//	no total, or another one than the first page     failed
//	a row without an id                              failed
//	an id seen before, with another content          failed
//	an id seen before, with the same content         counted once: the set moved
//	as many distinct ids now as the total            complete
//	more than the total                              failed
//	fewer, and nothing new on it (none, or repeated) failed
//	fewer, and something new                         next page
func pages[T comparable](op operation, workers int, id func(T) string, get func(number int) (page[T], error)) ([]T, error) {
	var all []T
	listing := ahead[T]{get: get, workers: workers}
	seen := map[string]int{} // where in all
	want := 0
	for number := 1; ; number++ {
		p, err := listing.page(number)
		if err != nil {
			return nil, err
		}
		if !p.total.stated {
			return nil, nonsense(op, "page %d states no total", number)
		}
		if number == 1 {
			want = p.total.n
		}
		if p.total.n != want {
			return nil, nonsense(op, "the total was %d and is %d on page %d; run again when nothing is being created or deleted", want, p.total.n,
				number)
		}
		before := len(all)
		for _, row := range p.rows {
			key := id(row)
			if key == "" {
				return nil, nonsense(op, "a row without an id on page %d", number)
			}
			if at, ok := seen[key]; ok {
				if all[at] != row {
					return nil, nonsense(op, "two different rows for %s", key)
				}
				continue
			}
			seen[key] = len(all)
			all = append(all, row)
		}
		switch {
		case len(all) == want:
			return all, nil
		case len(all) > want:
			return nil, nonsense(op, "%d rows where the total is %d", len(all), want)
		case len(all) == before && len(p.rows) > 0:
			return nil, nonsense(op, "page %d repeats an earlier one", number)
		case len(all) == before:
			return nil, nonsense(op, "page %d is empty after %d of %d rows", number, len(all), want)
		}
	}
}

// leaf is one page of a listing that goes on by markers (RAM).
type leaf[T any] struct {
	rows   []T
	more   bool
	marker string
}

// leaves reads such a listing. It has no total to be measured by, so here a
// row that comes twice, too, is a contradiction. Only what keep takes is returned;
// nil takes all.
func leaves[T any](op operation, id func(T) string, keep func(T) bool, get func(marker string) (leaf[T], error)) ([]T, error) {
	var all []T
	seen, marks := map[string]bool{}, map[string]bool{}
	for marker := ""; ; {
		l, err := get(marker)
		if err != nil {
			return nil, err
		}
		for _, row := range l.rows {
			key := id(row)
			if key == "" {
				return nil, nonsense(op, "a row without an id")
			}
			if seen[key] {
				return nil, nonsense(op, "%s is listed twice", key)
			}
			seen[key] = true
			if keep == nil || keep(row) {
				all = append(all, row)
			}
		}
		if !l.more {
			return all, nil
		}
		switch {
		case l.marker == "":
			return nil, nonsense(op, "more is said to follow, without a marker")
		case marks[l.marker]:
			return nil, nonsense(op, "the marker of the next page repeats an earlier one")
		case len(l.rows) == 0:
			return nil, nonsense(op, "more is said to follow an empty page")
		}
		marks[l.marker] = true
		marker = l.marker
	}
}

// numbered are the parameters of a page, in the spelling of the operation.
func numbered(number, size string, n, of int) map[string]string {
	return map[string]string{number: strconv.Itoa(n), size: strconv.Itoa(of)}
}
