package policy

import (
	"fmt"
	"slices"
	"strings"
)

// A stray is a cluster that a row names and the listing lacks: it was deleted, or
// the listing is short. What DescribeClusterDetail says of it decides.
//
//	the detail                                    the cluster
//	not found, while somebody's states show a
//	certificate on it, and call it alive          is unknown: cluster-not-listed, by a contradiction
//	not found, or state deleted                   is gone: nothing is to be said of it
//	of a type that is no Kubernetes               has no KubeConfig: a warning, said once
//	in a region outside the scope, or excluded    is outOfScope
//	anything else, or not to be had               is unknown: cluster-not-listed

// distrustStrays turns a cluster that is called not found into a failed read
// where a principal's states contradict it: an endpoint that lists the clusters of
// its own region alone may know no other one either.
func distrustStrays(strays []Stray, subjects []Subject) []Stray {
	strays = slices.Clone(strays)
	for i := range strays {
		x := &strays[i]
		for k := range subjects {
			row := subjects[k].state(x.Cluster)
			held := row.Cert == Unexpired || row.Cert == CertUnknown
			alive := row.ClusterState != "" && row.ClusterState != "deleting" && row.ClusterState != "deleted"
			if x.Gone && x.Detail.ID == "" && held && alive {
				*x = Stray{Cluster: x.Cluster, Err: contradicting(row, subjects[k].UID)}
			}
		}
	}
	return strays
}

func contradicting(row State, uid string) *Fault {
	return &Fault{Op: "DescribeClusterDetail", Kind: NotFound, Status: 404, Sent: true,
		Message: fmt.Sprintf("the service knows no cluster %s, and the states of %s call it %s", row.Cluster, uid, row.ClusterState),
		Hint: "use the central endpoint, which answers for every region; a cluster that was deleted a moment ago " +
			"is gone in the next run"}
}

// strays says what the clusters come to that a principal's rows name.
func (d *decision) strays(e *Entry, s *Subject) {
	for _, id := range s.Clusters() {
		_, listed := d.Cluster(id)
		x := d.stray(id)
		switch {
		case listed || d.gone[id] || x.Gone:
		case d.other[id] || !x.Exists():
			d.warnOnce("not-kubernetes " + id)
		case x.Err == nil && d.elsewhere(x.Detail):
			d.beyond(e, s, x.Detail, Look(e.Identity, s, nil, id, !d.Administers(id), d.Now))
		default:
			d.plan.Unknown = append(d.plan.Unknown, NotListed(e.UID, x))
		}
	}
}

// caller says the same of the clusters that the caller's own permissions name,
// where nobody else's rows did.
func (d *decision) caller() {
	for _, x := range d.obs.Strays {
		said := slices.ContainsFunc(d.plan.Unknown, func(u Unknown) bool { return u.Why == ClusterNotListed && u.Cluster == x.Cluster })
		if !said && x.Exists() && (x.Err != nil || !d.elsewhere(x.Detail)) && slices.Contains(d.ownStrays(), x.Cluster) {
			d.plan.Unknown = append(d.plan.Unknown, NotListed("", x))
		}
	}
}

// NotListed is the row of a cluster that only rows name.
func NotListed(uid string, x Stray) Unknown {
	u := Unknown{UID: uid, Cluster: x.Cluster, Why: ClusterNotListed, Fault: x.Err}
	if x.Err != nil {
		u.Failed = []*Fault{x.Err}
	}
	return u
}

// stray is what was found out about a cluster that is not listed; one that was
// not asked about exists for all that is known.
func (d *decision) stray(id string) Stray {
	if i := slices.IndexFunc(d.obs.Strays, func(x Stray) bool { return x.Cluster == id }); i >= 0 {
		return d.obs.Strays[i]
	}
	return Stray{Cluster: id, Err: &Fault{Op: "DescribeClusterDetail", Kind: Unavailable, Message: "cluster " + id + " was not asked about"}}
}

// elsewhere reports whether the policy leaves a cluster out by its region or by
// name, so that it does not matter that the listing lacks it.
func (d *decision) elsewhere(c Cluster) bool {
	regions := d.Policy.Scope.Regions
	outside := len(regions) > 0 && !slices.ContainsFunc(regions, func(id string) bool { return lies(c.Region, id) })
	return outside || d.matchesAny(d.Policy.Scope.Exclude, c)
}

// strayBlind reports whether there is a cluster that the listing lacks and of
// which the caller is no administrator: then it is not one of all clusters, and
// the service may hide the all-clusters grants of others.
func (d *decision) strayBlind() bool {
	return slices.ContainsFunc(d.obs.Strays, func(x Stray) bool { return x.Exists() && !d.Administers(x.Cluster) })
}

func (d *decision) warnOnce(warning string) {
	if !slices.Contains(d.plan.Warnings, warning) {
		d.plan.Warnings = append(d.plan.Warnings, warning)
	}
}

// named returns a live principal that has this name, or nil.
func (r *Resolution) named(name string) *Identity {
	for _, list := range [][]Identity{r.Directory.Users, r.Directory.Roles} {
		if i := slices.IndexFunc(list, func(id Identity) bool { return id.Name == name }); name != "" && i >= 0 {
			return &list[i]
		}
	}
	return nil
}

// noTrace says that a uid may be mistyped, and whose it most likely is: that of
// somebody who has the stated name, or one that a spreadsheet has rounded.
func (d *decision) noTrace(e *Entry) *Fault {
	likely := ""
	if live := d.named(e.Name); live != nil {
		likely = fmt.Sprintf("; %s %q has the uid %s, which is most likely meant", live.Kind, live.Name, live.UID)
	} else if near := NearUIDs(e.UID, d.Directory); e.Name == "" && len(near) > 0 {
		var all []string
		for _, id := range near {
			all = append(all, fmt.Sprintf("%s (%s %q)", id.UID, id.Kind, id.Name))
		}
		likely = "; near it are " + strings.Join(all, ", ")
	}
	return &Fault{Op: "observe", Kind: NotFound, Message: "nobody has this uid and nothing bears it" + likely +
		": check it for a typo; only if the identity is deleted for certain, state deleted: true"}
}
