package policy

import (
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"
)

// The guards that refuse single entries; contract.md section 5.
const (
	GuardProtected        = "protected"
	GuardKindMismatch     = "kind-mismatch"
	GuardIdentityConflict = "identity-conflict"
)

func (r *Resolution) live(uid string) (Identity, bool) {
	switch id := r.people[uid]; {
	case id != nil:
		return *id, true
	case r.people != nil:
		return Identity{}, false
	}
	return r.Directory.Live(uid)
}

// Live finds a uid in the listings of users and roles.
func (d Directory) Live(uid string) (Identity, bool) {
	for _, list := range [][]Identity{d.Users, d.Roles} {
		if i := slices.IndexFunc(list, func(id Identity) bool { return id.UID == uid }); i >= 0 {
			return list[i], true
		}
	}
	return Identity{}, false
}

// refuses returns the guard that keeps an entry from being acted on, and why.
// The uid is the identity; names and creation times are checks on it.
//
//	uid             kind      createdAt  name       entry
//	root or caller  -         -          -          refused protected
//	service role, or named by protect               refused protected
//	live            other     -          -          refused kind-mismatch
//	live            same      differs    -          refused identity-conflict
//	live            same      equal      differs    acts, warning renamed
//	live            same      unstated   differs    refused identity-conflict
//	live, and the entry says deleted: true          refused identity-conflict
//	in no listing, name and createdAt of a live other  refused identity-conflict
//	in no listing   -         -          -          deleted: acts by uid
//
// What the lists of clusters call a deleted uid is looked at later; see
// contradicted.
func (r *Resolution) Refuses(p Principal, live Identity, found bool) (guard, message string) {
	who := Identity{UID: p.UID, Name: p.Name, Kind: p.Kind}
	if found {
		who = live
	}
	if why, remedy := r.protects(who, found); why != "" {
		return GuardProtected, why + remedy
	}
	if !found {
		return r.mistaken(p)
	}
	switch {
	case p.Deleted:
		return GuardIdentityConflict, fmt.Sprintf("the entry says deleted: true, and the uid is the live RAM %s %q; check the uid, or take "+
			"deleted out", live.Kind, live.Name)
	case live.Kind != p.Kind:
		return GuardKindMismatch, fmt.Sprintf("the uid is the live RAM %s %q and the entry says kind: %s; correct the kind or the uid", live.Kind,
			live.Name, p.Kind)
	case !p.CreatedAt.IsZero() && !p.CreatedAt.Truncate(time.Second).Equal(live.CreatedAt.Truncate(time.Second)):
		return GuardIdentityConflict, fmt.Sprintf("the live %s %q was created at %s and the entry says %s; check the uid", live.Kind, live.Name,
			stamp(live.CreatedAt), stamp(p.CreatedAt))
	case p.CreatedAt.IsZero() && p.Name != "" && p.Name != live.Name:
		return GuardIdentityConflict, fmt.Sprintf("the live %s is named %q and the entry says %q; check the uid, or state createdAt: %s if it "+
			"was renamed", live.Kind, live.Name, p.Name, stamp(live.CreatedAt)) + nameAsShown(p.Name, live.Name)
	}
	return "", ""
}

// mistaken refuses an entry whose uid nobody has, while a live principal has both
// its name and its creation time: that one is meant, and the uid is wrong.
func (r *Resolution) mistaken(p Principal) (guard, message string) {
	people := r.Directory.Users
	if p.Kind == Role {
		people = r.Directory.Roles
	}
	for _, id := range people {
		if p.Name != "" && id.Name == p.Name && !p.CreatedAt.IsZero() &&
			p.CreatedAt.Truncate(time.Second).Equal(id.CreatedAt.Truncate(time.Second)) {
			return GuardIdentityConflict, fmt.Sprintf("nobody has the uid %s, and the live %s %q, created at %s, has the uid %s: correct the uid "+
				"(a spreadsheet rounds numbers of this size)", p.UID, id.Kind, id.Name, stamp(id.CreatedAt), id.UID)
		}
	}
	return "", ""
}

// protects returns why nobody may be revoked who bears this uid and name, and
// what to do about an entry that says so.
func (r *Resolution) protects(id Identity, found bool) (why, remedy string) {
	switch {
	case id.UID == r.Directory.Caller.AccountID:
		return "this is the root account: the service cannot revoke it for others", "; take the entry out"
	case id.UID == r.Directory.Caller.UID:
		return "this is the caller of this run itself", ": run the tool as somebody else, or take the entry out"
	case (id.Kind == Role || !found) && ServiceRole(id.Name):
		return fmt.Sprintf("%q is a service role: revoking it breaks the clusters", id.Name), "; take the entry out"
	}
	for _, g := range r.Policy.Guards.Protect {
		if ok, _ := path.Match(g.Name, id.Name); g.Name != "" && id.Name != "" && ok || g.UID == id.UID && g.UID != "" {
			return fmt.Sprintf("%q is protected by guards.protect %q", id.Name, g.Name+g.UID), ": take one of the two out"
		}
	}
	return "", ""
}

