package policy

import (
	"slices"
	"testing"
	"unsafe"
)

func TestStates(t *testing.T) {
	rows := []State{{Cluster: "c2", Cert: Removed}, {Cluster: "c1", Cert: Unexpired, Expires: ends(3)}, {Cluster: "c10", Cert: Unissued}}
	s := NewStates(rows...)
	if got := slices.Collect(s.All()); !slices.Equal(got, []State{rows[1], rows[2], rows[0]}) || s.Len() != 3 {
		t.Errorf("%+v", got)
	}
	for _, r := range rows {
		if got := s.Of(r.Cluster); got != r {
			t.Errorf("of %s: %+v", r.Cluster, got)
		}
	}
	for _, id := range []string{"", "c", "c11", "c3"} {
		if got := s.Of(id); got != (State{}) {
			t.Errorf("of %q: %+v", id, got)
		}
	}
	slices.Reverse(rows)
	if !s.Equal(NewStates(rows...)) || s.Equal(NewStates(rows[1:]...)) || s.Equal(States{}) {
		t.Error("equal in the wrong places")
	}
	if rows[0].Cluster != "c10" {
		t.Error("the caller's rows were put in order")
	}
	if size := unsafe.Sizeof(s.rows[0]); size != 8 {
		t.Errorf("a row takes %d bytes", size)
	}
}
