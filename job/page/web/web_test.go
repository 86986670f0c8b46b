package web

import (
	"bytes"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"ackrevoke/job/page"
	"ackrevoke/job/report"
	"ackrevoke/policy"
)

// estate is the report of a run over so many principals and clusters, with
// something else in every place.
func estate(principals, clusters int) *report.Report {
	statuses := []report.Status{report.WasRevoked, report.WasAbsent, report.WasFailed, report.WasUnverified, report.WasBlocked,
		report.WasSkipped}
	r := report.New()
	r.Run.Mode = report.Apply
	for i := range principals {
		uid := fmt.Sprintf("2%017d", i)
		name := fmt.Sprintf("firstname.lastname-%03d", i)
		r.Principals = append(r.Principals, report.Principal{UID: uid, Name: name, Kind: policy.User, Verdict: report.Left,
			Actions: clusters})
		for j := range clusters {
			c := report.Cluster{ID: fmt.Sprintf("c%032d", j), Name: fmt.Sprintf("team-%d-prod-%03d", j%7, j), Region: "cn-hangzhou"}
			r.Plan.Actions = append(r.Plan.Actions, report.Action{ID: c.ID + "/" + uid, UID: uid, Name: name, Kind: policy.User, Cluster: c,
				Reason: policy.Departed, Because: []string{"certificate", "grants"}, Before: report.Snapshot{GrantsSeen: true,
					Certificate: report.Certificate{State: policy.Unexpired}, Grants: []report.Grant{{Role: "dev",
						Scope: policy.OnNamespace, Namespace: "web"}}}})
			r.Outcomes = append(r.Outcomes, report.Outcome{Action: c.ID + "/" + uid, Status: statuses[(i*7+j)%len(statuses)],
				RequestID: "51D00000-0000-4000-8000-000000000020"})
		}
	}
	return r
}

// A page of 200 principals on 500 clusters, with something in all of the 100,000
// places, is below 5 MB, shows them all, and says what its tables leave out.
func TestLargePage(t *testing.T) {
	t.Parallel()
	data, err := Encode(page.Of(estate(200, 500)))
	if err != nil {
		t.Fatal(err)
	}
	if len(data) > 5_000_000 {
		t.Errorf("%d bytes", len(data))
	}
	if n := bytes.Count(data, []byte("<td class=")); n < 100_000 {
		t.Errorf("%d places are shown", n)
	}
	if !bytes.Contains(data, []byte(" of 100000 are shown here")) {
		t.Error("nothing says that the table of actions is cut")
	}
}

func BenchmarkLargePage(b *testing.B) {
	p := page.Of(estate(200, 500))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Encode(p); err != nil {
			b.Fatal(err)
		}
	}
}

