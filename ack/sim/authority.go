package sim

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/pem"
	"math/big"
	"net/http"
	"time"
)

// authority is the CA that kubeconfigs are issued by. It is made when an account is, lives as long as it does, and is the only thing
// in this room that makes private keys (a test sees to that). No API server trusts it.
type authority struct {
	organization string // of every certificate; empty: none
	certificate  string // as a kubeconfig holds it
	own          *x509.Certificate
	key          *ecdsa.PrivateKey
	issued       map[string]pair
}

// pair is a certificate and its key, as a kubeconfig holds them: PEM in base64.
type pair struct{ certificate, key string }

// newAuthority makes the CA of an account that issues kubeconfigs, nil for any other.
func newAuthority(b behaviour, o Options) *authority {
	if !b.issueKubeconfig || !o.Issue {
		return nil
	}
	y := &authority{organization: b.kubeconfigOrganization, key: newKey(), issued: make(map[string]pair)}
	now := o.Now()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "simulated-account"}, NotBefore: now.Add(-time.Hour),
		NotAfter: now.AddDate(100, 0, 0), KeyUsage: x509.KeyUsageCertSign, BasicConstraintsValid: true, IsCA: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &y.key.PublicKey, y.key)
	must(err)
	y.own, err = x509.ParseCertificate(der)
	must(err)
	y.certificate = inPEM("CERTIFICATE", der)
	return y
}

// pair returns the key pair of a credential, making it at the first time.
func (y *authority) pair(credential, name string, now, expires time.Time) pair {
	if p, there := y.issued[credential]; there {
		return p
	}
	subject := pkix.Name{CommonName: name}
	if y.organization != "" {
		subject.Organization = []string{y.organization}
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(int64(len(y.issued)) + 2), Subject: subject, NotBefore: now.Add(-5 * time.Minute), NotAfter: expires,
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	}
	key := newKey()
	der, err := x509.CreateCertificate(rand.Reader, template, y.own, &key.PublicKey, y.key)
	must(err)
	text, err := x509.MarshalECPrivateKey(key)
	must(err)
	p := pair{inPEM("CERTIFICATE", der), inPEM("EC PRIVATE KEY", text)}
	y.issued[credential] = p
	return p
}

func newKey() *ecdsa.PrivateKey {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(err)
	return key
}

func inPEM(kind string, der []byte) string {
	return base64.StdEncoding.EncodeToString(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
}

// must ends the process where the machine has no randomness left, the one thing that can go wrong here.
func must(err error) {
	if err != nil {
		panic(err)
	}
}

// accessDenied is what RAM tells about a refusal of its own: who lacks what [DOC].
type accessDenied struct {
	AuthAction               string
	AuthPrincipalDisplayName string
	AuthPrincipalOwnerID     string `json:"AuthPrincipalOwnerId"`
	AuthPrincipalType        string
	NoPermissionType         string
	PolicyType               string
}

const (
	implicitDeny = "ImplicitDeny" // nothing allows it
	explicitDeny = "ExplicitDeny" // something forbids it
)

// denied is the refusal of a call whose caller lacks the RAM action. CS words it differently for users and for sessions of roles,
// and has another code than RAM and STS [DOC].
func (a *Account) denied(q *request) *answer {
	out := refuse(http.StatusForbidden, "NoPermission", "You are not authorized to do this action. You should be authorized by RAM.")
	if q.service == cs {
		policy := "RAM"
		if q.caller.kind == roleCaller {
			policy = "STSToken"
		}
		out = refuse(http.StatusForbidden, "StatusForbidden", "%s policy Forbidden for action %s", policy, q.action())
	}
	if a.estate.behaviour.denials == "published" {
		out.denied = a.detail(q)
	}
	return out
}

func (a *Account) detail(q *request) *accessDenied {
	d := &accessDenied{AuthAction: q.action(), AuthPrincipalOwnerID: a.estate.account, NoPermissionType: implicitDeny,
		PolicyType: "AccountLevelIdentityBasedPolicy", AuthPrincipalDisplayName: q.caller.uid}
	switch q.caller.kind {
	case roleCaller:
		d.AuthPrincipalType = "AssumedRoleUser"
		d.AuthPrincipalDisplayName = a.people[q.caller.uid].name + ":" + q.caller.session
	case userCaller:
		d.AuthPrincipalType = "SubUser"
	default: // not to be denied anything in a real account; a fault does not ask
		d.AuthPrincipalType = "Account"
	}
	return d
}

// explicitly turns a denial into one by a policy that forbids.
func (out *answer) explicitly() *answer {
	if out.denied != nil {
		out.denied.NoPermissionType = explicitDeny
	}
	return out
}
