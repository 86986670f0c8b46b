package browser

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// verdicts are all words that a document can end with.
var verdicts = []string{"converged", "planned", "failed", "refused", "incomplete", "interrupted", "invalid", "error",
	"complete", "ready", "found",
	"none-found"}

// Every page says its verdict first, and nothing leaves it, runs in it but its own
// script, or is held back by its policy.
func TestEveryVerdict(t *testing.T) {
	r := shows(t, "pages of every verdict: no request, no dialog, no violation of their policy")
	seen := map[string]bool{}
	for _, d := range documents(t) {
		b := open(t, d.page, desk)
		words := ask[[]string](b, `look.read("article > .v .t")`)
		if len(words) == 0 {
			t.Errorf("%s: no verdict", d.name)
		}
		for _, word := range words {
			seen[word] = true
		}
		if run := regexp.MustCompile(`^(run|audit|doctor|show), (\S+)$`).FindStringSubmatch(d.name); run != nil && run[2] != "every" &&
			!slices.Equal(words, run[2:]) {
			t.Errorf("%s: the page says %q", d.name, words)
		}
		if text := ask[string](b, `document.body.innerText`); strings.Contains(text, "undefined") || strings.Contains(text, "<no value>") {
			t.Errorf("%s: %s", d.name, text)
		}
		none(t, d.name+" is made of", ask[[]string](b, `look.strange()`))
		none(t, d.name+", not to be seen", ask[[]string](b, `look.unseen()`))
		b.calm()
		b.close()
	}
	for _, word := range verdicts {
		if !seen[word] {
			t.Errorf("no page ends with %s", word)
		}
	}
	r.measured("%d pages", len(documents(t)))
}

// The policy is one that the browser obeys: a script, a style, an image and a
// request that are put into a page are held back, and said to be.
func TestPolicyHolds(t *testing.T) {
	shows(t, "what is smuggled into the file itself is held back by its Content-Security-Policy")
	text, err := os.ReadFile(named(t, "run, planned").page)
	must(t, err)
	path := scratch + "/smuggled.html"
	must(t, os.WriteFile(path, []byte(strings.Replace(string(text), "</main>", `<script>window.pwned = 1</script>
<img src="http://forged.example/x.png" onerror="window.pwned = 2"><div id="styled" style="color: rgb(1, 2, 3)">x</div>
<form action="http://forged.example/"><button id="send">x</button></form><iframe src="http://forged.example/"></iframe>
<link rel="stylesheet" href="http://forged.example/x.css"><svg onload="window.pwned = 3"></svg></main>`, 1)), 0o600))
	b := open(t, path, desk)
	if ask[bool](b, `document.getElementById("send").click(), "pwned" in window`) {
		t.Error("a script ran")
	}
	if ask[string](b, `getComputedStyle(document.getElementById("styled")).color`) == "rgb(1, 2, 3)" {
		t.Error("a style was obeyed")
	}
	b.mutex.Lock()
	defer b.mutex.Unlock()
	if len(b.trouble) < 6 {
		t.Errorf("only this was held back: %q", b.trouble)
	}
	for _, what := range b.trouble {
		if !strings.Contains(what, "Content Security Policy") {
			t.Errorf("%s", what)
		}
	}
	if caught := trap.all(); len(caught) > 0 {
		t.Errorf("something left the browser: %q", caught)
	}
}
