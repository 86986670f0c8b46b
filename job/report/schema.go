package report

import (
	"embed"
	"strings"
)

//go:embed *.schema.json
var schemas embed.FS

// Schemas names the formats that have a JSON Schema: "report", and the command
// that prints it for each of the others. Sorted.
func Schemas() []string {
	files, err := schemas.ReadDir(".")
	if err != nil {
		panic(err) // the directory of what is embedded is always there
	}
	names := make([]string, len(files))
	for i, f := range files {
		names[i] = strings.TrimSuffix(f.Name(), ".schema.json")
	}
	return names
}

// Schema returns the JSON Schema (draft 2020-12) of one of Schemas, nil for any
// other name. It allows fields that it does not name, since fields are added
// within v1.
func Schema(name string) []byte {
	schema, err := schemas.ReadFile(name + ".schema.json")
	if err != nil {
		return nil
	}
	return schema
}
