package kubeconfig

import (
	"cmp"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// What is read of each kind of row, and what is only named: keys that point to
// a file, a program, a server or another identity, or that hold a secret which
// is no certificate.
var (
	clusterRead  = []string{"server", "certificate-authority-data"}
	clusterNamed = []string{"certificate-authority", "insecure-skip-tls-verify", "proxy-url", "tls-server-name"}
	userRead     = []string{certData, keyData}
	userNamed    = []string{"client-certificate", "client-key", "token", "tokenFile", "username", "password",
		"as", "as-uid", "as-groups", "as-user-extra", "auth-provider", "exec"}
)

// userInformation is named like a key where a server URL carries a password.
const userInformation = "user information in server"

// document is a kubeconfig that was read, secrets included; it does not leave
// this package.
type document struct {
	current            string
	contexts           []row
	clusters, users    []row
	firstCluster       map[string]int
	firstUser          map[string]int
	twiceCl, twiceUser map[string]bool
}

// row is one named row of a list.
type row struct {
	name   string
	fields map[string]*yaml.Node
}

func read(name string, data []byte) (*document, error) {
	n, err := root(name, data)
	if err != nil {
		return nil, err
	}
	return readNode(name, n)
}

func readNode(name string, n *yaml.Node) (*document, error) {
	top, err := mapping(name, n, "the file", "kind", "current-context", "contexts", "clusters", "users")
	if err != nil {
		return nil, err
	}
	if kind := value(top["kind"]); kind != "" && kind != "Config" {
		return nil, at(name, top["kind"], "this is no kubeconfig: its kind is not Config")
	}
	if top["contexts"] == nil && top["clusters"] == nil && top["users"] == nil {
		return nil, fmt.Errorf("%s: this is no kubeconfig: it has neither contexts nor clusters nor users", name)
	}
	d := &document{current: value(top["current-context"])}
	if len(d.current) > maxName {
		return nil, at(name, top["current-context"], fmt.Sprintf("a name of more than %d bytes", maxName))
	}
	for _, list := range []struct {
		key, inner string
		to         *[]row
		known      []string
	}{
		{"contexts", "context", &d.contexts, []string{"cluster", "user"}},
		{"clusters", "cluster", &d.clusters, slices.Concat(clusterRead, clusterNamed)},
		{"users", "user", &d.users, slices.Concat(userRead, userNamed)},
	} {
		if *list.to, err = rows(name, top[list.key], list.key, list.inner, list.known); err != nil {
			return nil, err
		}
	}
	d.firstCluster, d.twiceCl = firsts(d.clusters)
	d.firstUser, d.twiceUser = firsts(d.users)
	return d, nil
}

func rows(name string, n *yaml.Node, what, inner string, known []string) ([]row, error) {
	switch {
	case n == nil || null(n):
		return nil, nil
	case n.Kind != yaml.SequenceNode:
		return nil, at(name, n, what+" is no list: this is no kubeconfig")
	case len(n.Content) > maxRows:
		return nil, at(name, n, fmt.Sprintf("%s has more than %d rows: split the file", what, maxRows))
	}
	var all []row
	for _, item := range n.Content {
		outer, err := mapping(name, item, "a row of "+what, "name", inner)
		if err != nil {
			return nil, err
		}
		fields, err := mapping(name, outer[inner], inner, known...)
		if err != nil {
			return nil, err
		}
		for _, text := range []*yaml.Node{outer["name"], fields["cluster"], fields["user"], fields["server"]} {
			if len(value(text)) > maxName {
				return nil, at(name, text, fmt.Sprintf("a name or server of more than %d bytes", maxName))
			}
		}
		all = append(all, row{name: value(outer["name"]), fields: fields})
	}
	return all, nil
}

// firsts finds the first row of each name, and the names that stand twice:
// kubectl refuses a file with those, which does not make its keys harmless.
func firsts(all []row) (first map[string]int, twice map[string]bool) {
	first, twice = map[string]int{}, map[string]bool{}
	for i, r := range all {
		if _, there := first[r.name]; there {
			twice[r.name] = true
		} else {
			first[r.name] = i
		}
	}
	return first, twice
}

// file is what may be shown of the document.
func (d *document) file() *File {
	f := &File{}
	people := make([]Context, len(d.users)) // each read once, however many contexts name it
	for i, u := range d.users {
		people[i] = d.user(u)
	}
	places := make([]Context, len(d.clusters))
	for i, c := range d.clusters {
		places[i] = d.cluster(c)
	}
	used := map[int]bool{}
	seen := map[string]int{}
	for _, r := range d.contexts {
		c := Context{Name: shown(r.name), Cluster: shown(value(r.fields["cluster"])), User: shown(value(r.fields["user"]))}
		seen[r.name]++
		c.Current = r.name == d.current && d.current != "" && seen[r.name] == 1
		if i, there := d.firstCluster[value(r.fields["cluster"])]; there {
			c = onto(c, places[i])
		} else {
			c.Problems = append(c.Problems, "the cluster that it names is not in the file")
		}
		if i, there := d.firstUser[value(r.fields["user"])]; there {
			c = onto(c, people[i])
			used[i] = true
		} else {
			c.Problems = append(c.Problems, "the user that it names is not in the file")
		}
		if seen[r.name] > 1 {
			c.Problems = append(c.Problems, "another context has the same name: kubectl refuses such a file")
		}
		f.Contexts = append(f.Contexts, c)
	}
	for i, u := range people {
		if !used[i] {
			f.Loose = append(f.Loose, u)
		}
	}
	for _, list := range [][]Context{f.Contexts, f.Loose} {
		slices.SortStableFunc(list, func(a, b Context) int {
			return cmp.Or(strings.Compare(a.Name, b.Name), strings.Compare(a.User, b.User))
		})
	}
	switch {
	case len(d.users) == 0:
		f.Problems = append(f.Problems, "it has no users: there is no credential in it")
	case len(d.contexts) == 0:
		f.Problems = append(f.Problems, "it has no contexts: what joins its users with its clusters is missing")
	}
	if d.current != "" && f.Current() == nil {
		f.Problems = append(f.Problems, "its current-context is not among its contexts")
	}
	return f
}

// onto adds what a cluster or a user says to a context.
func onto(c, part Context) Context {
	c.Server, c.CA = cmp.Or(c.Server, part.Server), slices.Concat(c.CA, part.CA)
	if part.Certificate != nil {
		c.Certificate = part.Certificate
	}
	c.Key = cmp.Or(c.Key, part.Key)
	c.NotFollowed = slices.Compact(slices.Sorted(slices.Values(slices.Concat(c.NotFollowed, part.NotFollowed))))
	c.Problems = slices.Concat(c.Problems, part.Problems)
	return c
}

func (d *document) cluster(r row) Context {
	c := Context{Cluster: shown(r.name), NotFollowed: named(r, clusterNamed)}
	if d.twiceCl[r.name] {
		c.Problems = append(c.Problems, "another cluster has the same name: the first is shown, kubectl refuses such a file")
	}
	if text := value(r.fields["server"]); text == "" {
		c.Problems = append(c.Problems, "the cluster names no server")
	} else if u, err := url.Parse(text); err != nil || u.Host == "" {
		c.Problems = append(c.Problems, "the server is no URL")
	} else {
		if u.User != nil {
			c.NotFollowed = append(c.NotFollowed, userInformation)
		}
		c.Server = shown((&url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path}).String())
	}
	if text := value(r.fields["certificate-authority-data"]); text != "" {
		list, problem := certificates(text)
		if problem != "" {
			c.Problems = append(c.Problems, "certificate-authority-data: "+problem)
		}
		c.CA = encode(list)
	}
	return c
}

