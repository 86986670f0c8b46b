package policy

import (
	"cmp"
	"iter"
	"slices"
	"strings"
	"unique"
)

// States are the rows of one principal, one a cluster, in order of the clusters'
// ids. Most people hold nothing on most clusters, and all such rows of one cluster
// are the same: each is kept once, whoever it is about, so that what is settled
// takes 8 bytes a row.
type States struct{ rows []unique.Handle[State] }

// NewStates are these rows.
func NewStates(rows ...State) States {
	rows = slices.Clone(rows)
	slices.SortStableFunc(rows, func(a, b State) int { return strings.Compare(a.Cluster, b.Cluster) })
	s := States{rows: make([]unique.Handle[State], len(rows))}
	for i, r := range rows {
		s.rows[i] = unique.Make(r)
	}
	return s
}

// Len is how many rows there are.
func (s States) Len() int { return len(s.rows) }

// All are the rows, by cluster.
func (s States) All() iter.Seq[State] {
	return func(yield func(State) bool) {
		for _, r := range s.rows {
			if !yield(r.Value()) {
				return
			}
		}
	}
}

// Of is the row of a cluster; zero where there is none.
func (s States) Of(cluster string) State {
	i, found := slices.BinarySearchFunc(s.rows, cluster, func(r unique.Handle[State], id string) int {
		return cmp.Compare(r.Value().Cluster, id)
	})
	if !found {
		return State{}
	}
	return s.rows[i].Value()
}

// Equal reports whether both have the same rows.
func (s States) Equal(other States) bool { return slices.Equal(s.rows, other.rows) }
