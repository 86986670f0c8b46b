// Package apiserver asks a cluster itself, as a leaked credential, what that
// credential still opens. It speaks to the Kubernetes API with net/http and the
// certificate that stands in the file; ack speaks to the cloud.
//
//	kubeconfig --Open--> Leaked --Prove--> connect --ask--> judge --> Proof
//
//	apiserver.go  the proof as a value     ask.go       one question, one answer
//	connect.go    the way there            reviews.go   what is asked
//	baseline.go   what everybody may do    prove.go     in what order, and the verdict
//
// The file comes from an attacker and so may the answers. Nothing that the
// file names is followed, no redirect is, and an answer counts only in the form
// that a real API server gives it. "Dead" and "powerless" are said on evidence
// alone: whatever is unclear, broken or missing makes the verdict unreachable.
//
// A Proof has no place for a key, and asking reads nothing of the cluster but
// what it says about the asker.
package apiserver

import (
	"context"
	"net"
	"time"
)

// Verdict is what a leaked credential is worth.
type Verdict string

// The verdicts.
const (
	Dead        Verdict = "dead"        // the server does not authenticate it
	Powerless   Verdict = "powerless"   // it authenticates, and may do nothing that not everybody may
	Alive       Verdict = "alive"       // it may do something
	Unreachable Verdict = "unreachable" // no proof could be had; never counted as dead
)

// Options of a proof. What is zero takes the default named beside it.
type Options struct {
	Server     string        // asked instead of the file's
	Namespaces []string      // beside default and kube-system
	Timeout    time.Duration // 10s; of one question
	Now        func() time.Time
	// Tests reach servers in memory.
	DialContext func(ctx context.Context, network, addr string) (net.Conn, error)
}

// Proof is the evidence. Texts that the server wrote are cut to a length and
// otherwise as it sent them.
type Proof struct {
	Verdict Verdict
	Why     string // one sentence
	Hint    string // what to do next; "" where nothing is left to do
	At      time.Time

	Server      string // the URL that was asked
	Context     string
	UID         string // of the RAM principal; "" where the name is none
	CommonName  string
	Serial      string
	Fingerprint string // SHA-256 of the certificate, hex
	NotAfter    time.Time

	Username   string   // whom the server takes it for; "" where it did not say
	Groups     []string // sorted
	Namespaces []string // asked, sorted; RoleBindings elsewhere were not looked for
	May        []Permission
	MayMore    int      // further ones, not listed
	Access     []Access // in the order of the table
	Unanswered []string // what could not be asked, and why
}

// Permission is something beyond the baseline.
type Permission struct {
	Verbs      []string
	Groups     []string // API groups; "" is the core group
	Resources  []string
	Names      []string // of single objects; none for all
	URLs       []string // of what is no resource
	Namespaces []string // in which it was seen: all that were asked for a cluster-wide one
}

// Access is one access review and its answer.
type Access struct {
	Verb, Group, Resource string
	Namespace             string // "" for all of them
	Allowed               bool
	Reason                string // as the server gives it; RBAC names the binding
}
