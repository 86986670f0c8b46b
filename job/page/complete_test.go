package page_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"ackrevoke/job/page"
	"ackrevoke/job/page/sheet"
	"ackrevoke/job/page/web"
)

// leftOut are the fields that a page does not show as they are, and why not. A star
// stands for what may follow.
var leftOut = map[string]string{
	"ackrevoke.report calls.byResult{}.ok":          "the rest of a bar",
	"ackrevoke.audit calls.byResult{}.ok":           "the rest of a bar",
	"ackrevoke.doctor calls.byResult{}.ok":          "the rest of a bar",
	"ackrevoke.restore calls.byResult{}.ok":         "the rest of a bar",
	"ackrevoke.show calls.byResult{}.ok":            "the rest of a bar",
	"ackrevoke.summary files[].summary.*":           "the report of the file has them; the weightiest are shown",
	"ackrevoke.doctor clock.aheadSeconds":           "told as a duration",
	"ackrevoke.doctor coverage.blind[]":             "the list of blind clusters has their names as well",
	"ackrevoke.doctor statesList.*":                 "told in words, which depend on the answer",
	"ackrevoke.doctor reads[].failed":               "told where some of the tries were answered",
	"ackrevoke.inspect contexts[].key":              "told in words",
	"ackrevoke.inspect contexts[].account.*":        "told in words, as the command tells it",
	"ackrevoke.inspect form":                        "told in words",
	"ackrevoke.show allClusters.sight":              "told in words where it is unseen",
	"ackrevoke.show clusters[].ownRevocation.since": "told in words, as a day, where it counts",
}

func whyLeftOut(schema, path string) string {
	name := strings.TrimSuffix(schema, "/v1") + " " + path
	for pattern, why := range leftOut {
		if prefix, open := strings.CutSuffix(pattern, "*"); pattern == name || open && strings.HasPrefix(name, prefix) {
			return why
		}
	}
	return ""
}

// Some things are only shown where another one is not there.
var blanks = [][]string{nil, {"plan.actions[].refusedBy", "findings[].access", "proof.may[].urls", "proofs[].may[].urls",
	"entries.decided"}}

// Each field of each format is on its page, or stands above with a reason: whoever
// adds one has to decide.
func TestEveryFieldIsShown(t *testing.T) {
	t.Parallel()
	for schema := range kinds {
		t.Run(schema, func(t *testing.T) {
			t.Parallel()
			tokens, shown := map[string][]string{}, ""
			for _, blank := range blanks {
				shown += everything(t, full(t, schema, tokensOf(tokens, blank)))
			}
			for _, path := range slices.Sorted(maps.Keys(tokens)) {
				there := slices.ContainsFunc(tokens[path], func(token string) bool { return strings.Contains(shown, token) })
				if why := whyLeftOut(schema, path); !there && why == "" {
					t.Errorf("%s is not shown: %q", path, tokens[path])
				}
			}
		})
	}
}

// tokensOf fills each field with something that stands nowhere else, but for what is
// blank, and for what refers to another field.
func tokensOf(tokens map[string][]string, blank []string) filler {
	n := 0
	next := func() int { n++; return n }
	return filler{
		text: func(path string) string {
			token := fmt.Sprintf("t%03dx", next())
			switch {
			case slices.ContainsFunc(blank, func(b string) bool { return strings.HasPrefix(path, b) }):
				return ""
			case path == "schema":
				return ""
			case path == "calls.byResult{key}":
				token = "DescribeRegions"
			case path == "calls.byOperation{key}":
				token = "DescribeRegions"
			case path == "outcomes[].action", path == "plan.actions[].id":
				token = "c1/200000000000000001"
			case path == "uid" || strings.HasSuffix(path, ".uid"):
				token = "200000000000000001"
			}
			tokens[path] = []string{token}
			return token
		},
		number: func(path string) int {
			i := 100 + next()
			tokens[path] = []string{fmt.Sprint(i)}
			return i
		},
		at: func(path string) time.Time {
			at := time.Date(2031, 1, 1, 0, next(), 0, 0, time.UTC)
			tokens[path] = []string{at.Format("2006-01-02 15:04:05"), at.Format(time.RFC3339)}
			return at
		},
		yes: func(path string) bool { return !slices.Contains(blank, path) },
	}
}

// everything is all that the page and the sheet of a document say.
func everything(t *testing.T, d *page.Document) string {
	t.Helper()
	html, err := web.Encode(d.View())
	if err != nil {
		t.Fatal(err)
	}
	return text(t, html) + string(sheet.Encode(d.View()))
}

// Each truth of a document changes something on its page.
func TestEveryTruthIsShown(t *testing.T) {
	t.Parallel()
	for schema := range kinds {
		t.Run(schema, func(t *testing.T) {
			t.Parallel()
			var paths []string
			f := tokensOf(map[string][]string{}, nil)
			f.yes = func(path string) bool { paths = append(paths, path); return true }
			all := everything(t, full(t, schema, f))
			for _, path := range paths {
				f := tokensOf(map[string][]string{}, nil)
				f.yes = func(p string) bool { return p != path }
				same := everything(t, full(t, schema, f)) == all
				if why := whyLeftOut(schema, path); same && why == "" {
					t.Errorf("%s changes nothing of the page", path)
				}
			}
		})
	}
}
