package stage

import (
	"bytes"
	"sync"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"ackrevoke/job/report"
)

// schema holds the compiled schema of each format twice: as the program prints
// it, and closed, which finds the field that the schema forgot.
var schema = sync.OnceValue(func() map[string][2]*jsonschema.Schema {
	compiled := map[string][2]*jsonschema.Schema{}
	for _, name := range report.Schemas() {
		c := jsonschema.NewCompiler()
		for i, url := range []string{"open.json", "closed.json"} {
			doc := Must(jsonschema.UnmarshalJSON(bytes.NewReader(report.Schema(name))))
			if i == 1 {
				closed(doc)
				delete(doc.(map[string]any), "$id")
			}
			if err := c.AddResource(url, doc); err != nil {
				panic(err)
			}
		}
		compiled[name] = [2]*jsonschema.Schema{Must(c.Compile("open.json")), Must(c.Compile("closed.json"))}
	}
	return compiled
})

// closed forbids what the schema does not name.
func closed(v any) {
	switch v := v.(type) {
	case map[string]any:
		if _, ok := v["required"].([]any); ok {
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
}

// Fits checks what a command printed against the schema of its format.
func Fits(t testing.TB, format string, raw []byte) {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(raw))
	if err != nil {
		t.Errorf("%s: no JSON: %v\n%s", format, err, raw)
		return
	}
	for i, s := range schema()[format] {
		if err := s.Validate(doc); err != nil {
			t.Errorf("%s: does not fit its schema (closed: %t): %v", format, i == 1, err)
			return
		}
	}
}
