// Package kubeconfig reads a leaked kubeconfig: what it gives access to, and
// as whom.
//
// The file comes from an attacker. Only what stands in it counts: nothing that
// it names is opened, run or asked, and what would have to be is listed by its
// key alone. What is returned holds no key, token or password, so that no
// caller can print one by mistake; [Pair] is the one way to the key.
//
//	bytes --form.go--> content --yaml.go--> nodes --contexts.go--> Context
//	           |          |                                           |
//	base64.go --+          +-- bare.go ------------> certificate.go, key.go
//	secret.go --+
//
// [Open] takes one form off, [Read] none. The room is pure: no files, no
// network, no clock.
package kubeconfig

import (
	"slices"
	"strings"
)

// File is what a kubeconfig says, without its secrets. A certificate by itself
// is a file with a single loose user that has no name.
type File struct {
	Contexts []Context // by name
	Loose    []Context // users that no context names: their certificates have leaked as well
	Problems []string  // what is wrong with the file as a whole
}

// Context is one way into one cluster. Texts are as the file has them, which
// may be hostile; where one looks like key material [Withheld] stands.
type Context struct {
	Name    string
	Current bool

	Cluster string // the name that this file has for it, no cluster id
	Server  string // scheme, host and path; nothing that could be a secret
	CA      []byte // certificates in PEM, all of it public

	User        string
	Certificate *Certificate // nil: none that could be read; Problems says why
	Key         KeyState

	NotFollowed []string // keys that point elsewhere or hold another secret, sorted
	Problems    []string
}

// Limits of what is read. They bound what a hostile file can cost; no file
// that was ever in use comes near them.
const (
	MaxBytes = 10 << 20 // of a file

	maxRows  = 1000  // of contexts, of clusters and of users
	maxName  = 1024  // bytes of a name
	maxMarks = 200e3 // of lines and of the marks that divide one, before the parser is let near
)

// Withheld stands for a text that looks like key material.
const Withheld = "(withheld: it looks like key material)"

// Read reads a kubeconfig in YAML or JSON. The name is used in messages, which
// hold no value of the file.
func Read(name string, data []byte) (*File, error) {
	d, err := read(name, data)
	if err != nil {
		return nil, err
	}
	return d.file(), nil
}

// Current is the context that kubectl would use, or nil.
func (f *File) Current() *Context {
	return f.find(func(c Context) bool { return c.Current })
}

// Context returns the first context of that name, or nil.
func (f *File) Context(name string) *Context {
	return f.find(func(c Context) bool { return c.Name == name })
}

func (f *File) find(is func(Context) bool) *Context {
	if i := slices.IndexFunc(f.Contexts, is); i >= 0 {
		return &f.Contexts[i]
	}
	return nil
}

// shown keeps what looks like a private key from being shown: a key pasted
// into the wrong place is still a key.
func shown(text string) string {
	if strings.Contains(text, "PRIVATE KEY") || strings.Contains(text, pemBegin) || strings.Contains(text, pemBegin64) {
		return Withheld
	}
	return text
}

const (
	pemBegin   = "-----BEGIN"
	pemBegin64 = "LS0tLS1CRUdJTi" // the same in base64
)
