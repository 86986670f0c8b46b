package sim

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// Load reads an estate, as strictly as a policy is read: unknown and repeated keys, aliases, further documents, unquoted ids and
// references to nothing are errors, and all of them are reported at once, as Errors. The name is the one the errors begin with.
// On an error the estate is nil.
func Load(name string, data []byte) (*Estate, error) {
	s := &source{name: name}
	top, err := s.document(data)
	if err != nil {
		return nil, err
	}
	e := s.estate(top)
	if err := s.err(); err != nil {
		return nil, err
	}
	return e, nil
}

// yamlLine finds the line in the parser's own messages.
var yamlLine = regexp.MustCompile(`^yaml: (?:line (\d+): )?`)

// document parses the one document there may be.
func (s *source) document(data []byte) (*yaml.Node, error) {
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	var doc, further yaml.Node
	if err := decoder.Decode(&doc); errors.Is(err, io.EOF) {
		return nil, Errors{fmt.Errorf("%s:1:1: the file is empty", s.name)}
	} else if err != nil {
		return nil, s.syntax(err)
	}
	if err := decoder.Decode(&further); err == nil {
		s.fail(&further, "there is a second document; an estate is one")
	} else if !errors.Is(err, io.EOF) {
		return nil, s.syntax(err)
	}
	s.plain(&doc)
	return doc.Content[0], nil
}

func (s *source) syntax(err error) error {
	line := "1"
	if found := yamlLine.FindStringSubmatch(err.Error()); found != nil && found[1] != "" {
		line = found[1]
	}
	return Errors{fmt.Errorf("%s:%s:1: %s", s.name, line, yamlLine.ReplaceAllString(err.Error(), ""))}
}

// estate reads the sections, those first that others refer to.
func (s *source) estate(top *yaml.Node) *Estate {
	f := s.object(top, "an estate", "account", "caller", "users", "roles", "deleted", "regions", "clusters", "credentials",
		"grants", "cloudServices", "behaviour")
	e := &Estate{account: f.uid("account")}
	x := index{people: make(map[string]kind), clusters: make(map[string]bool), seen: make(map[string]int)}
	if e.account != "" {
		x.people[e.account] = root
	}
	e.principals = append(e.principals, principal{uid: e.account, name: "root", kind: root})
	for _, n := range f.list("users") {
		e.principals = append(e.principals, s.principal(x, n, "a user", user))
	}
	for _, n := range f.list("roles") {
		e.principals = append(e.principals, s.principal(x, n, "a role", role))
	}
	for _, n := range f.list("deleted") {
		e.principals = append(e.principals, s.deleted(x, n))
	}
	if f.nodes["regions"] != nil {
		x.regions = make(map[string]bool)
	}
	for _, n := range f.list("regions") {
		e.regions = append(e.regions, s.region(x, n))
	}
	for _, n := range f.list("clusters") {
		e.clusters = append(e.clusters, s.cluster(x, n))
	}
	if x.regions == nil {
		e.regions = defaultRegions(e.clusters)
	}
	e.caller = s.caller(x, f, e)
	for _, n := range f.list("credentials") {
		e.credentials = append(e.credentials, s.credential(x, n))
	}
	for _, n := range f.list("grants") {
		e.grants = append(e.grants, s.grant(x, n))
	}
	for _, n := range f.list("cloudServices") {
		e.services = append(e.services, s.cloudService(x, n))
	}
	b := s.object(f.nodes["behaviour"], "behaviour", behaviourKeys...)
	e.behaviour = s.behaviour(b)
	if id := e.behaviour.endpointRegion; id != "" && !slices.ContainsFunc(e.regions, func(r region) bool { return r.id == id }) {
		s.fail(b.nodes["endpointRegion"], "there is no region %q", id)
	}

	slices.SortFunc(e.principals[1:], func(a, b principal) int { return strings.Compare(a.uid, b.uid) })
	sortRegions(e.regions)
	slices.SortFunc(e.clusters, func(a, b cluster) int { return strings.Compare(a.id, b.id) })
	return e
}
