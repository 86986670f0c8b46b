package job

import (
	"ackrevoke/policy"
)

// evidence is what was seen before anything was written, as far as proof hangs on it.
// It is put in order once: proof asks for it with every look at a principal.
type evidence struct {
	subjects  map[string]*policy.Subject   // by uid
	showed    map[place]bool               // where something is to be taken, and a list that was trusted shows a certificate in force
	witnesses map[string][]*policy.Subject // by cluster: who holds a certificate there that nobody is to take
}

// place is where a principal may hold something.
type place struct{ uid, cluster string }

func newEvidence(obs policy.Observation, plan *policy.Plan) evidence {
	e := evidence{subjects: make(map[string]*policy.Subject, len(obs.Subjects)), showed: map[place]bool{},
		witnesses: map[string][]*policy.Subject{}}
	acted := make(map[place]bool, len(plan.Actions))
	for _, a := range plan.Actions {
		if a.RefusedBy == "" {
			acted[place{a.UID, a.Cluster.ID}] = true
		}
	}
	for i := range obs.Subjects {
		s := &obs.Subjects[i]
		e.subjects[s.UID] = s
		for row := range s.States.All() {
			if row.Cert == policy.Unexpired && !acted[place{s.UID, row.Cluster}] {
				e.witnesses[row.Cluster] = append(e.witnesses[row.Cluster], s)
			}
		}
	}
	for _, l := range obs.Trusted() {
		for _, h := range l.Holders {
			if at := (place{h.UID, l.Cluster}); h.Cert == policy.Unexpired && acted[at] {
				e.showed[at] = true
			}
		}
	}
	return e
}

// doubt holds against a list that was read after the writes what was seen before of
// those about whom this run writes nothing on that cluster.
func (e evidence) doubt(l policy.ClusterList) policy.ClusterList {
	for _, s := range e.witnesses[l.Cluster] {
		l = policy.Doubt(l, s)
	}
	return l
}
