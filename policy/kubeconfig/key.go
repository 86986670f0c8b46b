package kubeconfig

import (
	"crypto"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"strings"

	"gopkg.in/yaml.v3"
)

// This file alone looks at keys. [Read] learns the public half and the state,
// [Pair] gives the whole to the one who proves; no error holds a byte of it.

// KeyState is what stands where the private key belongs.
type KeyState string

// A file is of use to a thief only with a key that is inline, or whose
// passphrase or file leaked elsewhere; the certificate is to be revoked in
// every case.
const (
	KeyInline     KeyState = "inline"     // and it fits the certificate, if there is one
	KeyOther      KeyState = "other"      // inline, and fits no certificate of the file
	KeyEncrypted  KeyState = "encrypted"  // inline, under a passphrase
	KeyUnreadable KeyState = "unreadable" // inline, and no key
	KeyMissing    KeyState = "missing"    // not inline
)

// maxKey is of the decoded text of a key: an RSA key of 16,384 bits has 13 KB.
const maxKey = 32 << 10

// publicKey is how all public keys of the standard library compare.
type publicKey interface{ Equal(x crypto.PublicKey) bool }

func fits(c *x509.Certificate, public publicKey) bool {
	return public != nil && c.PublicKey != nil && public.Equal(c.PublicKey)
}

// key finds the public half of a private key.
func key(text string) (publicKey, KeyState) {
	block, state := keyBlock(text)
	if block == nil {
		return nil, state
	}
	public := publicHalf(block)
	if public == nil {
		return nil, KeyUnreadable
	}
	return public, KeyInline
}

// keyBlock finds the first private key. Other blocks before it, such as the
// parameters of a curve, are passed over, as crypto/tls does.
func keyBlock(text string) (*pem.Block, KeyState) {
	switch {
	case text == "":
		return nil, KeyMissing
	case len(text) > 2*maxKey:
		return nil, KeyUnreadable
	}
	rest, err := decode64(text)
	if err != nil {
		return nil, KeyUnreadable
	}
	for {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			return nil, KeyUnreadable
		}
		switch state := keyIn(block); state {
		case KeyEncrypted:
			return nil, KeyEncrypted
		case KeyInline:
			return block, KeyInline
		}
	}
}

// keyIn says which kind of private key a block is by its type, "" for none.
func keyIn(block *pem.Block) KeyState {
	switch {
	case block.Type == "ENCRYPTED PRIVATE KEY", strings.Contains(block.Headers["Proc-Type"], "ENCRYPTED"):
		return KeyEncrypted
	case strings.HasSuffix(block.Type, "PRIVATE KEY"):
		return KeyInline
	}
	return ""
}

// publicHalf reads no more of an RSA key than its modulus and exponent:
// parsing the whole also checks the primes, and a file may hold a thousand
// keys made to take long.
func publicHalf(block *pem.Block) publicKey {
	if public := rsaHalf(block.Bytes); public != nil {
		return public
	}
	var outer struct {
		Version   int
		Algorithm pkix.AlgorithmIdentifier
		Key       []byte
	}
	if _, err := asn1.Unmarshal(block.Bytes, &outer); err == nil {
		if public := rsaHalf(outer.Key); public != nil {
			return public
		}
	}
	private, err := whole(block.Bytes)
	if err != nil {
		return nil
	}
	public, _ := private.Public().(publicKey)
	return public
}

func rsaHalf(der []byte) publicKey {
	var half struct { // of RSAPrivateKey in RFC 8017; the rest of the sequence is passed over
		Version int
		N       *big.Int
		E       int
	}
	if _, err := asn1.Unmarshal(der, &half); err != nil || half.N.Sign() <= 0 {
		return nil
	}
	return &rsa.PublicKey{N: half.N, E: half.E}
}

var errNoKey = errors.New("it is no private key that can be read")

// whole parses a private key. Errors of the parsers are not passed on.
func whole(der []byte) (crypto.Signer, error) {
	if k, err := x509.ParsePKCS1PrivateKey(der); err == nil {
		return k, nil
	}
	if k, err := x509.ParseECPrivateKey(der); err == nil {
		return k, nil
	}
	if k, err := x509.ParsePKCS8PrivateKey(der); err == nil {
		if signer, ok := k.(crypto.Signer); ok {
			return signer, nil
		}
	}
	return nil, errNoKey
}

// Pair returns the certificate chain and key of one context, of the current
// one for "", so that somebody can show what they still open. It refuses what
// is not inline.
func Pair(data []byte, context string) (tls.Certificate, error) {
	d, err := read("kubeconfig", data)
	if err != nil {
		return tls.Certificate{}, err
	}
	fields, err := d.fields(context)
	if err != nil {
		return tls.Certificate{}, err
	}
	list, problem := certificates(value(fields[certData]))
	if value(fields[certData]) == "" {
		problem = "it is not inline in the file, and nothing else is followed"
	}
	if len(list) == 0 {
		return tls.Certificate{}, fmt.Errorf("no certificate to show: %s: %s", certData, problem)
	}
	block, state := keyBlock(value(fields[keyData]))
	if block == nil {
		return tls.Certificate{}, fmt.Errorf("no key to show the certificate with: %s", keyProblems[state])
	}
	private, err := whole(block.Bytes)
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("no key to show the certificate with: %s: %w", keyData, err)
	}
	public, _ := private.Public().(publicKey)
	leaf := leafOf(list, public)
	if !fits(list[leaf], public) {
		return tls.Certificate{}, fmt.Errorf("no key to show the certificate with: %s", keyProblems[KeyOther])
	}
	pair := tls.Certificate{PrivateKey: private, Leaf: list[leaf], Certificate: [][]byte{list[leaf].Raw}}
	for i, c := range list {
		if i != leaf {
			pair.Certificate = append(pair.Certificate, c.Raw)
		}
	}
	return pair, nil
}

var keyProblems = map[KeyState]string{
	KeyMissing:    keyData + " is not inline in the file, and nothing else is followed",
	KeyEncrypted:  keyData + " is under a passphrase",
	KeyUnreadable: keyData + ": " + errNoKey.Error(),
	KeyOther:      keyData + " fits no certificate of the file",
}

// fields of the user of a context.
func (d *document) fields(context string) (map[string]*yaml.Node, error) {
	if context == "" {
		context = d.current
	}
	if context == "" {
		return nil, errors.New("the file has no current-context: name a context")
	}
	for _, c := range d.contexts {
		if c.name != context {
			continue
		}
		i, there := d.firstUser[value(c.fields["user"])]
		if !there {
			return nil, errors.New("the user that the context names is not in the file")
		}
		return d.users[i].fields, nil
	}
	return nil, errors.New("the file has no context of that name")
}
