package findings

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/url"
	"path"
	"regexp"
	"strings"

	"ackrevoke/policy/lint"
)

// The parts of SARIF 2.1.0 that are written [OASIS, sarif-schema-2.1.0.json].
type (
	sarifLog struct {
		Schema  string     `json:"$schema"`
		Version string     `json:"version"`
		Runs    []sarifRun `json:"runs"`
	}
	sarifRun struct {
		Tool        sarifTool         `json:"tool"`
		Invocations []sarifInvocation `json:"invocations"`
		ColumnKind  string            `json:"columnKind"`
		Results     []sarifResult     `json:"results"`
	}
	sarifInvocation struct {
		Successful bool `json:"executionSuccessful"`
		ExitCode   int  `json:"exitCode"`
	}
	sarifTool struct {
		Driver sarifDriver `json:"driver"`
	}
	sarifDriver struct {
		Name    string      `json:"name"`
		Version string      `json:"version,omitempty"`
		Rules   []sarifRule `json:"rules"`
	}
	sarifRule struct {
		ID      string        `json:"id"`
		Short   sarifText     `json:"shortDescription"`
		Full    sarifText     `json:"fullDescription"`
		Help    sarifMarkdown `json:"help"`
		Default sarifLevel    `json:"defaultConfiguration"`
	}
	sarifText struct {
		Text string `json:"text"`
	}
	sarifMarkdown struct {
		Text     string `json:"text"`
		Markdown string `json:"markdown"`
	}
	sarifLevel struct {
		Level string `json:"level"`
	}
	sarifResult struct {
		Rule         string            `json:"ruleId"`
		Index        int               `json:"ruleIndex"`
		Level        string            `json:"level"`
		Message      sarifText         `json:"message"`
		Locations    []sarifLocation   `json:"locations"`
		Fingerprints map[string]string `json:"partialFingerprints"`
	}
	sarifLocation struct {
		Physical sarifPhysical `json:"physicalLocation"`
	}
	sarifPhysical struct {
		Artifact sarifArtifact `json:"artifactLocation"`
		Region   sarifRegion   `json:"region"`
	}
	sarifArtifact struct {
		URI  string `json:"uri"`
		Base string `json:"uriBaseId,omitempty"`
	}
	sarifRegion struct {
		Line   int `json:"startLine"`
		Column int `json:"startColumn"`
	}
)

// sarifSchema is the schema that the log says it follows.
const sarifSchema = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"

// fingerprint is the name of ours; the number changes when what goes into it does.
const fingerprint = "ackrevokeFinding/v1"

// SARIF writes a log of one run, with all rules that there are.
func SARIF(w io.Writer, r *Report) error {
	run := sarifRun{ColumnKind: "unicodeCodePoints", Results: []sarifResult{},
		Invocations: []sarifInvocation{{Successful: true, ExitCode: r.ExitCode()}},
		Tool:        sarifTool{sarifDriver{Name: "ackrevoke", Version: r.Version}}}
	index := map[string]int{}
	for i, rule := range lint.Rules() {
		index[rule.ID] = i
		run.Tool.Driver.Rules = append(run.Tool.Driver.Rules, sarifRule{
			ID: rule.ID, Short: sarifText{rule.Title}, Full: sarifText{rule.Meaning}, Default: sarifLevel{string(rule.Severity)},
			Help: sarifMarkdown{rule.Meaning + "\n\nFix: " + rule.Fix, escaped.Replace(rule.Meaning) + "\n\n**Fix:** " + escaped.Replace(rule.Fix)},
		})
	}
	seen := map[string]int{}
	for _, f := range r.Files {
		for _, x := range f.Findings {
			level := string(x.Severity)
			if r.Strict {
				level = string(lint.Error)
			}
			run.Results = append(run.Results, sarifResult{
				Rule: x.Rule, Index: index[x.Rule], Level: level, Message: sarifText{plainMessage(x.Message)},
				Locations:    []sarifLocation{{sarifPhysical{artifact(x.File), sarifRegion{x.Line, x.Column}}}},
				Fingerprints: map[string]string{fingerprint: print(x, seen)},
			})
		}
	}
	return encode(w, sarifLog{Schema: sarifSchema, Version: "2.1.0", Runs: []sarifRun{run}})
}

// escaped keeps patterns and the like from being Markdown.
var escaped = strings.NewReplacer("*", `\*`, "_", `\_`, "[", `\[`, "#", `\#`, "<", `\<`)

// artifact is a file: relative to the root of the sources where its name is, so that
// a log means the same on every machine.
func artifact(name string) sarifArtifact {
	clean := slashed(name)
	if path.IsAbs(clean) {
		return sarifArtifact{URI: (&url.URL{Scheme: "file", Path: clean}).String()}
	}
	return sarifArtifact{URI: (&url.URL{Path: clean}).String(), Base: "%SRCROOT%"}
}

var (
	passing     = regexp.MustCompile(`\bline \d+|, in less than .*$`) // what is another on another day
	placeholder = regexp.MustCompile(`\{(\d+)\}`)                     // [SARIF 2.1.0, 3.11.5]
	link        = regexp.MustCompile(`\[([^\]]*)\]\(`)
)

// plainMessage keeps what a policy says from being a placeholder or a link.
func plainMessage(s string) string {
	return link.ReplaceAllString(placeholder.ReplaceAllString(s, "{{$1}}"), `\[$1\](`)
}

// print is the same for the same finding after lines were put in above it: of two
// that are alike the place among them counts.
func print(x lint.Finding, seen map[string]int) string {
	key := strings.Join([]string{x.Rule, slashed(x.File), passing.ReplaceAllString(x.Message, "")}, "\x00")
	seen[key]++
	sum := sha256.Sum256(fmt.Appendf(nil, "%s\x00%d", key, seen[key]))
	return hex.EncodeToString(sum[:16])
}
