package policy

import (
	"bytes"
	"encoding/json"
	"errors"
	"path/filepath"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"gopkg.in/yaml.v3"
)

// unseen are the bad policies that a schema cannot refuse, and why.
var unseen = map[string]string{
	// gone or harmless once the YAML has become plain values
	"alias.yaml":                  "YAML",
	"anchor.yaml":                 "YAML",
	"control-character.yaml":      "YAML",
	"duplicate-key.yaml":          "YAML",
	"empty-second-document.yaml":  "YAML",
	"invalid-utf8.yaml":           "YAML",
	"second-document.yaml":        "YAML",
	"syntax-second-document.yaml": "YAML",
	"uid-block.yaml":              "YAML",
	"utf16.yaml":                  "YAML",
	// needs knowledge that a schema has not
	"assume-role-of-another-account.yaml": "two places",
	"protected-uid.yaml":                  "two places",
	"timezone-offset.yaml":                "names of zones",
	"timezone-unknown.yaml":               "names of zones",
	"uid-twice.yaml":                      "two places",
	"until-before-effective.yaml":         "order of times",
}

func TestSchemaAgreesWithLoad(t *testing.T) {
	t.Parallel()
	published := compiled(t)
	for _, file := range policies(t, "good", 8) {
		value, err := generic(contents(t, file))
		if err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		if err := published.Validate(value); err != nil {
			t.Errorf("%s is a good policy, but: %v", file, err)
		}
	}
	refused := 0
	for _, file := range policies(t, "bad", 60) {
		name := filepath.Base(file)
		value, err := generic(contents(t, file))
		if err != nil {
			continue // not YAML that an editor could check
		}
		err = published.Validate(value)
		if _, ok := unseen[name]; ok == (err != nil) {
			t.Errorf("%s: listed as unseen: %v, but the schema says: %v", name, ok, err)
		}
		if err != nil {
			refused++
		}
	}
	if refused < 40 {
		t.Errorf("the schema refuses %d bad policies, want at least 40", refused)
	}
}

func TestSchemaIsACopy(t *testing.T) {
	t.Parallel()
	clear(Schema())
	if !json.Valid(Schema()) {
		t.Error("a caller could change the schema")
	}
}

func compiled(t testing.TB) *jsonschema.Schema {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(Schema()))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("policy.json", doc); err != nil {
		t.Fatal(err)
	}
	published, err := c.Compile("policy.json")
	if err != nil {
		t.Fatal(err)
	}
	return published
}

// generic is what an editor makes of the first document of the bytes.
func generic(data []byte) (any, error) {
	var doc yaml.Node
	if err := yaml.Unmarshal(data, &doc); err != nil {
		return nil, err
	}
	if len(doc.Content) == 0 {
		return nil, errors.New("empty")
	}
	return plain(doc.Content[0])
}

func plain(n *yaml.Node) (any, error) {
	switch {
	case n.Kind == yaml.AliasNode:
		return plain(n.Alias)
	case n.Kind == yaml.MappingNode:
		m := map[string]any{}
		for i := 0; i+1 < len(n.Content); i += 2 {
			v, err := plain(n.Content[i+1])
			if err != nil {
				return nil, err
			}
			m[n.Content[i].Value] = v
		}
		return m, nil
	case n.Kind == yaml.SequenceNode:
		l := []any{}
		for _, c := range n.Content {
			v, err := plain(c)
			if err != nil {
				return nil, err
			}
			l = append(l, v)
		}
		return l, nil
	case n.Tag == timeTag: // an unquoted date: JSON has only texts for it
		return n.Value, nil
	case n.Tag == intTag, n.Tag == boolTag, n.Tag == nullTag:
		var v any
		err := n.Decode(&v)
		return v, err
	case n.Tag == floatTag:
		return json.Number("0.5"), nil // no number of the format has a fraction
	}
	return n.Value, nil
}