// Protects returns why the policy or the service forbids that somebody is
// revoked; "" for nothing.
func Protects(p *Policy, d Directory, id Identity, state IdentityState) string {
	r := &Resolution{Policy: p, Directory: d}
	why, _ := r.protects(id, state == Live)
	return why
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// ServiceRole reports whether a name is one of those that the service gives to
// its own roles.
func ServiceRole(name string) bool {
	return strings.HasPrefix(name, "AliyunServiceRoleFor") || strings.HasPrefix(name, "AliyunCS")
}

// identityWarnings returns what a reader should know about an identity that is
// acted on.
func (r *Resolution) identityWarnings(p Principal, live Identity, found bool) []string {
	var w []string
	if found {
		if p.Name != "" && p.Name != live.Name {
			w = append(w, fmt.Sprintf("renamed: now %q", live.Name))
		}
		return w
	}
	for _, list := range [][]Identity{r.Directory.Users, r.Directory.Roles} {
		for _, id := range list {
			if p.Name != "" && id.Name == p.Name {
				w = append(w, "name-now-carried-by "+id.UID)
			}
		}
	}
	return w
}

// contradicted refuses an entry for what only its rows show. For a live uid a
// contrary row is only a warning, except that it belongs to a cloud service: the
// listing has spoken.
//
//	the uid is deleted, and                                refused
//	its per-cluster rows bear a cloud_service_name         protected (live, too)
//	... a name that is a service role's, or protected      protected
//	a row says the other kind                              kind-mismatch
//	... several names, or another one than is stated       identity-conflict
func (d *decision) contradicted(e *Entry, s *Subject) (guard, message string) {
	other := slices.ContainsFunc(s.Grants, func(g Grant) bool { return g.RAMRole != (e.Kind == Role) })
	for _, l := range d.lists {
		h, ok := l.holder(e.UID)
		if ok && h.Service != "" {
			return GuardProtected, fmt.Sprintf("on cluster %s the uid belongs to the cloud service %q: take the entry out", l.Cluster, h.Service)
		}
		other = other || ok && h.Kind() != "" && h.Kind() != e.Kind
	}
	if e.Identity != Deleted {
		if other {
			e.Warnings = append(e.Warnings, "rows-say-other-kind")
		}
		return "", ""
	}
	names := d.namesOf(e.UID)
	for _, name := range names {
		if why, remedy := d.protects(Identity{UID: e.UID, Name: name, Kind: e.Kind}, false); why != "" {
			return GuardProtected, why + remedy
		}
	}
	switch {
	case other:
		return GuardKindMismatch, fmt.Sprintf("the uid is deleted and its rows say that it was no %s; correct the kind or the uid", e.Kind)
	case len(names) > 1:
		return GuardIdentityConflict, fmt.Sprintf("the uid is deleted and the lists of clusters have several names for it, %s: "+
			"find out who it was", quotedList(names))
	case len(names) == 1 && e.Name != "" && e.Name != names[0]:
		return GuardIdentityConflict, fmt.Sprintf("the uid is deleted, the lists of clusters call it %q and the entry says %q; correct the "+
			"uid or the name", names[0], e.Name)
	}
	return "", ""
}

// namesOf are the names that the per-cluster lists have for a uid, sorted. All of them
// are gone through once for each uid, and not for each of its actions.
func (d *decision) namesOf(uid string) []string {
	if names, known := d.names[uid]; known {
		return names
	}
	var names []string
	for i := range d.lists {
		if h, ok := d.lists[i].holder(uid); ok && h.Name != "" {
			names = append(names, h.Name)
		}
	}
	slices.Sort(names)
	if d.names == nil {
		d.names = map[string][]string{}
	}
	d.names[uid] = slices.Compact(names)
	return d.names[uid]
}

func quotedList(texts []string) string {
	var all []string
	for _, t := range texts {
		all = append(all, strconv.Quote(t))
	}
	return strings.Join(all, ", ")
}

// unclear returns why it cannot be told who an entry is about: nobody in the
// listings has the uid, and a cluster's list says that the account lives. So the
// listing is short, and nothing may be done to somebody whom nobody can name.
// Nor to somebody whose name may stand in a list that could not be read.
func (d *decision) unclear(e *Entry, s *Subject) *Fault {
	if e.Identity != Deleted {
		return nil
	}
	if f := d.unnamed(e, s); f != nil {
		return f
	}
	for _, l := range d.lists {
		if h, ok := l.holder(e.UID); ok && (h.AccountState == "Active" || h.AccountState == "InActive") {
			return &Fault{Op: "ListClusterKubeconfigStates", Kind: Unavailable, Message: fmt.Sprintf(
				"RAM does not list %s, and the list of cluster %s calls it %s: the listing of RAM is short, or the principal was created a moment ago",
				e.UID, l.Cluster, h.AccountState)}
		}
	}
	return nil
}

// unnamed returns the failed read of a list in which the name of somebody deleted
// may stand, where there is something that could be taken from him and no list has
// his name: it could be protected, a service role's, or not the one that is stated.
// A list that was read, of a cluster on which he has a certificate, has told what
// can be told: there, lists do not show the deleted.
func (d *decision) unnamed(e *Entry, s *Subject) *Fault {
	held := len(s.Grants) > 0
	for row := range s.States.All() {
		if row.Cert == Unissued || row.Cert == Removed || row.Cert == Expired {
			continue
		}
		held = true
		if list := listOf(d.obs.Lists, row.Cluster); list != nil && list.Err == nil {
			return nil
		}
	}
	i := slices.IndexFunc(d.obs.Lists, func(l ClusterList) bool { return l.Err != nil })
	if !held || i < 0 || len(d.namesOf(e.UID)) > 0 {
		return nil
	}
	f := *d.obs.Lists[i].Err
	f.Message = "what the deleted " + e.UID + " was called may stand in the list of cluster " + d.obs.Lists[i].Cluster +
		", which could not be read: " + f.Message
	f.Hint = "run again when the list can be read: until then it cannot be told whether somebody is meant whom nobody may touch"
	return &f
}
