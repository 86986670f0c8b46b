package policy

import (
	"fmt"
	"path"
	"slices"
	"strings"
	"time"
)

// The guards that refuse single entries; contract.md section 5.
const (
	GuardProtected        = "protected"
	GuardKindMismatch     = "kind-mismatch"
	GuardIdentityConflict = "identity-conflict"
)

// live finds a uid in the listings of users and roles.
func (r *Resolution) live(uid string) (Identity, bool) {
	for _, list := range [][]Identity{r.Directory.Users, r.Directory.Roles} {
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
//	in no listing   -         -          -          deleted: acts by uid
func (r *Resolution) refuses(p Principal, live Identity, found bool) (guard, message string) {
	who := Identity{UID: p.UID, Name: p.Name, Kind: p.Kind}
	if found {
		who = live
	}
	if why, remedy := r.protects(who, found); why != "" {
		return GuardProtected, why + remedy
	}
	if !found {
		return "", ""
	}
	switch {
	case live.Kind != p.Kind:
		return GuardKindMismatch, fmt.Sprintf("the uid is the live RAM %s %q and the entry says kind: %s; correct the kind or the uid", live.Kind, live.Name, p.Kind)
	case !p.CreatedAt.IsZero() && !p.CreatedAt.Truncate(time.Second).Equal(live.CreatedAt.Truncate(time.Second)):
		return GuardIdentityConflict, fmt.Sprintf("the live %s %q was created at %s and the entry says %s; check the uid", live.Kind, live.Name, stamp(live.CreatedAt), stamp(p.CreatedAt))
	case p.CreatedAt.IsZero() && p.Name != "" && p.Name != live.Name:
		return GuardIdentityConflict, fmt.Sprintf("the live %s is named %q and the entry says %q; check the uid, or state createdAt: %s if it was renamed", live.Kind, live.Name, p.Name, stamp(live.CreatedAt))
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
		if p.Deleted {
			w = append(w, "stated-deleted-but-live")
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

// contradicted refuses an entry for what only its rows show: a deleted uid
// whose rows say the other kind, or a uid that belongs to a cloud service. For
// a live uid a contrary row is only a warning: the listing has spoken.
func contradicted(e *Entry, s *Subject, lists []ClusterList) (guard, message string) {
	other := false
	for _, g := range s.Grants {
		other = other || g.RAMRole != (e.Kind == Role)
	}
	for _, l := range lists {
		for _, h := range l.Holders {
			if h.UID != e.UID {
				continue
			}
			if h.Service != "" {
				return GuardProtected, fmt.Sprintf("on cluster %s the uid belongs to the cloud service %q: take the entry out", l.Cluster, h.Service)
			}
			other = other || h.Kind() != "" && h.Kind() != e.Kind
		}
	}
	switch {
	case other && e.Identity == Deleted:
		return GuardKindMismatch, fmt.Sprintf("the uid is deleted and its rows say that it was no %s; correct the kind or the uid", e.Kind)
	case other:
		e.Warnings = append(e.Warnings, "rows-say-other-kind")
	}
	return "", ""
}
