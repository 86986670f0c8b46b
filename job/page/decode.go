package page

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"ackrevoke/job/report"
)

// Document is a decoded document of one of the formats.
type Document struct {
	Schema string
	File   string
	Value  Encoder // *report.Report, *report.Audit and so on
	view   func() *Page
}

// Encoder is what every format can do: write itself again.
type Encoder interface{ Encode() ([]byte, error) }

// MostBytes is how large a file may be. Of 200 principals on 500 clusters, with
// something to do in every place, the report of a run has some 110 MB.
const MostBytes = 256 << 20

// formats are all that can be shown, by the name of the schema.
var formats = map[string]func(data []byte, schema string) (Encoder, func() *Page, error){
	report.SchemaName:        of(viewRun),
	report.AuditName:         of(viewAudit),
	report.DoctorSchema:      of(viewDoctor),
	report.RestoreSchemaName: of(viewRestore),
	report.ShowSchema:        of(viewShow),
	report.SummaryName:       of(viewSummary),
	report.InspectSchema:     of(viewInspect),
	report.ProveSchema:       of(viewProve),
}

// of joins the reading of a format to its view.
func of[T any, P interface {
	*T
	Encoder
}](view func(P) *Page) func([]byte, string) (Encoder, func() *Page, error) {
	return func(data []byte, schema string) (Encoder, func() *Page, error) {
		v, err := report.DecodeAs[T](data, schema)
		if err != nil {
			return nil, nil, err
		}
		return P(v), func() *Page { return view(P(v)) }, nil
	}
}

// Decode reads a document of any format that this program writes to show. What it
// cannot be, and what to do then, is said by the error and by its [Foreign] part.
func Decode(file string, data []byte) (*Document, error) {
	if len(data) > MostBytes {
		return nil, &Foreign{"larger than 256 MiB: not a document of ackrevoke", "give a report, not a log or an archive"}
	}
	var head struct {
		Schema *string `json:"schema"`
	}
	err := json.Unmarshal(data, &head)
	var syntax *json.SyntaxError
	switch {
	case journal(data):
		return nil, &Foreign{"this is a journal, which has no verdict to show",
			"give the report of that run; a journal is what ackrevoke restore reads"}
	case len(strings.TrimSpace(string(data))) == 0:
		return nil, &Foreign{"the file is empty", "give a report, such as report.json"}
	case errors.As(err, &syntax):
		return nil, &Foreign{fmt.Sprintf("not JSON: %v", err), "give a report as ackrevoke wrote it, such as report.json"}
	case err != nil || head.Schema == nil:
		return nil, &Foreign{"JSON, and no document of ackrevoke: it has no field schema", "give a report, such as report.json"}
	}
	read, known := formats[*head.Schema]
	if !known {
		return nil, unread(*head.Schema)
	}
	value, view, err := read(data, *head.Schema)
	if err != nil {
		return nil, &Foreign{err.Error(), "it was changed by hand, or is damaged: give the file as ackrevoke wrote it"}
	}
	return &Document{Schema: *head.Schema, File: file, Value: value, view: view}, nil
}

// View shows the document.
func (d *Document) View() *Page {
	p := d.view()
	p.Schema, p.File = d.Schema, d.File
	if p.Verdict.Name == "" { // every command that ends writes one
		p.Verdict.Tone = Bad
		p.Verdict.Sentence = "This document has no verdict, and says nothing: it was changed by hand, or is damaged."
	}
	return p
}

// Of shows the report of a run that is at hand.
func Of(r *report.Report) *Page {
	p := viewRun(r)
	p.Schema = report.SchemaName
	return p
}

// Foreign says why a file cannot be shown, and what to give instead.
type Foreign struct{ What, Hint string }

func (f *Foreign) Error() string { return f.What }

func unread(schema string) error {
	name, version, ours := strings.Cut(schema, "/")
	if ours && strings.HasPrefix(name, "ackrevoke.") {
		if _, known := formats[name+"/v1"]; known {
			return &Foreign{fmt.Sprintf("its format is %s %s, which this version does not read", report.Plain(name), report.Plain(version)),
				"use the ackrevoke that wrote it, or a newer one"}
		}
		return &Foreign{fmt.Sprintf("its format, %s, is one that is not shown as a page", report.Plain(schema)),
			"the command that wrote it has a --format of its own"}
	}
	return &Foreign{fmt.Sprintf("its schema is %q, and no format of ackrevoke", report.Plain(schema)), "give a report, such as report.json"}
}

// journal reports whether these are lines of a journal: JSON objects one after
// another, the first of which has the fields of an intent or an outcome.
func journal(data []byte) bool {
	line, _, _ := strings.Cut(string(data[:min(len(data), 1<<20)]), "\n")
	var first struct {
		Type   string `json:"type"`
		Run    string `json:"run"`
		Action string `json:"action"`
	}
	return json.Unmarshal([]byte(line), &first) == nil && (first.Type == "intent" || first.Type == "outcome") && first.Run != ""
}
