package report

// DecodeAs reads a document of the format with this name into the type that goes
// with it; see [Decode] for how.
func DecodeAs[T any](data []byte, schema string) (*T, error) { return decode[T](data, schema) }