func (d *document) user(r row) Context {
	c := Context{User: shown(r.name), NotFollowed: named(r, userNamed)}
	if d.twiceUser[r.name] {
		c.Problems = append(c.Problems, "another user has the same name: each is shown, kubectl refuses such a file")
	}
	public, state := key(value(r.fields[keyData]))
	c.Key = state
	text := value(r.fields[certData])
	if text == "" {
		c.Problems = append(c.Problems, "no certificate: "+instead(c.NotFollowed))
		return c
	}
	list, problem := certificates(text)
	if problem != "" {
		c.Problems = append(c.Problems, certData+": "+problem)
	}
	if len(list) == 0 {
		return c
	}
	leaf := leafOf(list, public)
	if state == KeyInline && !fits(list[leaf], public) {
		c.Key = KeyOther
	}
	c.Certificate = describe(list, leaf)
	return c
}

// instead says what a user without an inline certificate has.
func instead(notFollowed []string) string {
	if len(notFollowed) == 0 {
		return "the user has no credential at all"
	}
	return "the user has " + strings.Join(notFollowed, ", ") + " instead, which is not followed"
}

// named lists the keys of a row that are not followed.
func named(r row, keys []string) []string {
	var found []string
	for _, k := range keys {
		if given(r.fields[k]) {
			found = append(found, k)
		}
	}
	slices.Sort(found)
	return found
}
