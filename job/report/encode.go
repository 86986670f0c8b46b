package report

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"reflect"
	"unicode/utf16"
	"unicode/utf8"
)

// Encode returns the report as JSON, indented by two spaces and ended by a
// line end. Nil lists become empty ones, in the report as well. Whatever a
// terminal could take for a command, or for no text at all, is escaped, so
// that a report can be looked at with cat.
func (r *Report) Encode() ([]byte, error) { return encode(r) }

func encode[T any](v *T) ([]byte, error) {
	fillLists(v)
	var compact, b bytes.Buffer
	enc := json.NewEncoder(&compact)
	enc.SetEscapeHTML(false)
	err := enc.Encode(v)
	if err == nil {
		b.Grow(2 * compact.Len()) // for an encoder that indents itself grows by and by, to five times that in all
		err = json.Indent(&b, compact.Bytes(), "", "  ")
	}
	if err != nil {
		return nil, fmt.Errorf("encode the report: %w", err)
	}
	return EscapeJSON(b.Bytes()), nil
}

// EscapeJSON escapes in JSON text what encoding/json leaves as it is. Runes above ASCII
// and DEL occur inside strings only, so their place needs no parsing. Text without
// any is returned as it is.
func EscapeJSON(in []byte) []byte {
	var out []byte
	from := 0 // what is not in out yet
	for i := 0; i < len(in); {
		if in[i] < 0x7f { // nearly all of it
			i++
			continue
		}
		c, n := utf8.DecodeRune(in[i:])
		if hidden(c) {
			out = append(out, in[from:i]...)
			from = i + n
			if c > 0xffff {
				hi, lo := utf16.EncodeRune(c)
				out = fmt.Appendf(out, `\u%04x\u%04x`, hi, lo)
			} else {
				out = fmt.Appendf(out, `\u%04x`, c)
			}
		}
		i += n
	}
	if from == 0 {
		return in
	}
	return append(out, in[from:]...)
}

// fillLists makes every nil list and map of a report an empty one: a reader
// may count and range without asking first.
func fillLists[T any](v *T) { fill(reflect.ValueOf(v).Elem()) }

func fill(v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			fill(v.Elem())
		}
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[Time]() {
			return
		}
		for i := range v.NumField() {
			fill(v.Field(i))
		}
	case reflect.Slice:
		if v.IsNil() {
			v.Set(reflect.MakeSlice(v.Type(), 0, 0))
		}
		for i := range v.Len() {
			fill(v.Index(i))
		}
	case reflect.Map:
		if v.IsNil() {
			v.Set(reflect.MakeMap(v.Type()))
		}
	}
}

// maxSize is that of half a million actions: what is larger is something else.
const maxSize = 1 << 30

// Read reads the report at path.
func Read(path string) (*Report, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("read the report: %w", err)
	}
	defer func() { _ = f.Close() }()
	info, err := f.Stat()
	if err != nil {
		return nil, fmt.Errorf("read the report: %w", err)
	}
	if info.Size() > maxSize {
		return nil, fmt.Errorf("%s: larger than %d MiB: not a report", path, maxSize>>20)
	}
	data, err := io.ReadAll(io.LimitReader(f, maxSize))
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
func Decode(data []byte) (*Report, error) { return decode[Report](data, SchemaName) }

// Recognize returns an error where a file is no document of this schema. It keeps
// nothing of it in memory, for the report of the run before may be a large one. That
// there is no file is fs.ErrNotExist.
func Recognize(path, schema string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	if asWritten(f, schema) {
		return nil
	}
	d := json.NewDecoder(bufio.NewReader(io.NewSectionReader(f, 0, maxSize)))
	named, depth, field := "", 0, ""
	for n := 0; ; n++ { // of the tokens; those of the object itself are names and values in turn
		t, err := d.Token()
		switch {
		case depth == 0 && n > 0 && errors.Is(err, io.EOF) && named == schema:
			return nil
		case err != nil:
			return fmt.Errorf("%s: not a document of %s: %w", path, schema, err)
		case depth == 0 && (n > 0 || t != json.Delim('{')):
			return fmt.Errorf("%s: not a document of %s", path, schema)
		}
		word, isWord := t.(string)
		switch {
		case depth != 1:
		case field == "" && isWord:
			field = "." + word
		default:
			if field == ".schema" {
				named = word
			}
			field = ""
		}
		switch t {
		case json.Delim('{'), json.Delim('['):
			depth++
		case json.Delim('}'), json.Delim(']'):
			depth--
		}
	}
}

// asWritten reports whether a file has the lines of a document of this schema as it is
// written here: the brace, the schema, lines that are indented and name no schema again,
// and the brace at the end. No string of JSON holds a line end, so that nothing can stand
// beside the document or between two of them. What it says no to may still be one, in
// another form or with a very long line. To parse one of 100 MB takes a second, before
// the first call of a run.
func asWritten(f io.Reader, schema string) bool {
	r := bufio.NewReader(f)
	var line []byte
	next := func() (more bool) {
		var err error
		line, err = r.ReadSlice('\n')
		return err == nil
	}
	if !next() || string(line) != "{\n" || !next() || string(line) != fmt.Sprintf("  \"schema\": %q,\n", schema) {
		return false
	}
	for next() && bytes.HasPrefix(line, []byte("  ")) && !bytes.HasPrefix(line, []byte(`  "schema"`)) {
	}
	return string(line) == "}\n" && !next() && len(line) == 0
}

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
