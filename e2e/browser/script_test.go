package browser

import (
	"encoding/json"
	"strings"
	"testing"
)

// quoted are texts as elements of a list in JavaScript.
func quoted(texts []string) string {
	data, _ := json.Marshal(texts)
	return strings.Trim(string(data), "[]")
}

// Without JavaScript a page has the same texts, and nothing that does nothing.
func TestWithoutScript(t *testing.T) {
	r := shows(t, "without JavaScript everything can be read, and nothing is there that would need it")
	letters := 0
	for _, d := range documents(t) {
		with := open(t, d.page, desk)
		want := ask[string](with, `look.open(), look.all(".k").forEach(function (e) { e.remove(); }), document.body.innerText`)
		with.close()
		b := open(t, d.page, look{width: 1280, height: 800, noScript: true})
		if n := ask[int](b, `look.all("button, input, .k, noscript").length`); n > 0 {
			t.Errorf("%s: %d controls that do nothing", d.name, n)
		}
		got := ask[string](b, `look.open(), document.body.innerText`)
		if got != want || len(got) < 200 {
			t.Errorf("%s: another text without scripts: %.3000q\nand with them: %.3000q", d.name, got, want)
		}
		letters += len(got)
		b.calm()
		b.close()
	}
	r.measured("%d kB of text", letters>>10)
}
