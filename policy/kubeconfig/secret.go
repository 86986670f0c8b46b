package kubeconfig

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// Limits of a Secret. An API server takes no more than 1 MiB of data in one,
// nor a key of another form [Kubernetes core/v1 Secret].
const (
	maxSecret  = 1 << 20
	mostUnread = 16 // keys of which is said why they are not read
)

var secretKey = regexp.MustCompile(`^[-._a-zA-Z0-9]{1,253}$`)

// entry is one value of a Secret.
type entry struct {
	at   string // data.admin.conf
	text []byte
	err  error // it could not be decoded
}

// openSecret reads every value that holds a kubeconfig or a certificate. What
// stringData says stands beside data, although an API server would let it win:
// both have leaked.
func openSecret(name string, n *yaml.Node) (*Opened, error) {
	entries, err := entriesOf(name, n)
	if err != nil {
		return nil, err
	}
	o := &Opened{Form: Secret}
	ways, unread := 0, 0
	for _, e := range entries {
		f, err := e.open(name)
		if err != nil {
			if unread++; unread <= mostUnread {
				o.Problems = append(o.Problems, err.Error())
			}
			continue
		}
		o.Found = append(o.Found, *f)
		if ways += len(f.Contexts) + len(f.Loose); ways > 2*maxRows { // as many as one kubeconfig can have
			return nil, fmt.Errorf("%s: the Secret has more than %d ways in: split it", name, 2*maxRows)
		}
	}
	if more := unread - mostUnread; more > 0 {
		o.Problems = append(o.Problems, fmt.Sprintf("%d more of its keys are not read", more))
	}
	if len(o.Found) == 0 {
		return nil, fmt.Errorf("%s: no key of this Secret holds a kubeconfig or a certificate%s", name, first(o.Problems))
	}
	return o, nil
}

// entriesOf are the values of both maps, in order.
func entriesOf(name string, n *yaml.Node) ([]entry, error) {
	top, err := mapping(name, n, "the file", "data", "stringData")
	if err != nil {
		return nil, err
	}
	entries, err := values(name, "data", top["data"], true)
	if err != nil {
		return nil, err
	}
	more, err := values(name, "stringData", top["stringData"], false)
	if err != nil {
		return nil, err
	}
	entries = append(entries, more...)
	if err := bounded(name, entries); err != nil {
		return nil, err
	}
	slices.SortFunc(entries, func(a, b entry) int { return strings.Compare(a.at, b.at) })
	return withKeys(entries), nil
}

func first(problems []string) string {
	if len(problems) == 0 {
		return ""
	}
	return "; the first: " + problems[0]
}

func (e entry) open(name string) (*Found, error) {
	name += " (" + e.at + ")"
	if e.err != nil {
		return nil, fmt.Errorf("%s: %w", name, e.err)
	}
	f, err := inside(name, e.text)
	if err != nil {
		return nil, err
	}
	if f.Content == ByItself && f.Loose[0].Certificate.CA && f.Loose[0].Key == KeyMissing {
		return nil, fmt.Errorf("%s: the certificate is that of a CA, which opens nothing", name)
	}
	f.Key = e.at
	return f, nil
}

// values are the texts of one map of a Secret, empty ones left out.
func values(name, what string, n *yaml.Node, encoded bool) ([]entry, error) {
	switch {
	case n == nil || null(n):
		return nil, nil
	case n.Kind != yaml.MappingNode:
		return nil, at(name, n, what+" is no mapping: this is no Secret")
	case len(n.Content)/2 > maxRows:
		return nil, at(name, n, fmt.Sprintf("%s has more than %d keys: split the file", what, maxRows))
	}
	var all []entry
	seen := map[string]bool{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, v := n.Content[i], n.Content[i+1]
		switch {
		case key.Kind != yaml.ScalarNode || !secretKey.MatchString(key.Value):
			return nil, at(name, key, "a key of "+what+" that no Secret can have")
		case seen[key.Value]:
			return nil, at(name, key, "a key stands twice in "+what+": take one out, and inspect each")
		case v.Kind != yaml.ScalarNode:
			return nil, at(name, v, "a value of "+what+" is no text: this is no Secret")
		}
		seen[key.Value] = true
		if value(v) != "" {
			all = append(all, newEntry(what+"."+shown(key.Value), value(v), encoded))
		}
	}
	return all, nil
}

func newEntry(at, text string, encoded bool) entry {
	if !encoded {
		return entry{at: at, text: []byte(text)}
	}
	raw, err := decode64(text)
	return entry{at, raw, err}
}

// bounded holds all values together to what one file may cost.
func bounded(name string, entries []entry) error {
	size, all := 0, 0
	for _, e := range entries {
		size += len(e.text)
		all += marks(e.text)
	}
	switch {
	case size > maxSecret:
		return fmt.Errorf("%s: the Secret is larger than %d MiB: no API server takes such a one", name, maxSecret>>20)
	case all > maxMarks:
		return fmt.Errorf("%s: the values of the Secret have more than %d lines and separators: no kubeconfig has", name, int(maxMarks))
	}
	return nil
}

// withKeys puts the key of a TLS pair behind its certificate, so that what is
// said of the key is true [Kubernetes, type kubernetes.io/tls].
func withKeys(entries []entry) []entry {
	const certificate, key = ".tls.crt", ".tls.key"
	for _, k := range entries {
		in, found := strings.CutSuffix(k.at, key)
		i := slices.IndexFunc(entries, func(e entry) bool { return e.at == in+certificate })
		if !found || i < 0 || k.err != nil || entries[i].err != nil {
			continue
		}
		joined := slices.Clone(entries)
		joined[i].text = slices.Concat(joined[i].text, []byte("\n"), k.text)
		entries = slices.DeleteFunc(joined, func(e entry) bool { return e.at == k.at })
	}
	return entries
}
