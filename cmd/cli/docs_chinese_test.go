package cli_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// chinese is the README in Chinese.
const chinese = "README.zh-CN.md"

// The README in Chinese says what the other one says: the same commands in the same
// blocks, the same screens and policies, the same links, and as many headings and
// rows of tables. What is played of it is played by TestDocsCommands.
func TestReadmeInChinese(t *testing.T) {
	var english, translated document
	for _, d := range documents(t) {
		switch d.path {
		case "README.md":
			english = d
		case chinese:
			translated = d
		}
	}
	if diff := cmp.Diff(english.skeleton(t), translated.skeleton(t)); diff != "" {
		t.Errorf("(-README.md +%s):\n%s", chinese, diff)
	}
	if !strings.Contains(english.text, "]("+chinese+")") || !strings.Contains(translated.text, "](README.md)") {
		t.Error("they do not lead to each other")
	}
	for i, line := range strings.Split(translated.text, "\n") {
		if m := halfWide.FindString(codeSpan.ReplaceAllString(line, "code")); m != "" {
			t.Errorf("%s:%d: a Latin sign among Chinese ones: %s", chinese, i+1, m)
		}
	}
}

// halfWide is Latin punctuation, or a missing space, in Chinese text.
var halfWide = regexp.MustCompile(`\p{Han}[,;:?!]|\p{Han}[a-zA-Z0-9]|[a-zA-Z0-9]\p{Han}`)

// skeleton is what a document is made of, without its words.
type skeleton struct {
	Blocks   []string // languages, and lines without comments
	Commands []string
	Links    []string
	Headings []int // how deep
	Rows     []int // cells
	Keys     []string
}

func (d document) skeleton(t *testing.T) (s skeleton) {
	t.Helper()
	fenced, prose := d.blocks(t)
	for _, b := range fenced {
		s.Blocks = append(s.Blocks, b.language)
		for _, line := range b.lines {
			line, _, _ = strings.Cut(line, " #")
			s.Blocks = append(s.Blocks, strings.TrimRight(line, " "))
		}
	}
	for _, c := range d.commands(t) {
		s.Commands = append(s.Commands, c.text)
	}
	for _, line := range prose {
		for _, m := range inlineLink.FindAllStringSubmatch(line, -1) {
			if !strings.HasPrefix(m[1], "README") {
				s.Links = append(s.Links, m[1])
			}
		}
		if heading.MatchString(line) {
			s.Headings = append(s.Headings, strings.Index(line, " "))
		}
		if strings.HasPrefix(line, "|") {
			s.Rows = append(s.Rows, strings.Count(line, "|"))
		}
		s.Keys = append(s.Keys, codeSpan.FindAllString(line, -1)...)
	}
	slices.Sort(s.Links) // sentences have another order
	slices.Sort(s.Keys)
	return s
}
