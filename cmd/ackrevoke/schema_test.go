package main

import (
	"bytes"
	"sync"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"ackrevoke/job/report"
)

var (
	reportSchema = sync.OnceValue(func() *jsonschema.Schema { return compiled(report.Schema()) })
	auditSchema  = sync.OnceValue(func() *jsonschema.Schema { return compiled(report.AuditSchema()) })
)

func compiled(schema []byte) *jsonschema.Schema {
	doc := must(jsonschema.UnmarshalJSON(bytes.NewReader(schema)))
	c := jsonschema.NewCompiler()
	if err := c.AddResource("schema.json", doc); err != nil {
		panic(err)
	}
	return must(c.Compile("schema.json"))
}

// validReport checks a report against the schema that the program prints.
func validReport(t *testing.T, name string, raw []byte) {
	t.Helper()
	valid(t, name, reportSchema(), raw)
}

// validAudit checks an audit against its schema.
func validAudit(t *testing.T, name string, raw []byte) {
	t.Helper()
	valid(t, name, auditSchema(), raw)
}

func valid(t *testing.T, name string, schema *jsonschema.Schema, raw []byte) {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(raw))
	if err != nil {
		t.Errorf("%s: the report is no JSON: %v", name, err)
		return
	}
	if err := schema.Validate(doc); err != nil {
		t.Errorf("%s: the report does not fit its schema: %v", name, err)
	}
}

// validRestore does the same for the report of a restore.
func validRestore(t *testing.T, raw []byte) {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(raw))
	if err != nil {
		t.Errorf("the report is no JSON: %v", err)
		return
	}
	if err := restoreSchema().Validate(doc); err != nil {
		t.Errorf("the report does not fit its schema: %v", err)
	}
}

var restoreSchema = sync.OnceValue(func() *jsonschema.Schema {
	doc := must(jsonschema.UnmarshalJSON(bytes.NewReader(report.RestoreSchema())))
	c := jsonschema.NewCompiler()
	if err := c.AddResource("restore.json", doc); err != nil {
		panic(err)
	}
	return must(c.Compile("restore.json"))
})
