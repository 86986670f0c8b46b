package report

import "ackrevoke/policy"

// InspectSchema names the form of an inspection.
const InspectSchema = "ackrevoke.inspect/v1"

// Inspect is what a leaked kubeconfig is: what it gives access to, as whom,
// until when, and what to put into the policy. It has no place for a key, a
// token or a password. Texts of the file are as the file has them, cut where
// no name is that long.
type Inspect struct {
	Schema      string             `json:"schema"`
	Version     string             `json:"version"`
	File        string             `json:"file"`
	Form        string             `json:"form"` // plain | base64 | secret | answer: what was taken off, never more than one
	InspectedAt Time               `json:"inspectedAt"`
	Live        bool               `json:"live"`      // the account was asked
	Simulated   bool               `json:"simulated"` // and it was a simulated one
	Account     Account            `json:"account"`   // whose it is; empty unless live
	Contexts    []InspectedContext `json:"contexts"`
	Problems    []string           `json:"problems"` // of the file as a whole
	Entries     []LeakEntry        `json:"entries"`
	PolicyYAML  string             `json:"policyYaml"` // the same, to be put under principals
	Errors      []Error            `json:"errors"`
	Verdict     InspectVerdict     `json:"verdict"`
}

// InspectVerdict is how an inspection ended.
type InspectVerdict struct {
	ExitCode int      `json:"exitCode"`
	Reasons  []string `json:"reasons"`
}

// InspectedContext is one way into one cluster. A user that no context names
// has a row without a context.
type InspectedContext struct {
	Content     string         `json:"content"` // kubeconfig | certificate: what it stands in, which may be a certificate by itself
	FoundIn     string         `json:"foundIn"` // key of a Secret or an answer: data.admin.conf, config
	Context     string         `json:"context"`
	Current     bool           `json:"current"`
	Cluster     string         `json:"cluster"` // the file's own name for it, no cluster id
	Server      string         `json:"server"`
	User        string         `json:"user"`
	Certificate *InspectedCert `json:"certificate"`
	Key         string         `json:"key"`         // inline | other | encrypted | unreadable | missing
	NotFollowed []string       `json:"notFollowed"` // keys of the file that point elsewhere or hold another secret
	Problems    []string       `json:"problems"`
	LooksLike   []string       `json:"looksLike"` // texts of the file in the form of a cluster id: a hint, no evidence
	Account     *InspectedLive `json:"account"`   // null unless live
}

// InspectedCert is what a client certificate says.
type InspectedCert struct {
	UID           string   `json:"uid"` // "" where the CN is no uid
	Suffix        string   `json:"suffix"`
	CommonName    string   `json:"commonName"`
	Organisations []string `json:"organisations"`
	Masters       bool     `json:"systemMasters"`
	Issuer        string   `json:"issuer"`
	Serial        string   `json:"serial"`
	PublicKey     string   `json:"publicKey"`
	IssuedAt      Time     `json:"issuedAt"`
	ExpiresAt     Time     `json:"expiresAt"`
	Validity      string   `json:"validity"` // valid | expired | not-yet-valid
	DaysLeft      int      `json:"daysLeft"`
	Others        int      `json:"otherCertificates"` // in the same chain
}

// InspectedLive is what the account says of it.
type InspectedLive struct {
	Clusters []Cluster            `json:"clusters"` // the one that it is for; else those whose API server answers at the address
	PlacedBy string               `json:"placedBy"` // how the one is known: address | expiry | address and expiry; "" where it is not one
	UID      string               `json:"uid"`
	Identity policy.IdentityState `json:"identity"` // "" where the certificate has no uid
	Kind     policy.Kind          `json:"kind"`
	Name     string               `json:"name"`
	Created  Time                 `json:"createdAt"`
	Shows    Certificate          `json:"shows"` // on the one cluster
	Pin      string               `json:"pin"`   // acts | settled | refused | unknown; "" where there is no one cluster
	Why      policy.Why           `json:"why"`
	Reason   string               `json:"reason"`
	Also     []string             `json:"also"` // ids of other clusters with a certificate of the principal and this expiry
}

// LeakEntry is an entry of the policy.
type LeakEntry struct {
	UID          string      `json:"uid"`
	Kind         policy.Kind `json:"kind"` // "" where nobody has said
	Name         string      `json:"name"`
	Created      Time        `json:"createdAt"`
	Reason       string      `json:"reason"`
	Certificates []LeakPin   `json:"certificates"`
	Missing      []string    `json:"missing"` // what has to be filled in
}

// LeakPin is one pin; without a cluster it has to be filled in.
type LeakPin struct {
	Cluster   string   `json:"cluster"`
	PlacedBy  string   `json:"placedBy"` // see InspectedLive
	Expires   Time     `json:"expires"`
	Server    string   `json:"server"`
	LooksLike []string `json:"looksLike"` // cluster ids that the contexts are named after: a hint, no evidence
}

// Encode returns the inspection as JSON, in the manner of a report.
func (i *Inspect) Encode() ([]byte, error) { return encode(i) }
