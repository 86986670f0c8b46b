package report

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
)

// maxSize is far more than the largest account needs, and far less than what
// would exhaust a machine.
const maxSize = 64 << 20

// Read reads the report at path.
func Read(path string) (*Report, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("read the report: %w", err)
	}
	defer func() { _ = f.Close() }()
	data, err := io.ReadAll(io.LimitReader(f, maxSize+1))
	if err != nil {
		return nil, fmt.Errorf("read the report: %w", err)
	}
	r, err := Decode(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return r, nil
}

// Decode reads a report. The schema name must be the one that this package
// knows; fields that it does not know are passed over, for they may have been
// added since. It does not check the accounting: see [Check].
func Decode(data []byte) (*Report, error) {
	if len(data) > maxSize {
		return nil, fmt.Errorf("larger than %d MiB: not a report", maxSize>>20)
	}
	return decode[Report](data, SchemaName)
}

// DecodeRestore reads the report of a restore, likewise.
func DecodeRestore(data []byte) (*Restore, error) { return decode[Restore](data, RestoreSchemaName) }

func decode[T any](data []byte, schema string) (*T, error) {
	// The name first: another version may differ in the types of its fields.
	var head struct {
		Schema string `json:"schema"`
	}
	if err := json.Unmarshal(data, &head); err != nil {
		return nil, fmt.Errorf("not a report: %w", err)
	}
	if head.Schema != schema {
		return nil, fmt.Errorf("schema is %q; this program reads %q", Plain(head.Schema), schema)
	}
	r := new(T)
	if err := json.Unmarshal(data, r); err != nil {
		return nil, fmt.Errorf("not a report of %s: %w", schema, err)
	}
	fillLists(r)
	return r, nil
}
