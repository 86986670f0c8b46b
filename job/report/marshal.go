package report

// Marshal returns a document of another room as JSON, as a report is written:
// indented, with no list that is null, and harmless for a terminal.
func Marshal[T any](v *T) ([]byte, error) { return encode(v) }
