package page

import "ackrevoke/job/report"

// names finds what the rows of a report name by id alone.
type names struct {
	clusters map[string]report.Cluster
	people   map[string]report.Principal
}

func namesOf(r *report.Report) *names {
	n := &names{map[string]report.Cluster{}, map[string]report.Principal{}}
	for _, o := range r.Plan.OutOfScope {
		n.clusters[o.Cluster] = report.Cluster{ID: o.Cluster, Name: o.Name}
	}
	for _, a := range r.Plan.Actions {
		n.clusters[a.Cluster.ID] = a.Cluster
	}
	for _, p := range r.Principals {
		n.people[p.UID] = p
	}
	return n
}

// cluster is the cluster with this id; "" has none.
func (n *names) cluster(id string) report.Cluster {
	if c, known := n.clusters[id]; known && id != "" {
		return c
	}
	return report.Cluster{ID: id}
}

// who is the principal with this uid; "" is the run.
func (n *names) who(uid string) Cell {
	if uid == "" {
		return Cell{Text: "the whole run"}
	}
	p := n.people[uid]
	return who(p.Name, uid, p.Kind)
}

// whose is the cluster or region that a row is about.
func (n *names) place(cluster, region string) Cell {
	switch {
	case cluster != "":
		return where(n.cluster(cluster))
	case region == "*":
		return Cell{Text: "every region that is not named"}
	case region != "":
		return Cell{Text: "region " + report.Plain(region)}
	}
	return Cell{}
}
