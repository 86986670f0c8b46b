package report

import (
	_ "embed"
	"slices"
)

//go:embed schema.json
var schema []byte

// Schema returns the JSON Schema (draft 2020-12) of a report. It allows
// fields that it does not name, since fields are added within v1.
func Schema() []byte { return slices.Clone(schema) }

//go:embed restore.json
var restoreSchema []byte

// RestoreSchema returns that of the report of a restore.
func RestoreSchema() []byte { return slices.Clone(restoreSchema) }

//go:embed audit.schema.json
var auditSchema []byte

// AuditSchema returns the JSON Schema of an audit, as open as that of a report.
func AuditSchema() []byte { return slices.Clone(auditSchema) }
