package findings

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"io"

	"ackrevoke/job/report"
	"ackrevoke/policy/lint"
)

//go:embed findings.schema.json
var schema []byte

// Schema is the JSON Schema (draft 2020-12) of what JSON writes.
func Schema() []byte { return bytes.Clone(schema) }

// document is ackrevoke.findings/v1.
type document struct {
	Schema   string    `json:"schema"`
	Version  string    `json:"version"`
	Strict   bool      `json:"strict"`
	Files    []fileRow `json:"files"`
	Findings []row     `json:"findings"`
	Summary  summary   `json:"summary"`
	ExitCode int       `json:"exitCode"`
}

type fileRow struct {
	File     string `json:"file"`
	Valid    bool   `json:"valid"`
	Entries  int    `json:"entries"`
	Errors   int    `json:"errors"`
	Warnings int    `json:"warnings"`
	Allowed  int    `json:"allowed"`
}

type row struct {
	File     string        `json:"file"`
	Line     int           `json:"line"`
	Column   int           `json:"column"`
	Rule     string        `json:"rule"`
	Severity lint.Severity `json:"severity"`
	Message  string        `json:"message"`
	Fix      string        `json:"fix"`
}

type summary struct {
	Files    int `json:"files"`
	Valid    int `json:"valid"`
	Errors   int `json:"errors"`
	Warnings int `json:"warnings"`
	Allowed  int `json:"allowed"`
}

// JSON writes ackrevoke.findings/v1.
func JSON(w io.Writer, r *Report) error {
	d := document{Schema: "ackrevoke.findings/v1", Version: r.Version, Strict: r.Strict, ExitCode: r.ExitCode(),
		Files: []fileRow{}, Findings: []row{}}
	for _, f := range r.Files {
		errors, warnings := f.Count()
		d.Files = append(d.Files, fileRow{f.Name, f.Valid, f.Entries, errors, warnings, f.Allowed})
		d.Summary.Files++
		d.Summary.Errors += errors
		d.Summary.Warnings += warnings
		d.Summary.Allowed += f.Allowed
		if f.Valid {
			d.Summary.Valid++
		}
		for _, x := range f.Findings {
			d.Findings = append(d.Findings, row{x.File, x.Line, x.Column, x.Rule, x.Severity, x.Message, x.Fix})
		}
	}
	return encode(w, d)
}

// encode writes JSON that can be looked at with cat.
func encode(w io.Writer, v any) error {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(v); err != nil {
		return err
	}
	_, err := w.Write(report.EscapeJSON(b.Bytes()))
	return err
}
