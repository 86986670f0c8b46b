package policy

import (
	"maps"
	"slices"
	"time"
)

// Needs says what is left to read after the subjects: the per-cluster lists
// and the clusters that rows name and the listing lacks, both as sorted ids.
// With any deleted entry in effect every cluster in scope is read.
func (r *Resolution) Needs(subjects []Subject) (lists, strays []string) {
	by := subjectsByUID(subjects)
	needed, strange := map[string]bool{}, map[string]bool{} // sets: every deleted entry needs every list
	everywhere := false
	for _, e := range r.Acting() {
		s := by.of(e.UID)
		if e.Identity == Deleted {
			everywhere = true // and so on each of its targets
		} else {
			add(needed, Missing(e.Identity, s, e.Targets))
		}
		add(needed, e.hidden(s, r.Now))
		for id := range s.named {
			if !r.known(id) {
				strange[id] = true
			}
		}
	}
	if len(r.Acting()) > 0 {
		add(strange, r.ownStrays())
	}
	if everywhere {
		for _, c := range r.Directory.Clusters {
			if r.holds(c) && !c.Deferred() {
				needed[c.ID] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(needed)), slices.Sorted(maps.Keys(strange))
}

func add(set map[string]bool, ids []string) {
	for _, id := range ids {
		set[id] = true
	}
}

// hidden are the targets on which the per-user row may hide a pinned certificate.
func (e *Entry) hidden(s *Subject, now time.Time) (ids []string) {
	for _, id := range e.Targets {
		if HidesPin(s, id, e.pinsOn(id), now) {
			ids = append(ids, id)
		}
	}
	return ids
}

// Clusters are those that the rows of a subject name, deleted ones apart.
func (s *Subject) Clusters() []string { return slices.Compact(slices.Sorted(s.named)) }

// named gives the clusters of [Subject.Clusters] row by row.
func (s *Subject) named(yield func(string) bool) {
	for row := range s.States.All() {
		if row.ClusterState != "deleted" && !yield(row.Cluster) {
			return
		}
	}
	for _, g := range s.Grants {
		if g.Scope != OnAllClusters && !yield(g.Cluster) {
			return
		}
	}
}

// UnlistedOf are those of the clusters that the listing does not know of.
func (r *Resolution) UnlistedOf(ids []string) []string { return slices.DeleteFunc(ids, r.known) }

// known reports whether the listing knows of a cluster, in whatever state.
func (r *Resolution) known(id string) bool {
	_, listed := r.Cluster(id)
	return listed || r.gone[id] || r.other[id]
}

// ownStrays are the clusters that the caller's own permissions name and the
// listing lacks: an endpoint that answers for its own region alone, or a
// condition on the caller's RAM policy, shortens a listing without a word.
func (r *Resolution) ownStrays() []string {
	s := Subject{Grants: r.Directory.Own}
	return r.UnlistedOf(s.Clusters())
}

// byUID finds a subject: there are as many questions as entries.
type byUID map[string]*Subject

func subjectsByUID(subjects []Subject) byUID {
	by := make(byUID, len(subjects))
	for i := range slices.Backward(subjects) {
		by[subjects[i].UID] = &subjects[i]
	}
	return by
}

func (by byUID) of(uid string) *Subject {
	if s := by[uid]; s != nil {
		return s
	}
	f := &Fault{Op: "observe", Kind: Internal, Message: "principal " + uid + " was not read"}
	return &Subject{UID: uid, GrantsErr: f, StatesErr: f}
}

func listOf(lists []ClusterList, cluster string) *ClusterList {
	if i := slices.IndexFunc(lists, func(l ClusterList) bool { return l.Cluster == cluster }); i >= 0 {
		return &lists[i]
	}
	return nil
}
