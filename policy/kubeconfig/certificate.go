package kubeconfig

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"math/big"
	"regexp"
	"slices"
	"strings"
	"time"
)

const (
	certData = "client-certificate-data"
	keyData  = "client-key-data"
)

// Masters is the group that Kubernetes lets do everything, whatever RBAC says.
const Masters = "system:masters"

// Certificate is what a client certificate says of its holder.
type Certificate struct {
	UID    string // of the RAM principal; "" where the CN is no uid
	Suffix string // of the CN behind the uid, without its dash; often the time of issue

	CommonName    string
	Organisations []string // groups to Kubernetes; sorted
	Issuer        string
	Serial        string // upper-case hexadecimal, as openssl prints it
	PublicKey     string // "RSA 2048"

	NotBefore, NotAfter time.Time // UTC

	CA      bool // it may sign others, as no client's does
	Masters bool // no revocation of RBAC ends it
	Others  int  // further certificates beside it, of its chain
}

// Limits of what is decoded. A Go server, and so an API server, refuses a
// handshake whose certificates are larger; nothing above can authenticate.
const (
	maxDER   = 256 << 10
	maxChain = 16
)

// nameForm is a RAM principal as ACK writes it into the CN.
var nameForm = regexp.MustCompile(`^(\d{1,32})(?:-(\d+))?$`)

// certificates decodes base64 of PEM. It returns what could be read and says
// what could not; neither holds a byte that is no certificate.
func certificates(text string) (list []*x509.Certificate, problem string) {
	if len(text) > 2*maxDER {
		return nil, fmt.Sprintf("it is larger than %d KiB: no server would take it", 2*maxDER>>10)
	}
	rest, err := decode64(text)
	if err != nil {
		return nil, err.Error()
	}
	for {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			break
		}
		switch {
		case strings.HasSuffix(block.Type, "PRIVATE KEY"):
			return list, "there is a private key where certificates belong"
		case block.Type != "CERTIFICATE":
			return list, "there is something else than a certificate in it"
		case len(list) == maxChain:
			return list, fmt.Sprintf("it has more than %d certificates: the rest is not read", maxChain)
		}
		c, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return list, fmt.Sprintf("certificate %d in it is malformed: no API server would take it", len(list)+1)
		}
		list = append(list, c)
	}
	switch {
	case len(list) == 0:
		return nil, "there is no certificate in it"
	case len(strings.TrimSpace(string(rest))) > 0:
		return list, "there is something behind its certificates, which is not read"
	}
	return list, ""
}

func encode(list []*x509.Certificate) []byte {
	var all []byte
	for _, c := range list {
		all = append(all, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Raw})...)
	}
	return all
}

// leafOf is the certificate that a client can show: the first that the key
// fits. Without a key that fits one it is the first, which is what a client
// would send.
func leafOf(list []*x509.Certificate, public publicKey) int {
	return max(0, slices.IndexFunc(list, func(c *x509.Certificate) bool { return fits(c, public) }))
}

func describe(list []*x509.Certificate, leaf int) *Certificate {
	x := list[leaf]
	c := &Certificate{
		CommonName: shown(x.Subject.CommonName), Issuer: shown(x.Issuer.String()), Serial: serial(x.SerialNumber), PublicKey: publicKeyOf(x),
		NotBefore: x.NotBefore.UTC(), NotAfter: x.NotAfter.UTC(), Others: len(list) - 1,
		CA: x.IsCA, Masters: slices.Contains(x.Subject.Organization, Masters),
	}
	if m := nameForm.FindStringSubmatch(x.Subject.CommonName); m != nil {
		c.UID, c.Suffix = m[1], m[2]
	}
	for _, o := range x.Subject.Organization {
		c.Organisations = append(c.Organisations, shown(o))
	}
	slices.Sort(c.Organisations)
	return c
}

func serial(n *big.Int) string {
	digits := fmt.Sprintf("%X", n)
	if len(digits)%2 == 1 {
		return "0" + digits
	}
	return digits
}

func publicKeyOf(c *x509.Certificate) string {
	switch k := c.PublicKey.(type) {
	case *rsa.PublicKey:
		return fmt.Sprintf("RSA %d", k.N.BitLen())
	case *ecdsa.PublicKey:
		return "ECDSA " + k.Curve.Params().Name
	case ed25519.PublicKey:
		return "Ed25519"
	}
	return "of another kind"
}

// Validity of a certificate at a moment.
type Validity string

// What a certificate can be. The moment of its expiry still counts as valid,
// as it does to a server.
const (
	Valid       Validity = "valid"
	Expired     Validity = "expired"
	NotYetValid Validity = "not-yet-valid"
)

// At says whether the certificate is in force by its own dates.
func (c *Certificate) At(now time.Time) Validity {
	switch {
	case now.After(c.NotAfter):
		return Expired
	case now.Before(c.NotBefore):
		return NotYetValid
	}
	return Valid
}

// DaysLeft is the number of whole days until the expiry, 0 after it.
func (c *Certificate) DaysLeft(now time.Time) int {
	return max(0, int(c.NotAfter.Sub(now)/(24*time.Hour)))
}
