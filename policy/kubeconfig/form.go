package kubeconfig

import "fmt"

// Form is what a file puts around a kubeconfig or a certificate.
type Form string

// The forms that are read. Only one is ever taken off: what stands inside must
// be a kubeconfig or a certificate itself.
const (
	Plain  Form = "plain"  // nothing
	Base64 Form = "base64" // of it, in one piece or in lines, with either alphabet
	Secret Form = "secret" // the manifest of a Kubernetes Secret
	Answer Form = "answer" // what the service says when it is asked for one [CS DescribeClusterUserKubeconfig]
)

// Content is what was found inside.
type Content string

// What can be found. A certificate by itself names no server.
const (
	Kubeconfig Content = "kubeconfig"
	ByItself   Content = "certificate"
)

// Opened is what a file holds, without its secrets.
type Opened struct {
	Form     Form
	Found    []Found  // one; of a Secret one for each key that holds one, by key
	Problems []string // keys of a Secret that were not read, and why
}

// Found is one kubeconfig or certificate.
type Found struct {
	Content Content
	Key     string // where in the file it stood: data.admin.conf, config; "" where it fills the file
	*File
}

// Open reads a kubeconfig, or a certificate by itself, in any form in which
// people come upon one. The name is used in messages, which hold no value of
// the file. The limits of [Read] hold for the file and for what is inside.
func Open(name string, data []byte) (*Opened, error) {
	if err := small(name, data); err != nil {
		return nil, err
	}
	if raw, ok := unbase64(data); ok {
		return one(Base64, "", name+" (taken for base64)", raw)
	}
	if bare(data) {
		return one(Plain, "", name, data)
	}
	n, err := root(name, data)
	if err != nil {
		return nil, err
	}
	top, err := mapping(name, n, "the file", "kind", "config", "contexts", "clusters", "users")
	if err != nil {
		return nil, err
	}
	kind := value(top["kind"])
	switch {
	case kind == "Secret":
		return openSecret(name, n)
	case kind == "List":
		return nil, at(name, top["kind"], "this is a List of Kubernetes: give one Secret of it by itself")
	case kind == "" && value(top["config"]) != "" && top["contexts"] == nil && top["clusters"] == nil && top["users"] == nil:
		return one(Answer, "config", name+" (config)", []byte(value(top["config"])))
	}
	d, err := readNode(name, n)
	if err != nil {
		return nil, err
	}
	return &Opened{Form: Plain, Found: []Found{{Kubeconfig, "", d.file()}}}, nil
}

// one is a form that holds a single content.
func one(form Form, key, name string, data []byte) (*Opened, error) {
	f, err := inside(name, data)
	if err != nil {
		return nil, err
	}
	f.Key = key
	return &Opened{Form: form, Found: []Found{*f}}, nil
}

// inside reads what stands in a form. It takes no form off.
func inside(name string, data []byte) (*Found, error) {
	content, read := Kubeconfig, Read
	if bare(data) {
		content, read = ByItself, certificateFile
	}
	f, err := read(name, data)
	if err != nil {
		return nil, err
	}
	return &Found{Content: content, File: f}, nil
}

func small(name string, data []byte) error {
	if len(data) > MaxBytes {
		return fmt.Errorf("%s: the file is larger than %d MiB: no kubeconfig is", name, MaxBytes>>20)
	}
	return nil
}
