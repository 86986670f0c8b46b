package browser

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"gopkg.in/yaml.v3"
)

// harm are texts for this browser, beside those of testdata/hostile. What ran
// would set pwned, open a dialog, or ask for something.
var harm = []string{
	`<script>window.pwned=1</script>`, `</script><script>window.pwned=1</script>`, `</style><script>window.pwned=1</script>`,
	`</title><script>window.pwned=1</script>`, `</textarea></noscript><script>alert(1)</script>`, `<img src=x onerror=window.pwned=1>`,
	`"><img src="http://forged.example/" onerror="window.pwned=1">`, `' autofocus onfocus='window.pwned=1' x='`, `" style="color:red`,
	`<svg/onload=window.pwned=1><animate onbegin=window.pwned=1>`, `<svg><script href="data:,window.pwned=1"/></svg>`,
	`<iframe srcdoc="<script>parent.pwned=1</script>">`, `<math><mi xlink:href="javascript:window.pwned=1">x`, `javascript:window.pwned=1`,
	`data:text/html,<script>window.pwned=1</script>`, `<a href="javascript:window.pwned=1">x</a>`, `<base href="http://forged.example/">`,
	`<meta http-equiv="refresh" content="0;url=http://forged.example/">`, `<meta http-equiv="Content-Security-Policy" content="script-src *">`,
	`<link rel=stylesheet href=http://forged.example/x.css>`, `<style>@import "http://forged.example/";body{display:none}</style>`,
	`</style><style>*{background:url(http://forged.example/)}</style>`, `\3c script\3e window.pwned=1`, `\000022\00003e`,
	`expression(window.pwned=1)`, `url(javascript:window.pwned=1)`, `{{.Policy}}{{template "page" .}}`, `{{"{{"}}`, `${window.pwned=1}`,
	"`+window.pwned+`", `<%= pwned %>`, `[[pwned]]`, `<!--<script>`, `--><script>window.pwned=1</script>`,
	`]]><script>window.pwned=1</script>`,
	`<details open ontoggle=window.pwned=1>`, `<input onfocus=window.pwned=1 autofocus>`, `<form action=//forged.example><button>x`,
	`<object data=//forged.example>`, `<template><script>window.pwned=1</script></template>`, `<plaintext>`, `<x y=z `, `&lt;script&gt;`,
	`&#x3c;script&#x3e;`, `&colon;&Tab;&nvgt;`, `two  blanks   and  more`, ` at both ends `, `__proto__`, `constructor`, `toString`,
	`hasOwnProperty`,
	"alice\u202egnp.exe", "\u2067\u2066admin\u2069\u2069",
	"\u0627\u0644\u0639\u0631\u0628\u064a\u0629 (1)", "\u05e2\u05d1\u05e8\u05d9\u05ea", "Zalg\u0351\u0352\u0353o",
	strings.Repeat("w", 900), strings.Repeat("name ", 180), strings.Repeat("<b>", 300), strings.Repeat("W", 64<<10),
}

// hostile are all texts, in the order of what they are called.
func hostile(t *testing.T) []string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(repository, "testdata", "hostile", "texts.yaml"))
	must(t, err)
	texts := map[string]string{}
	must(t, yaml.Unmarshal(data, &texts))
	var all []string
	for _, text := range texts {
		all = append(all, text)
	}
	slices.Sort(all)
	return append(all, harm...)
}

// Whatever others write into every text of a document: it is text on its page. It
// runs nothing and asks for nothing, with the page's policy and without it, and it
// can be read as it was written.
func TestHostileTexts(t *testing.T) {
	r := shows(t, "hostile texts in every field of every format: nothing runs, nothing is asked for, they are read as written")
	texts := hostile(t)
	kinds := []string{"run, every row", "audit, found", "doctor, incomplete", "restore, given", "show, complete", "summary", "inspect"}
	for i, name := range kinds {
		page := hostilePage(t, named(t, name), texts)
		for _, noPolicy := range []bool{true, false}[:1+1/(i+1)] { // both for the first
			b := open(t, page, look{width: 1280, height: 800, noPolicy: noPolicy})
			ask[int](b, `look.open(), look.poke(), 0`)
			wantUnharmed(b, name)
			wantReadable(b, name, texts)
			b.close()
		}
	}
	r.measured("%d texts in %d formats", len(texts), len(kinds))
}

func wantUnharmed(b *tab, name string) {
	b.t.Helper()
	if ask[bool](b, `"pwned" in window || "FORGED" in window || "pwned" in document`) {
		b.t.Errorf("%s: a script of the data ran", name)
	}
	none(b.t, name+" is made of", ask[[]string](b, `look.strange()`))
	none(b.t, name+", not to be seen", ask[[]string](b, `look.unseen()`))
	if at := ask[string](b, `location.href.split("#")[0]`); at != b.at {
		b.t.Errorf("%s: the page went to %s", name, at)
	}
	b.calm()
}

