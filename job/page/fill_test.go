package page_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"ackrevoke/job/page"
	"ackrevoke/job/report"
)

// kinds are an empty document of each format.
var kinds = map[string]func() page.Encoder{
	report.SchemaName:        func() page.Encoder { return new(report.Report) },
	report.AuditName:         func() page.Encoder { return new(report.Audit) },
	report.DoctorSchema:      func() page.Encoder { return new(report.Doctor) },
	report.RestoreSchemaName: func() page.Encoder { return new(report.Restore) },
	report.ShowSchema:        func() page.Encoder { return new(report.Show) },
	report.SummaryName:       func() page.Encoder { return new(report.Accounts) },
	report.InspectSchema:     func() page.Encoder { return new(report.Inspect) },
	report.ProveSchema:       func() page.Encoder { return new(report.Prove) },
}

// filler puts something into every field of a document.
type filler struct {
	text   func(path string) string
	number func(path string) int
	at     func(path string) time.Time
	yes    func(path string) bool
}

// full is a document of a format with something in every field, decoded from JSON as
// any other. What a text is cannot make it another format.
func full(t *testing.T, schema string, f filler) *page.Document {
	t.Helper()
	v := kinds[schema]()
	f.fill(reflect.ValueOf(v).Elem(), "")
	reflect.ValueOf(v).Elem().FieldByName("Schema").SetString(schema)
	data, err := v.Encode()
	if err != nil {
		t.Fatal(err)
	}
	d, err := page.Decode("the file", data)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func (f filler) fill(v reflect.Value, path string) {
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		f.fill(v.Elem(), path)
	case reflect.Struct:
		f.members(v, path)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		f.fill(v.Index(0), path+"[]")
		if x := v.Index(0); x.Kind() == reflect.String && x.Len() == 0 {
			v.SetLen(0)
		}
	case reflect.Map:
		key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
		key.SetString(f.text(path + "{key}"))
		f.fill(value, path+"{}")
		v.Set(reflect.MakeMap(v.Type()))
		v.SetMapIndex(key, value)
	case reflect.String:
		v.SetString(f.text(path))
	case reflect.Int, reflect.Int64:
		v.SetInt(int64(f.number(path)))
	case reflect.Float64:
		v.SetFloat(float64(f.number(path)) + 0.5)
	case reflect.Bool:
		v.SetBool(f.yes(path))
	default:
		panic(fmt.Sprint(path, v.Kind()))
	}
}

func (f filler) members(v reflect.Value, path string) {
	if v.Type() == reflect.TypeFor[report.Time]() {
		v.Set(reflect.ValueOf(report.At(f.at(path))))
		return
	}
	for i := range v.NumField() {
		field := v.Type().Field(i)
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		switch {
		case name == "-":
		case field.Anonymous:
			f.fill(v.Field(i), path)
		default:
			f.fill(v.Field(i), strings.TrimPrefix(path+"."+name, "."))
		}
	}
}

// same is a filler that says the same everywhere.
// But for lines that are meant to be pasted.
func same(text string) filler {
	return filler{func(path string) string {
		if path == "policyYaml" {
			return "x"
		}
		return text
	}, func(string) int { return 7 },
		func(string) time.Time { return time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC) }, func(string) bool { return true }}
}
