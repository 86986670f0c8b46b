package policy

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// What people hand in instead of a policy: the manifest that carries it to a
// cluster, a kubeconfig, a report. A list of unknown keys would tell them nothing,
// so it is named as what it is, with what to do; no value of it is ever shown.

// foreign are the documents of a file that are no policy at sight.
type foreign struct {
	documents int
	roots     []*yaml.Node
}

// see takes note of a document.
func (f *foreign) see(root *yaml.Node) {
	f.documents++
	if named(root) != "" {
		f.roots = append(f.roots, root)
	}
}

// key returns the key and the value of a mapping; nil, nil where it has none such.
func key(n *yaml.Node, name string) (k, v *yaml.Node) {
	if n == nil || n.Kind != yaml.MappingNode {
		return nil, nil
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Kind == yaml.ScalarNode && n.Content[i].Value == name {
			return n.Content[i], n.Content[i+1]
		}
	}
	return nil, nil
}

// word is the text of a key, "" where it has none.
func word(n *yaml.Node, name string) string {
	if _, v := key(n, name); v != nil && v.Kind == yaml.ScalarNode && v.Tag == strTag {
		return v.Value
	}
	return ""
}

// The kinds of foreign documents that have no kind of their own.
const (
	isReport     = "report"
	isKubeconfig = "kubeconfig"
)

// named says what a document is that is no policy; "" where it may be one.
func named(root *yaml.Node) string {
	list, _ := key(root, "principals")
	kind, users := word(root, "kind"), 0
	for _, k := range []string{"clusters", "contexts", "users", "current-context"} {
		if at, _ := key(root, k); at != nil {
			users++
		}
	}
	version, _ := key(root, "apiVersion")
	switch {
	case list != nil && word(root, "schema") == "":
		return ""
	case strings.HasPrefix(word(root, "schema"), "ackrevoke."):
		return isReport
	case users >= 2 && (kind == "" || kind == "Config"), kind == "Config" && version != nil:
		return isKubeconfig
	case version != nil:
		return kind
	}
	return ""
}

// foreign says what a file is whose first document that says anything is no
// policy, and reports whether it is one. It is the only problem that is told then:
// all others would be about a format that nobody meant.
func (l *loader) foreign(root *yaml.Node, f foreign) bool {
	if len(f.roots) == 0 || root != nil && root.Tag != nullTag && named(root) == "" {
		return false
	}
	for _, r := range f.roots {
		if at, found := carried(r); found != nil {
			l.manifest(r, fmt.Sprintf("the policy is under %s, line %d: %s", strings.Join(at, "."), found.Line+block(found),
				l.extract(r, at, f.documents > 1)))
			return true
		}
	}
	r := f.roots[0]
	switch kind := named(r); kind {
	case isReport:
		at, _ := key(r, "schema")
		l.at(RuleNoPolicy, at, "this is a report of ackrevoke (%s), not a policy: give the policy with --policy, and the place of the report "+
			"with --report", bare(word(r, "schema")))
	case isKubeconfig:
		l.at(RuleNoPolicy, first(r, "kind", "clusters", "contexts", "users"), "this is a kubeconfig, not a policy: ackrevoke inspect %s says "+
			"whose certificates it holds, and prints the entry that ends them", l.handle())
	case "Secret":
		l.manifest(r, "if it holds a kubeconfig, ackrevoke inspect "+l.handle()+" says whose; a policy has version, account and principals "+
			"at its top")
	default:
		l.manifest(r, "nothing in it is a policy, which has version, account and principals at its top")
	}
	return true
}

// manifest says that a document is an object of Kubernetes.
func (l *loader) manifest(r *yaml.Node, what string) {
	kind := word(r, "kind")
	article := "a"
	if strings.ContainsAny(kind[:1], "AEIOUaeiou") {
		article = "an"
	}
	l.at(RuleNoPolicy, first(r, "kind"), "this is %s %s (a Kubernetes manifest), not a policy: %s", article, bare(kind), what)
}

// first is the first of these keys that a mapping has.
func first(r *yaml.Node, names ...string) *yaml.Node {
	for _, name := range names {
		if at, _ := key(r, name); at != nil {
			return at
		}
	}
	return r
}

// block is 1 for a text that begins on the line after its key.
func block(n *yaml.Node) int {
	if n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0 {
		return 1
	}
	return 0
}

// carried finds the policy in a ConfigMap, or in one of a List of them: where it
// is, and its text. The path has items[1], data and the key.
func carried(r *yaml.Node) (at []string, text *yaml.Node) {
	if _, items := key(r, "items"); items != nil && items.Kind == yaml.SequenceNode && strings.HasSuffix(word(r, "kind"), "List") {
		for i, item := range items.Content {
			if at, text := inConfigMap(item); text != nil {
				return append([]string{fmt.Sprintf("items[%d]", i)}, at...), text
			}
		}
		return nil, nil
	}
	if word(r, "kind") != "ConfigMap" {
		return nil, nil
	}
	return inConfigMap(r)
}

func inConfigMap(r *yaml.Node) (at []string, text *yaml.Node) {
	_, data := key(r, "data")
	if data == nil || data.Kind != yaml.MappingNode {
		return nil, nil
	}
	for i := 0; i+1 < len(data.Content); i += 2 {
		k, v := data.Content[i], data.Content[i+1]
		if dataKey.MatchString(k.Value) && v.Kind == yaml.ScalarNode && (k.Value == "policy.yaml" || policyText(v.Value)) {
			return []string{"data", k.Value}, v
		}
	}
	return nil, nil
}

// policyText reports whether a text is meant as a policy, however wrong it is.
func policyText(text string) bool {
	root, _, _, err := parse([]byte(text))
	list, _ := key(root, "principals")
	return err == nil && list != nil
}

// What stands in a command is plain and short, or left out: no other key has a place
// in a ConfigMap, and no other name an object [Kubernetes core/v1 ConfigMap].
var (
	dataKey    = regexp.MustCompile(`^[-._a-zA-Z0-9]{1,60}$`)
	objectName = regexp.MustCompile(`^[a-z0-9][-.a-z0-9]{0,62}$`)
	plainFile  = regexp.MustCompile(`^[a-zA-Z0-9_./][-\w./]{0,99}$`) // needs no quotes in a shell
)

// handle is the name of the file for a command line.
func (l *loader) handle() string {
	if plainFile.MatchString(l.file) {
		return l.file
	}
	return "FILE"
}

// extract is how to get the policy out of a manifest: from the file, and of a single
// ConfigMap also from the cluster that it was applied to.
func (l *loader) extract(r *yaml.Node, at []string, several bool) string {
	name := at[len(at)-1]
	path := "." + strings.Join(slices.Concat(at[:len(at)-1], nil), ".") + `["` + name + `"]`
	if several {
		path += " | select(.)"
	}
	text := "extract it with: yq -r '" + path + "' " + l.handle() + " > policy.yaml"
	_, meta := key(r, "metadata")
	object, space := word(meta, "name"), word(meta, "namespace")
	if len(at) > 2 || !objectName.MatchString(object) {
		return text
	}
	if objectName.MatchString(space) {
		object = "-n " + space + " " + object
	}
	return text + "; or from the cluster: kubectl get configmap " + object + " -o jsonpath='{.data." + strings.ReplaceAll(name, ".", `\.`) +
		"}' > policy.yaml"
}
