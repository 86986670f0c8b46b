package policy

import (
	"bytes"
	_ "embed"
)

//go:embed schema.json
var schema []byte

// Schema returns the JSON Schema (draft 2020-12) of the policy file, for
// editors. It sees what a schema can see; [Load] is the judge.
func Schema() []byte { return bytes.Clone(schema) }
