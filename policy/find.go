package policy

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Wanted is somebody whom a person named: by uid, name or ARN, or as another
// program shows them.
type Wanted struct {
	Text    string
	Foreign string // the other account that it says; nobody of it can be found
	uid     string // where the text is one, or begins with one
	name    string // where it is not, or could be both
	kind    Kind   // an ARN says it; "" is any
	user    string // the name in a user principal name
}

// Want reads what a person typed. The account is that of the caller: an ARN of
// another one means nobody here.
//
//	200000000000000001              the uid; or the name, where somebody bears such a name
//	alice                           the name of a user or a role
//	acs:ram::<account>:user/alice   the name of a user
//	acs:ram::<account>:role/deploy  the name of a role
//	acs:ram::<account>:root         the root account
//	alice@<account>.onaliyun.com    the name of a user, as the console shows it; or a name
//	200000000000000001-1676970192   the uid in the name of a certificate or RBAC subject; or a name
func Want(text, account string) (Wanted, error) {
	w := Wanted{Text: text}
	if text == "" || strings.ContainsFunc(text, control) {
		return w, fmt.Errorf("%s is no uid, name or ARN", short(text))
	}
	if rest, arn := strings.CutPrefix(text, "acs:ram:"); arn {
		return w.arn(rest, account)
	}
	w.name = text
	if uid, ok := certificateName(text); ok {
		w.uid = uid
	} else if decimal(text) && len(text) <= 32 {
		w.uid = text
	}
	switch user, of, ok := principalName(text); {
	case ok && of == account:
		w.user = user
	case ok && decimal(of):
		w.Foreign = of
	}
	return w, nil
}

// arn reads what stands behind acs:ram: in an ARN.
func (w Wanted) arn(rest, account string) (Wanted, error) {
	parts := strings.SplitN(rest, ":", 3) // region, account, what
	if len(parts) != 3 {
		return w, fmt.Errorf("%s is no ARN of RAM: it looks like acs:ram::%s:user/alice", short(w.Text), account)
	}
	if parts[1] != account {
		return w, fmt.Errorf("%s belongs to the account %s, and the caller to %s: nobody of another account can be looked up here", short(w.Text),
			short(parts[1]), account)
	}
	kind, name, _ := strings.Cut(parts[2], "/")
	switch {
	case parts[2] == "root":
		w.uid = account
	case kind == "assumed-role":
		role, _, _ := strings.Cut(name, "/")
		return w, fmt.Errorf("%s is a session and holds nothing of its own: name its role, acs:ram::%s:role/%s (its credential is everybody's "+
			"who assumes it)", short(w.Text), account, bare(role))
	case (kind == "user" || kind == "role") && name != "":
		w.name, w.kind = name, Kind(kind)
	default:
		return w, fmt.Errorf("%s is no ARN of a user or role: it looks like acs:ram::%s:user/alice", short(w.Text), account)
	}
	return w, nil
}

// Means reports whether the text is a name of somebody, or the uid.
func (w Wanted) Means(x Identity) bool { return w.uid != "" && x.UID == w.uid || w.names(x) }

func (w Wanted) names(x Identity) bool {
	return w.name != "" && x.Name == w.name && (w.kind == "" || x.Kind == w.kind) || w.user != "" && x.Name == w.user && x.Kind == User
}

// In finds the one principal that is meant. Where it is not exactly one, found
// is false and candidates are those that could be meant: all that fit, or else
// those whose names are near. Nothing is guessed from them.
//
// A uid that is in no listing is found too, as a deleted principal: its
// identity then has a uid and nothing else.
func (w Wanted) In(d Directory) (id Identity, state IdentityState, candidates []Identity) {
	all := slices.Concat(d.Users, d.Roles)
	slices.SortFunc(all, func(a, b Identity) int { return strings.Compare(a.UID, b.UID) })
	var fit []Identity
	for _, x := range all {
		if w.Means(x) {
			fit = append(fit, x)
		}
	}
	switch {
	case w.uid != "" && w.uid == d.Caller.AccountID:
		return Identity{UID: w.uid, Name: "root"}, Live, nil
	case len(fit) == 1 && (w.uid == "" || fit[0].UID == w.uid):
		return fit[0], Live, nil
	case len(fit) > 0:
		return Identity{}, IdentityUnknown, fit
	case w.uid != "":
		return Identity{UID: w.uid}, Deleted, nil
	}
	return Identity{}, IdentityUnknown, w.near(all)
}

// near are those whose names a slip of the hand could have meant, the nearest
// first.
func (w Wanted) near(all []Identity) []Identity {
	const longest = 64
	wanted := strings.ToLower(w.name)
	if name, _, ok := principalName(wanted); ok {
		wanted = name // whatever stands behind it: an alias of the account, which is not known here
	}
	if len(wanted) > longest {
		return nil
	}
	type close struct {
		Identity
		by int
	}
	var near []close
	for _, x := range all {
		name := strings.ToLower(x.Name)
		by := distance(wanted, name[:min(len(name), longest)])
		if by <= max(1, len(wanted)/3) || len(wanted) >= 3 && strings.Contains(name, wanted) {
			near = append(near, close{x, by})
		}
	}
	slices.SortStableFunc(near, func(a, b close) int { return a.by - b.by })
	var out []Identity
	for _, c := range near {
		out = append(out, c.Identity)
	}
	return out
}

// mostNear is how many principals a message names as the likely meaning.
const mostNear = 5

// roundedDigits are the last digits that a spreadsheet or a number of 64 bits
// loses of a uid: both keep the first 15 or so, and a uid has about 18.
const roundedDigits = 4

// NearUIDs returns the live users and roles whose uid a rounded or mistyped one
// could have meant, by uid and at most five: those of the same number of
// digits that differ in nothing but the last four digits, or in exactly one.
// They are for a message; nothing is decided by them.
func NearUIDs(uid string, d Directory) []Identity {
	var near []Identity
	for _, id := range slices.Concat(d.Users, d.Roles) {
		if nearUID(uid, id.UID) {
			near = append(near, id)
		}
	}
	slices.SortFunc(near, func(a, b Identity) int { return cmp.Compare(a.UID, b.UID) })
	return near[:min(len(near), mostNear)]
}

// nearUID reports whether one of two different uids could be the other as a
// slip of the hand or a rounding left it.
func nearUID(a, b string) bool {
	if len(a) != len(b) || a == b {
		return false
	}
	differ := 0
	for i := range len(a) {
		if a[i] != b[i] {
			differ++
		}
	}
	head := len(a) - roundedDigits
	return differ == 1 || head > 0 && a[:head] == b[:head]
}

// CompareUID orders uids as the numbers that they look like: the order in which an
// entry is put into a list.
func CompareUID(a, b string) int {
	a, b = strings.TrimLeft(a, "0"), strings.TrimLeft(b, "0")
	return cmp.Or(cmp.Compare(len(a), len(b)), cmp.Compare(a, b))
}
