package main

import (
	"bytes"
	"sync"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"ackrevoke/job/report"
)

var reportSchema = sync.OnceValue(func() *jsonschema.Schema {
	doc := must(jsonschema.UnmarshalJSON(bytes.NewReader(report.Schema())))
	c := jsonschema.NewCompiler()
	if err := c.AddResource("report.json", doc); err != nil {
		panic(err)
	}
	return must(c.Compile("report.json"))
})

// validReport checks a report against the schema that the program prints.
func validReport(t *testing.T, name string, raw []byte) {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(raw))
	if err != nil {
		t.Errorf("%s: the report is no JSON: %v", name, err)
		return
	}
	if err := reportSchema().Validate(doc); err != nil {
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
