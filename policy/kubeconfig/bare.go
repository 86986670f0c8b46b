package kubeconfig

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"slices"
	"strings"
)

// bare reports whether a file is a certificate by itself, in PEM or DER, or
// something else in PEM.
func bare(data []byte) bool {
	if bytes.HasPrefix(bytes.TrimSpace(bytes.TrimPrefix(data, bom)), []byte(pemBegin)) {
		return true
	}
	return isDER(data)
}

func isDER(data []byte) bool {
	const sequence = 0x30 // with which every certificate begins
	if len(data) == 0 || data[0] != sequence || len(data) > maxDER {
		return false
	}
	_, err := x509.ParseCertificate(data)
	return err == nil
}

// certificateFile reads certificates that stand by themselves, as they would
// be read in a kubeconfig. A private key may stand beside them.
func certificateFile(name string, data []byte) (*File, error) {
	p := pemFile{key: KeyMissing}
	switch {
	case isDER(data):
		c, _ := x509.ParseCertificate(data)
		p.list = append(p.list, c)
	case len(data) > 2*maxDER:
		return nil, fmt.Errorf("%s: the file is PEM and larger than %d KiB: no server would take it", name, 2*maxDER>>10)
	default:
		p.read(bytes.TrimSpace(bytes.TrimPrefix(data, bom)))
	}
	if len(p.list) == 0 {
		return nil, fmt.Errorf("%s: the file is PEM, and no certificate can be read from it%s", name, p.instead())
	}
	first := leafOf(p.list, p.public)
	if p.key == KeyInline && !fits(p.list[first], p.public) {
		p.key = KeyOther
	}
	c := Context{Key: p.key, Certificate: describe(p.list, first), Problems: p.problems}
	if c.Certificate.CA {
		c.Problems = append(c.Problems, "the certificate is that of a CA, and no client's")
	}
	return &File{Loose: []Context{c}}, nil
}

// pemFile is what the blocks of a PEM file say together. The key itself is not
// kept.
type pemFile struct {
	list     []*x509.Certificate
	key      KeyState
	public   publicKey // of the first key
	problems []string
}

func (p *pemFile) read(rest []byte) {
	for len(rest) > 0 {
		block, after := pem.Decode(rest)
		if block == nil {
			p.problem("there is something behind its certificates, which is not read")
			return
		}
		if passed := rest[:len(rest)-len(after)]; !bytes.HasPrefix(passed, []byte(pemBegin)) || bytes.Count(passed, []byte(pemBegin)) > 1 {
			p.problem("there is something between its blocks, which is not read")
		}
		if !p.take(block) {
			return
		}
		rest = bytes.TrimSpace(after)
	}
}

// take reads one block, and reports whether the next is to be read.
func (p *pemFile) take(block *pem.Block) bool {
	switch state := keyIn(block); {
	case state != "":
		p.note(block, state)
	case block.Type == "EC PARAMETERS": // stands before a key
	case block.Type != "CERTIFICATE":
		p.problem("there is something else than certificates and keys in it")
	case len(p.list) == maxChain:
		p.problem(fmt.Sprintf("it has more than %d certificates: the rest is not read", maxChain))
		return false
	default:
		c, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			p.problem(fmt.Sprintf("certificate %d in it is malformed: no API server would take it", len(p.list)+1))
			return false
		}
		p.list = append(p.list, c)
	}
	return true
}

// note keeps of the first key its state and its public half.
func (p *pemFile) note(block *pem.Block, state KeyState) {
	if p.key != KeyMissing {
		return
	}
	p.key = state
	if state == KeyInline {
		if p.public = publicHalf(block); p.public == nil {
			p.key = KeyUnreadable
		}
	}
}

// problem notes something once.
func (p *pemFile) problem(text string) {
	if !slices.Contains(p.problems, text) {
		p.problems = append(p.problems, text)
	}
}

func (p *pemFile) instead() string {
	if p.key != KeyMissing {
		p.problem("there is a private key in it, and a key by itself does not say whose it is")
	}
	if len(p.problems) == 0 {
		return ""
	}
	return ": " + strings.Join(p.problems, "; ")
}
