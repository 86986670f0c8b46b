// Package web writes pages as one HTML file that needs nothing else: no request
// leaves it, no script but its own runs in it, and without any script it can be
// read as a whole.
//
// What others control is text, wherever it stands: html/template escapes it for its
// place, after [report.Harmless] has made visible what cannot be seen. The Content
// Security Policy names the one style and the one script by what they are, so that
// an escape which failed would still run nothing.
//
//	web.go      the file   style.css  script.js  page.tmpl   what it is made of
//	fill.go     pages, as the template takes them
//	matrix.go   the matrix, which is too large for a template
package web

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"

	"ackrevoke/job/page"
)

//go:embed style.css
var style string

//go:embed script.js
var script string

//go:embed page.tmpl
var source string

var layout = template.Must(template.New("file").Parse(source))

// securityPolicy allows the style and the script that stand in the file, and
// nothing else.
var securityPolicy = fmt.Sprintf("default-src 'none'; style-src %s; script-src %s; base-uri 'none'; form-action 'none'", hash(style),
	hash(script))

// hash names a text as the Content Security Policy does.
func hash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}

// mark stands at the head of every page.
const mark = `<meta name="generator" content="ackrevoke">`

// Ours reports whether a file is a page of this program, by how it begins.
func Ours(begin []byte) bool { return bytes.Contains(begin[:min(len(begin), 2<<10)], []byte(mark)) }

// Encode returns the pages as one HTML file. Where there are several, a list of
// them stands first.
func Encode(pages ...*page.Page) ([]byte, error) {
	var b bytes.Buffer
	if err := layout.Execute(&b, fill(pages)); err != nil {
		return nil, fmt.Errorf("write the page: %w", err)
	}
	return b.Bytes(), nil
}
