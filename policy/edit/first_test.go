package edit

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"ackrevoke/policy"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// examples are the blocks of lines that are commented out, each without its #.
var examples = regexp.MustCompile(`(?m)(?:^#(?:[a-zA-Z]+:|  +[-a-zA-Z]).*\n)+`)

// A first policy lists nobody and loads; so it does with any of its examples in
// force, and with all of them. Each key that there is at the top has one.
func TestFirst(t *testing.T) {
	text := string(First("1234567890123456", noon))
	load := func(name, text string) *policy.Policy {
		t.Helper()
		p, err := policy.Load(name, []byte(text))
		if err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		return p
	}
	p := load("plain", text)
	if p.Account != "1234567890123456" || len(p.Principals) != 0 {
		t.Errorf("%+v", p)
	}
	bare := func(block string) string {
		return strings.TrimPrefix(strings.ReplaceAll("\n"+block, "\n#", "\n"), "\n")
	}
	use := func(text, block string) string {
		text = strings.Replace(text, block, bare(block), 1)
		if strings.HasPrefix(block, "#  ") {
			text = strings.Replace(text, "principals: []", "principals:", 1)
		}
		return text
	}
	all := text
	blocks := examples.FindAllString(text, -1)
	for i, block := range blocks {
		load(fmt.Sprint("example ", i), use(text, block))
		all = use(all, block)
	}
	p = load("all", all)
	if len(blocks) != 6 || len(p.Principals) != 3 || len(p.Accepted) != 2 || p.AssumeRole == "" || p.Scope.MinClusters == nil ||
		p.Guards.Raise == nil || p.Location.String() != "Asia/Shanghai" {
		t.Errorf("%d blocks: %+v", len(blocks), p)
	}
	for _, key := range regexp.MustCompile(`(?m)^#?([a-zA-Z]+):`).FindAllStringSubmatch(text, -1) {
		if !slices.Contains([]string{"version", "account", "assumeRole", "externalId", "timeZone", "scope", "guards", "accepted", "principals"},
			key[1]) {
			t.Errorf("no key %s", key[1])
		}
	}
	if line, _, _ := strings.Cut(text, "\n"); line != SchemaLine {
		t.Errorf("the first line is %q", line)
	}
}

// Whoever is added by name to a first policy is its first entry, and every comment
// stays.
func TestFirstTakesAnEntry(t *testing.T) {
	text := First("1234567890123456", noon)
	done, err := Add("policy.yaml", text, Entry{UID: "200000000000000009", Kind: policy.User, Name: "zoe", Reason: policy.Departed})
	if err != nil {
		t.Fatal(err)
	}
	p, err := policy.Load("policy.yaml", done.New)
	if err != nil || len(p.Principals) != 1 || p.Principals[0].Name != "zoe" {
		t.Errorf("%v %+v", err, p)
	}
	if was, is := strings.Count(string(text), "#"), strings.Count(string(done.New), "#"); was != is {
		t.Errorf("%d comments, and now %d:\n%s", was, is, done.New)
	}
}
