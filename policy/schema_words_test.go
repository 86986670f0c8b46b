package policy

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"
)

// The schema is what an editor shows to whoever writes a policy, so every key
// has a description of its own: whole sentences that end.
func TestSchemaIsWrittenForPeople(t *testing.T) {
	t.Parallel()
	var schema map[string]any
	if err := json.Unmarshal(Schema(), &schema); err != nil {
		t.Fatal(err)
	}
	keys := 0
	var walk func(path string, node any)
	walk = func(path string, node any) {
		object, is := node.(map[string]any)
		if list, isList := node.([]any); isList {
			for _, n := range list {
				walk(path, n)
			}
		}
		if !is {
			return
		}
		for name, value := range object {
			named, _ := value.(map[string]any)
			if name == "properties" || name == "$defs" {
				for key, of := range named {
					if !strings.Contains(path, " if") {
						keys++
						sentences(t, path+" "+key, of.(map[string]any))
					}
				}
			}
			walk(path+" "+name, value)
		}
	}
	walk("", schema)
	if keys < 50 {
		t.Errorf("only %d keys were found", keys)
	}
}

func sentences(t *testing.T, path string, of map[string]any) {
	t.Helper()
	text, _ := of["description"].(string)
	switch {
	case text == "":
		t.Errorf("%s has no description", path)
	case !strings.HasSuffix(text, ".") && !strings.HasSuffix(text, ": []."), len(strings.Fields(text)) < 4:
		t.Errorf("%s: %q is no sentence", path, text)
	}
	if _, is := of["examples"].([]any); of["examples"] != nil && !is {
		t.Errorf("%s: examples are no list", path)
	}
}

// Every key that Load knows is one that the schema describes.
func TestSchemaKnowsEveryKey(t *testing.T) {
	t.Parallel()
	for what, keys := range map[string][]string{"the policy": policyKeys, "scope": scopeKeys, "guards": guardKeys, "protect": protectKeys,
		"raise": raiseKeys, "accepted": acceptedKeys, "an entry": principalKeys, "a certificate": pinKeys} {
		for _, key := range keys {
			if !bytes.Contains(Schema(), []byte(`"`+key+`": {"description": `)) && !bytes.Contains(Schema(), []byte(`"`+key+"\": {\n")) {
				t.Errorf("%s: the schema does not describe %s", what, key)
			}
		}
	}
}

// The examples of the schema are policies that Load takes.
func TestExamplesOfTheSchemaLoad(t *testing.T) {
	t.Parallel()
	tried := 0
	var walk func(node any, in func(key string, value any) map[string]any)
	try := func(key string, value any, in func(string, any) map[string]any) {
		data, err := yaml.Marshal(in(key, value))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := Load("example", data); err != nil {
			t.Errorf("%s: %v: %v\n%s", key, value, err, data)
		}
		tried++
	}
	walk = func(node any, in func(key string, value any) map[string]any) {
		object, _ := node.(map[string]any)
		properties, _ := object["properties"].(map[string]any)
		for key, of := range properties {
			examples, _ := of.(map[string]any)["examples"].([]any)
			for _, e := range examples {
				try(key, e, in)
			}
		}
	}
	var schema map[string]any
	if err := json.Unmarshal(Schema(), &schema); err != nil {
		t.Fatal(err)
	}
	defs := schema["$defs"].(map[string]any)
	top := func(key string, value any) map[string]any {
		p := map[string]any{"version": 1, "account": "1234567890123456", "principals": []any{}}
		if key == "externalId" {
			p["assumeRole"] = "acs:ram::1234567890123456:role/r"
		}
		p[key] = value
		return p
	}
	walk(schema, top)
	for def, under := range map[string]string{"scope": "scope", "guards": "guards"} {
		walk(defs[def], func(key string, value any) map[string]any { return top(under, map[string]any{key: value}) })
	}
	walk(defs["accepted"], func(key string, value any) map[string]any {
		row := map[string]any{"what": "all-clusters", "until": "2027-01-31", "why": "x"}
		row[key] = value
		return top("accepted", []any{row})
	})
	walk(defs["principal"], func(key string, value any) map[string]any {
		row := map[string]any{"uid": "200000000000000001", "reason": "departed"}
		row[key] = value
		return top("principals", []any{row})
	})
	if tried < 15 {
		t.Errorf("only %d examples were tried", tried)
	}
}

// The schema lies in docs as well, for editors, and policy.yaml names it there.
func TestSchemaInDocsIsCurrent(t *testing.T) {
	t.Parallel()
	path := filepath.Join("..", "docs", "schema", "policy.schema.json")
	if os.Getenv("UPDATE") != "" {
		if err := os.WriteFile(path, Schema(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	there, err := os.ReadFile(path)
	if err != nil || !bytes.Equal(there, Schema()) {
		t.Errorf("%s is not what ackrevoke schema policy prints (UPDATE=1 writes it anew): %v", path, err)
	}
	const line = "# yaml-language-server: $schema=docs/schema/policy.schema.json"
	example, err := os.ReadFile(filepath.Join("..", "policy.yaml"))
	if first, _, _ := strings.Cut(string(example), "\n"); err != nil || first != line {
		t.Errorf("policy.yaml begins with %q: %v", first, err)
	}
}
