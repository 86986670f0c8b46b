package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strconv"
)

// EvidenceVerdict is what a leaked credential was worth when it was tried.
type EvidenceVerdict string

// The verdicts of proofs. The last one proves nothing, least of all "dead".
const (
	ProvenDead      EvidenceVerdict = "dead"
	ProvenPowerless EvidenceVerdict = "powerless"
	ProvenAlive     EvidenceVerdict = "alive"
	ProvenNothing   EvidenceVerdict = "unreachable"
)

// Evidence is what a cluster itself said of a leaked credential. It is added to
// the report of a run afterwards and changes nothing else in it.
type Evidence struct {
	At          Time                 `json:"at"`
	Verdict     EvidenceVerdict      `json:"verdict"`
	Why         string               `json:"why"`
	Hint        string               `json:"hint"`    // "" where nothing is left to do
	Cluster     EvidenceCluster      `json:"cluster"` // "" where only its server was named
	Server      string               `json:"server"`  // the URL that was asked
	Context     string               `json:"context"` // of the file
	Certificate EvidenceCertificate  `json:"certificate"`
	Username    string               `json:"username"`   // whom the server takes it for
	Groups      []string             `json:"groups"`     // sorted
	Namespaces  []string             `json:"namespaces"` // asked, sorted; bindings elsewhere were not looked for
	May         []EvidencePermission `json:"may"`        // beyond what any authenticated user may
	MayMore     int                  `json:"mayMore"`    // further ones, not listed
	Access      []EvidenceAccess     `json:"access"`     // what was asked one by one, in the order asked
	Unanswered  []string             `json:"unanswered"` // what could not be asked, and why
}

// EvidenceCluster names the cluster of a proof.
type EvidenceCluster struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// EvidenceCertificate is the public part of the credential.
type EvidenceCertificate struct {
	UID        string `json:"uid"` // "" where the common name is none
	CommonName string `json:"commonName"`
	Serial     string `json:"serial"` // hexadecimal
	SHA256     string `json:"sha256"` // of the certificate, hexadecimal
	Expires    Time   `json:"expires"`
}

// EvidencePermission is something that the credential may do.
type EvidencePermission struct {
	Verbs      []string `json:"verbs"`
	APIGroups  []string `json:"apiGroups"` // "" is the core group
	Resources  []string `json:"resources"`
	Names      []string `json:"names"`      // of single objects; none for all
	URLs       []string `json:"urls"`       // of what is no resource
	Namespaces []string `json:"namespaces"` // where it was seen
}

// EvidenceAccess is one question and its answer.
type EvidenceAccess struct {
	Verb      string `json:"verb"`
	APIGroup  string `json:"apiGroup"`
	Resource  string `json:"resource"`
	Namespace string `json:"namespace"` // "" for all of them
	Allowed   bool   `json:"allowed"`
	Reason    string `json:"reason"` // the server's; RBAC names the binding
}

func (p Evidence) key() []string {
	return []string{p.At.String(), p.Server, p.Certificate.SHA256, string(p.Verdict)}
}

func (p EvidencePermission) key() []string {
	return slices.Concat(p.APIGroups, []string{"/"}, p.Resources, []string{"/"}, p.Verbs, []string{"/"}, p.Names, []string{"/"}, p.URLs)
}

// proofs rejects a proof that says dead or powerless over something that is
// allowed, or alive over nothing.
func (c *checker) proofs() {
	for i, p := range c.report.Proofs {
		allowed := len(p.May) > 0 || slices.ContainsFunc(p.Access, func(a EvidenceAccess) bool { return a.Allowed })
		switch p.Verdict {
		case ProvenDead, ProvenPowerless:
			c.that(!allowed, "proof %d: %s, but something is allowed", i+1, p.Verdict)
			c.that(p.Verdict == ProvenDead || len(p.Unanswered) == 0, "proof %d: powerless, but %d questions are not answered", i+1,
				len(p.Unanswered))
		case ProvenAlive:
			c.that(allowed, "proof %d: alive, but nothing is allowed", i+1)
		case ProvenNothing:
		default:
			c.that(false, "proof %d: verdict %q is none", i+1, p.Verdict)
		}
	}
}

// Attachable reads a report that a proof is to be added to. It refuses one
// that does not add up, and one with fields that this program does not know:
// written again they would be lost.
func Attachable(path string) (*Report, error) {
	if err := Probe(path); err != nil {
		return nil, err
	}
	r, err := Read(path)
	if err != nil {
		return nil, err
	}
	if err := Check(r); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read the report: %w", err)
	}
	strict := json.NewDecoder(bytes.NewReader(data))
	strict.DisallowUnknownFields()
	if err := strict.Decode(new(Report)); err != nil {
		return nil, fmt.Errorf("%s was written by a newer ackrevoke, or changed by hand: %w", path, err)
	}
	return r, nil
}

// Attach adds a proof to the report at path, whole or not at all. Everything
// else in it stays as it is.
func Attach(path string, p Evidence) error {
	r, err := Attachable(path)
	if err != nil {
		return err
	}
	r.Proofs = append(r.Proofs, p)
	fillLists(r)
	r.sort()
	if err := Check(r); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return Write(path, r)
}

func (r *Report) proofLists() []list {
	all := []list{byKey("proofs", r.Proofs, Evidence.key)}
	for i, p := range r.Proofs {
		of := " of proof " + strconv.Itoa(i+1)
		all = append(all,
			byKey("groups"+of, p.Groups, func(s string) []string { return []string{s} }),
			byKey("namespaces"+of, p.Namespaces, func(s string) []string { return []string{s} }),
			byKey("may"+of, p.May, EvidencePermission.key))
	}
	return all
}
