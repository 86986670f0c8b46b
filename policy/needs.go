package policy

import (
	"slices"
	"time"
)

// Needs says what is left to read after the subjects: the per-cluster lists
// and the clusters that rows name and the listing lacks, both as sorted ids.
// With any deleted entry in effect every cluster in scope is read.
func (r *Resolution) Needs(subjects []Subject) (lists, strays []string) {
	by := subjectsByUID(subjects)
	for _, e := range r.Acting() {
		s := by.of(e.UID)
		if e.Identity == Deleted {
			for _, c := range r.Directory.Clusters {
				if r.holds(c) && !c.Deferred() {
					lists = append(lists, c.ID)
				}
			}
		}
		lists = append(lists, Missing(e.Identity, s, e.Targets)...)
		lists = append(lists, e.hidden(s, r.Now)...)
		strays = append(strays, r.UnlistedOf(s.Clusters())...)
	}
	if len(r.Acting()) > 0 {
		strays = append(strays, r.ownStrays()...)
	}
	slices.Sort(lists)
	slices.Sort(strays)
	return slices.Compact(lists), slices.Compact(strays)
}

// hidden are the targets on which the per-user row may hide a pinned certificate.
func (e *Entry) hidden(s *Subject, now time.Time) []string {
	return slices.DeleteFunc(slices.Clone(e.Targets), func(id string) bool { return !HidesPin(s, id, e.pinsOn(id), now) })
}

// Clusters are those that the rows of a subject name, deleted ones apart.
func (s *Subject) Clusters() []string {
	var ids []string
	for row := range s.States.All() {
		if row.ClusterState != "deleted" {
			ids = append(ids, row.Cluster)
		}
	}
	for _, g := range s.Grants {
		if g.Scope != OnAllClusters {
			ids = append(ids, g.Cluster)
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// UnlistedOf are those of the clusters that the listing does not know of.
func (r *Resolution) UnlistedOf(ids []string) []string {
	return slices.DeleteFunc(ids, func(id string) bool {
		_, listed := r.Cluster(id)
		return listed || r.gone[id] || r.other[id]
	})
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
