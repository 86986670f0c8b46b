package policy

import "strings"

// Names that other programs show, and people copy.
//
//	alice@1234567890123456.onaliyun.com   a user in the console: name, and the account or its alias
//	200000000000000001-1676970192         the CN of a certificate, the subject of its RBAC and the
//	                                      user of a cluster's audit log: uid, and a number

// principalName splits a user principal name. The domain is the account's id,
// an alias of it, which no read of ours tells, or one of the company's own.
func principalName(text string) (name, account string, ok bool) {
	name, domain, at := strings.Cut(text, "@")
	if !at || name == "" {
		return "", "", false
	}
	const suffix = ".onaliyun.com"
	if i := len(domain) - len(suffix); i > 0 && strings.EqualFold(domain[i:], suffix) {
		return name, domain[:i], true
	}
	return "", "", false
}

// certificateName splits the name of a certificate or a subject.
func certificateName(text string) (uid string, ok bool) {
	uid, number, dash := strings.Cut(text, "-")
	return uid, dash && decimal(uid) && len(uid) <= 32 && decimal(number)
}

func decimal(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }

// nameAsShown says how the name of an entry is to be written where it is one
// that other programs show for somebody of that name; "" for any other.
func nameAsShown(stated, name string) string {
	if bare, _, ok := principalName(stated); ok && bare == name {
		return "; the console shows the account behind the name: write name: " + short(bare)
	}
	if _, ok := certificateName(stated); ok {
		return "; what stands there is the name of a certificate: write name: " + short(name) + ", or leave it out"
	}
	return ""
}

// uidAsShown says what to write instead of a name that stands for a uid; ""
// for any other text.
func uidAsShown(text string) string {
	if uid, ok := certificateName(text); ok {
		return "a certificate and its RBAC have a number behind it; write uid: " + short(uid)
	}
	if name, _, ok := principalName(text); ok {
		return "the console shows the name so; write the uid of " + short(name) + ": " + findUID
	}
	return ""
}
