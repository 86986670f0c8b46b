package comment_test

import (
	"fmt"
	"strings"
	"testing"

	"ackrevoke/job/page"
	"ackrevoke/job/page/comment"
)

// Of a document whose verdict does not fit nothing is shown, and that is said: its
// tables under the verdict of another would be taken for that one's.
func TestMoreDocumentsThanFit(t *testing.T) {
	t.Parallel()
	const all = 2000
	var pages []*page.Page
	for i := range all {
		pages = append(pages, &page.Page{Kind: "Run report", File: fmt.Sprintf("%d.json", i),
			Verdict:  page.Verdict{Name: "converged", Sentence: "All is well."},
			Notices:  []page.Notice{{Text: "Simulated: not of a real account."}},
			Sections: []page.Section{{ID: "x", Title: "X", Count: -1, Folded: true, List: []string{"x"}}}})
	}
	text := string(comment.Encode(pages...))
	shown := strings.Count(text, "\n**All is well.**")
	if shown == 0 || shown != strings.Count(text, "> **Simulated") || strings.Count(text, "<details>") > shown {
		t.Errorf("%d verdicts, %d notices, %d parts", shown, strings.Count(text, "> **Simulated"), strings.Count(text, "<details>"))
	}
	if want := fmt.Sprintf("**Of %d documents %d did not fit here at all", all, all-shown); !strings.Contains(text, want) {
		t.Errorf("not said: %s\n%s", want, text[len(text)-300:])
	}
	if len(text) > comment.Most {
		t.Errorf("%d bytes", len(text))
	}
}