// wantReadable expects each text on the page of its document, as a person sees it.
func wantReadable(b *tab, name string, texts []string) {
	b.t.Helper()
	shown := ask[[]string](b, `look.read("article")`)
	if len(shown) != len(texts) {
		b.t.Fatalf("%s: %d documents for %d texts", name, len(shown), len(texts))
	}
	for i, text := range texts {
		want := text
		if len(want) > 400 { // it ends in an ellipsis
			want = want[:100]
		}
		if !strings.Contains(unescaped(shown[i]), unescaped(want)) && !strings.Contains(shown[i], want) {
			b.t.Errorf("%s: cannot be read: %.200q", name, text)
		}
	}
}

// unescaped undoes what the program does to make visible what cannot be seen.
func unescaped(shown string) string {
	return regexp.MustCompile(`\\u\{([0-9a-f]+)\}`).ReplaceAllStringFunc(shown, func(s string) string {
		n, err := strconv.ParseUint(s[3:len(s)-1], 16, 32)
		if err != nil {
			return s
		}
		return string(rune(n))
	})
}

// hostilePage is one page of many documents: each is the given one, with a text in
// place of all of its own.
func hostilePage(t *testing.T, d document, texts []string) string {
	t.Helper()
	data, err := os.ReadFile(d.stored)
	must(t, err)
	var paths []string
	for i, text := range texts {
		decoder := json.NewDecoder(bytes.NewReader(data))
		decoder.UseNumber()
		var v map[string]any
		must(t, decoder.Decode(&v))
		schema := v["schema"]
		changed := replaced(v, text).(map[string]any)
		changed["schema"] = schema
		out, err := json.Marshal(changed)
		must(t, err)
		paths = append(paths, filepath.Join(scratch, fmt.Sprintf("hostile-%d.json", i)))
		must(t, os.WriteFile(paths[i], out, 0o600))
	}
	page := filepath.Join(scratch, "hostile.html")
	must(t, pageOf(page, paths...))
	return page
}

// replaced puts a text in place of every text that is no time.
func replaced(v any, text string) any {
	switch v := v.(type) {
	case map[string]any:
		for key := range v {
			v[key] = replaced(v[key], text)
		}
	case []any:
		for i := range v {
			v[i] = replaced(v[i], text)
		}
	case string:
		if _, err := time.Parse(time.RFC3339, v); err != nil && v != "" { // a time that is not there, perhaps
			return text
		}
	}
	return v
}

// The same as names in RAM and of clusters, on the way through the real program.
func TestHostileNames(t *testing.T) {
	shows(t, "hostile names of users and clusters, from the account through a run to its page")
	var estate, policy strings.Builder
	estate.WriteString("account: \"1234567890123456\"\ncaller: {type: AssumedRoleUser, uid: \"300000000000000001\"}\nusers:\n")
	policy.WriteString("version: 1\naccount: \"1234567890123456\"\nguards: {maxPrincipals: 500, maxRevocations: 500}\nprincipals:\n")
	var clusters, credentials strings.Builder
	texts := hostile(t)
	for i, text := range texts {
		name := strconv.QuoteToASCII(text[:min(len(text), 200)])
		fmt.Fprintf(&estate, "  - {uid: \"2%017d\", name: %s, created: 2024-05-06T07:08:09Z}\n", i, name)
		fmt.Fprintf(&clusters, "  - {id: c%032d, name: %s, region: cn-hangzhou, created: 2023-02-01T10:20:30+08:00}\n", i, name)
		fmt.Fprintf(&credentials, "  - {uid: \"2%017d\", cluster: c%032d, expires: 2035-01-01T00:00:00Z}\n", i, i)
		fmt.Fprintf(&policy, "  - {uid: \"2%017d\", reason: departed}\n", i)
	}
	estate.WriteString("roles:\n  - {uid: \"300000000000000001\", name: ackrevoke, created: 2026-01-02T03:04:05Z}\nclusters:\n" +
		clusters.String() +
		"credentials:\n" + credentials.String() + "grants:\n  - {uid: \"300000000000000001\", allClusters: true, role: admin}\n")
	must(t, os.WriteFile(filepath.Join(scratch, "hostile-estate.yaml"), []byte(estate.String()), 0o600))
	must(t, os.WriteFile(filepath.Join(scratch, "hostile-policy.yaml"), []byte(policy.String()), 0o600))
	path, err := storedBy("hostile names", "run -o FILE -p "+scratch+"/hostile-policy.yaml --simulate "+scratch+"/hostile-estate.yaml", 0)
	must(t, err)
	must(t, pageOf(scratch+"/hostile-names.html", path))
	b := open(t, scratch+"/hostile-names.html", desk)
	ask[int](b, `look.open(), look.poke(), 0`)
	wantUnharmed(b, "hostile names")
	none(t, "hostile names", ask[[]string](b, `look.wide()`))
	none(t, "hostile names, cut", ask[[]string](b, `look.cut()`))
	all := ask[[]string](b, `look.read("article")`)[0]
	for _, text := range texts {
		begin := []rune(text)
		begin = begin[:min(len(begin), 14)] // an escape may be eight, of the 120 that a name has at the most
		if !strings.Contains(unescaped(all), string(begin)) {
			t.Errorf("cannot be read: %.100q", text)
		}
	}
}
