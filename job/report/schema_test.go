package report

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

func compile(t *testing.T, doc any) *jsonschema.Schema {
	t.Helper()
	c := jsonschema.NewCompiler()
	c.DefaultDraft(jsonschema.Draft2020)
	if err := c.AddResource("urn:ackrevoke:report:v1", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("urn:ackrevoke:report:v1")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func parse(t *testing.T, data []byte) any {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

func encoded(t *testing.T, r *Report) []byte {
	t.Helper()
	data, err := r.Encode()
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// closed forbids what the schema does not name, so that a field of the types
// that the schema forgot is found.
func closed(v any) any {
	switch v := v.(type) {
	case map[string]any:
		if _, ok := v["required"]; ok {
			v["additionalProperties"] = false
		}
		for _, k := range v {
			closed(k)
		}
	case []any:
		for _, e := range v {
			closed(e)
		}
	}
	return v
}

func TestSchemaAcceptsAndNamesEverything(t *testing.T) {
	t.Parallel()
	open, shut := compile(t, parse(t, Schema("report"))), compile(t, closed(parse(t, Schema("report"))))
	for name, sample := range samples {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := sample()
			if len(r.Outcomes) > 0 {
				r.Outcomes[0].Collateral = []Lost{{c2, Grant{Scope: "cluster", Role: "dev"}}}
			}
			for i := range r.Unfinished {
				r.Unfinished[i].Before = &Snapshot{}
			}
			r.Proofs = []Evidence{sampleProof(ProvenAlive)}
			doc := parse(t, encoded(t, r))
			if err := open.Validate(doc); err != nil {
				t.Error(err)
			}
			if err := shut.Validate(doc); err != nil {
				t.Errorf("not every field is in the schema: %v", err)
			}
		})
	}
}

func TestSchemaAllowsAddedFields(t *testing.T) {
	t.Parallel()
	var doc map[string]any
	if err := json.Unmarshal(encoded(t, converged()), &doc); err != nil {
		t.Fatal(err)
	}
	doc["added"] = "later"
	data, err := json.Marshal(doc)
	if err != nil {
		t.Fatal(err)
	}
	if err := compile(t, parse(t, Schema("report"))).Validate(parse(t, data)); err != nil {
		t.Error(err)
	}
	if _, err := Decode(data); err != nil {
		t.Error(err)
	}
}

func TestSchemaRejects(t *testing.T) {
	t.Parallel()
	s := compile(t, parse(t, Schema("report")))
	at := func(doc any, path ...any) any {
		for _, p := range path {
			switch p := p.(type) {
			case string:
				doc = doc.(map[string]any)[p]
			case int:
				doc = doc.([]any)[p]
			}
		}
		return doc
	}
	set := func(value any, path ...any) func(any) {
		return func(doc any) {
			at(doc, path[:len(path)-1]...).(map[string]any)[path[len(path)-1].(string)] = value
		}
	}
	for name, spoil := range map[string]func(any){
		"schema name":        set("ackrevoke.report/v2", "schema"),
		"mode":               set("wet", "run", "mode"),
		"uid a number":       set(json.Number("200000000000000001"), "principals", 0, "uid"),
		"null list":          set(nil, "outcomes"),
		"time with offset":   set("2026-11-01T00:00:00+08:00", "run", "startedAt"),
		"time with fraction": set("2026-11-01T00:00:00.5Z", "run", "startedAt"),
		"verdict":            set("fine", "verdict", "name"),
		"code of another":    set(json.Number("4"), "verdict", "exitCode"),
		"status":             set("gone", "outcomes", 0, "status"),
		"operation":          set("grant", "plan", "actions", 0, "operation"),
		"digest":             set("md5:1", "plan", "digest"),
		"negative count":     set(json.Number("-1"), "summary", "targets"),
		"standing":           set("maybe", "principals", 0, "verdict"),
		"certificate state":  set("valid", "plan", "actions", 1, "before", "certificate", "state"),
		"because":            set([]any{"whim"}, "plan", "actions", 0, "because"),
		"error kind": set(map[string]any{"kind": "odd", "code": "", "httpStatus": 0, "message": "", "requestId": "", "hint": ""},
			"outcomes", 0, "error"),
		"all-clusters unsure": set("perhaps", "coverage", "allClustersGrants"),
		"missing field":       func(doc any) { delete(at(doc, "summary").(map[string]any), "targets") },
		"missing plan":        func(doc any) { delete(doc.(map[string]any), "plan") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			doc := parse(t, encoded(t, converged()))
			if err := s.Validate(doc); err != nil {
				t.Fatal(err)
			}
			spoil(doc)
			if s.Validate(doc) == nil {
				t.Error("accepted")
			}
		})
	}
}