func small(t *testing.T) []byte {
	t.Helper()
	data, err := Encode(page.Of(estate(3, 4)))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// The policy of the page allows the style and the script that are in it, and nothing
// else: not an attribute, not a request.
func TestContentSecurityPolicy(t *testing.T) {
	t.Parallel()
	root, err := html.Parse(bytes.NewReader(small(t)))
	if err != nil {
		t.Fatal(err)
	}
	allowed, hashes := "", []string{}
	for n := range root.Descendants() {
		switch {
		case n.Data == "style" || n.Data == "script":
			hashes = append(hashes, n.Data+"-src "+hash(n.FirstChild.Data))
		case n.Data == "meta":
			if i := slices.IndexFunc(n.Attr, func(a html.Attribute) bool { return a.Val == "Content-Security-Policy" }); i >= 0 {
				allowed = n.Attr[1-i].Val
			}
		}
		for _, a := range n.Attr {
			if strings.HasPrefix(a.Key, "on") || a.Key == "style" && n.Data != "meta" || a.Key == "src" || a.Key == "srcset" ||
				a.Key == "href" && !strings.HasPrefix(a.Val, "#") {
				t.Errorf("<%s %s=%q>", n.Data, a.Key, a.Val)
			}
		}
	}
	want := "default-src 'none'; " + strings.Join(hashes, "; ") + "; base-uri 'none'; form-action 'none'"
	if allowed != want {
		t.Errorf("\n got %s\nwant %s", allowed, want)
	}
	if strings.Contains(style, "url(") || strings.Contains(style, "@import") || strings.Contains(style, "</") {
		t.Error("the style asks for something, or ends early")
	}
}

// What a screen reader goes by: one main part, a language, headings without a gap,
// unique ids that labels find, heads with a scope, a caption for each table.
func TestStructure(t *testing.T) {
	t.Parallel()
	root, err := html.Parse(bytes.NewReader(small(t)))
	if err != nil {
		t.Fatal(err)
	}
	ids, labels, level, count := map[string]bool{}, []string{}, 0, map[string]int{}
	for n := range root.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		count[n.Data]++
		attr := map[string]string{}
		for _, a := range n.Attr {
			attr[a.Key] = a.Val
		}
		if id := attr["id"]; id != "" {
			if ids[id] {
				t.Errorf("two elements have the id %s", id)
			}
			ids[id] = true
		}
		if l := attr["aria-labelledby"]; l != "" {
			labels = append(labels, l)
		}
		if h := attr["href"]; h != "" {
			labels = append(labels, h[1:])
		}
		switch {
		case n.Data == "html" && attr["lang"] == "", n.Data == "th" && attr["scope"] == "":
			t.Errorf("<%s> lacks something", n.Data)
		case len(n.Data) == 2 && n.Data[0] == 'h' && n.Data[1] >= '1' && n.Data[1] <= '6':
			at := int(n.Data[1] - '0')
			if at > level+1 {
				t.Errorf("a heading of level %d follows one of %d", at, level)
			}
			level = at
		}
	}
	for _, l := range labels {
		if !ids[l] {
			t.Errorf("nothing has the id %s", l)
		}
	}
	if count["main"] != 1 || count["h1"] != 1 || count["title"] != 1 || count["caption"] != count["table"] {
		t.Errorf("%v", count)
	}
}

// Every colour of text can be read on every ground that it is put on, light and dark:
// 4.5 to 1, as WCAG asks for.
func TestContrast(t *testing.T) {
	t.Parallel()
	schemes := regexp.MustCompile(`(?s):root\{(?:color-scheme:light dark;)?(.*?)\}`).FindAllStringSubmatch(style, 2)
	if len(schemes) != 2 {
		t.Fatal("there are not two schemes")
	}
	for i, scheme := range schemes {
		colours := map[string]string{}
		for _, m := range regexp.MustCompile(`--([a-z-]+):(#[0-9a-f]{6})`).FindAllStringSubmatch(scheme[1], -1) {
			colours[m[1]] = m[2]
		}
		pairs := [][2]string{{"text", "bg"}, {"text", "panel"}, {"dim", "bg"}, {"dim", "panel"}, {"link", "bg"}, {"link", "panel"}, {"bg",
			"text"}, {"act", "bg"},
			{"good", "bg"}}
		for _, tone := range []string{"good", "act", "bad", "unsure", "quiet"} {
			pairs = append(pairs, [2]string{tone, tone + "-bg"})
		}
		for _, p := range pairs {
			if c := contrast(t, colours[p[0]], colours[p[1]]); c < 4.5 {
				t.Errorf("scheme %d: %s on %s: %.2f", i, p[0], p[1], c)
			}
		}
	}
}

func contrast(t *testing.T, a, b string) float64 {
	t.Helper()
	x, y := luminance(t, a), luminance(t, b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

// luminance is that of WCAG 2.
func luminance(t *testing.T, colour string) float64 {
	t.Helper()
	n, err := strconv.ParseUint(strings.TrimPrefix(colour, "#"), 16, 32)
	if err != nil {
		t.Fatalf("%q: %v", colour, err)
	}
	sum := 0.0
	for i, weight := range []float64{0.0722, 0.7152, 0.2126} {
		c := float64(n>>(8*i)&0xff) / 255
		if c <= 0.04045 {
			c /= 12.92
		} else {
			c = math.Pow((c+0.055)/1.055, 2.4)
		}
		sum += weight * c
	}
	return sum
}

// Several documents stand below a list of them.
func TestSeveralDocuments(t *testing.T) {
	t.Parallel()
	a, b := page.Of(estate(1, 1)), page.Of(estate(1, 2))
	a.File, b.File = "a.json", "b.json"
	data, err := Encode(a, b)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`<a href="#d2">`, `<article id="d2"`, "ackrevoke · 2 documents", "b.json"} {
		if !bytes.Contains(data, []byte(want)) {
			t.Errorf("%s is not there", want)
		}
	}
}
