package sim

import (
	"errors"
	"os"
	"slices"
	"strings"
	"testing"
)

func TestLoadFaults(t *testing.T) {
	for script, want := range map[string]string{
		"faults: []": "",
		"faults: [{on: read, do: slow, delay: 3s}, {on: ListUsers, from: 2, times: 0, do: html502}]":                        "",
		"faults: [{on: CleanClusterUserPermissions, uid: \"1\", cluster: c1, do: error, code: X, status: 409, message: m}]": "",
		"faults: [{on: DescribeRegions, do: denied, explicit: true}]":                                                       "",
		"faults: [{on: DescribeClustersForRegion, region: cn-hangzhou, do: short, times: 0}]":                               "",

		"faults: [{on: any, do: denied, explicit: 1}]": "explicit must be true or false",

		"{}":                                      "f.yaml:1:1: a fault script needs the key faults",
		"faults: [{on: read}]":                    "needs the key do",
		"faults: [{do: slow}]":                    "needs the key on",
		"faults: [{on: read, do: explode}]":       "do must be one of",
		"faults: [{on: NoSuchThing, do: slow}]":   "on must be an operation",
		"faults: [{on: read, do: slow, uid: 1}]":  "uid must be quoted",
		"faults: [{on: read, do: slow, at: 1}]":   "has no key",
		"faults: [{on: read, do: slow, from: 0}]": "from",
		"":       "the file is empty",
		"faults": "must be a mapping",
	} {
		got, err := LoadFaults("f.yaml", []byte(script))
		switch {
		case want == "" && err != nil, want != "" && (err == nil || !strings.Contains(err.Error(), want)):
			t.Errorf("%s: %v, want %q", script, err, want)
		case err != nil && got != nil:
			t.Errorf("%s: an error and a script", script)
		}
	}
}

// documented returns a part of the comments of a file, as the text it is.
func documented(t testing.TB, file, from, to string) string {
	t.Helper()
	source, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	_, rest, found := strings.Cut(string(source), from)
	part, _, ended := strings.Cut(rest, to)
	if !found || !ended {
		t.Fatalf("%s says nothing between %q and %q", file, from, to)
	}
	return strings.ReplaceAll(from+part, "//\t", "")
}

// TestDocumented keeps the tables in the comments complete: every kind of fault with its line, every key of a rule in the example,
// every behaviour in the list.
func TestDocumented(t *testing.T) {
	table := documented(t, "faults.go", "//\tdo   ", "type Faults")
	for _, kind := range kinds {
		if !slices.ContainsFunc(strings.Split(table, "\n"), func(line string) bool {
			return slices.Contains(strings.FieldsFunc(line, func(r rune) bool { return r == ' ' || r == ',' }), kind)
		}) {
			t.Errorf("the fault %s is not in the table", kind)
		}
	}
	example := documented(t, "faults.go", "//\tfaults:\n", "//\n")
	if _, err := LoadFaults("faults.go", []byte(example)); err != nil {
		t.Error(err)
	}
	for _, key := range ruleKeys {
		if !strings.Contains(example, key+": ") && key != "status" && key != "message" {
			t.Errorf("the key %s is not in the example", key)
		}
	}
	list := documented(t, "options.go", "//\tlag: 0s", "type behaviour")
	for _, key := range behaviourKeys {
		if !strings.HasPrefix(list, key+": ") && !strings.Contains(list, "\n"+key+": ") {
			t.Errorf("the behaviour %s is not in the list", key)
		}
	}
}

func FuzzLoadFaults(f *testing.F) {
	f.Add([]byte(documented(f, "faults.go", "//\tfaults:\n", "//\n")))
	f.Add([]byte("faults: [{on: any, do: hang}]"))
	f.Add([]byte("faults: [{on: any, do: denied, explicit: true}, {on: read, region: cn-a, do: short}]"))
	f.Add([]byte("faults: [{on: write, do: error, code: \"a\\e[2J\", message: \"b\\nc\", status: 599, times: 0}, 7]"))
	f.Fuzz(func(t *testing.T, data []byte) {
		got, err := LoadFaults("f", data)
		if (err == nil) == (got == nil) {
			t.Fatalf("%v, %v", got, err)
		}
		if err != nil {
			var all Errors
			if !errors.As(err, &all) || len(all) == 0 {
				t.Fatalf("not a list of errors: %v", err)
			}
			for _, one := range all {
				if !strings.HasPrefix(one.Error(), "f:") {
					t.Errorf("no place in %q", one)
				}
			}
			return
		}
		for _, r := range got.rules {
			if r.on == "" || !slices.Contains(kinds, r.do) || r.from < 1 || r.times < 0 || r.status < 400 || r.status > 599 || r.delay < 0 ||
				r.retryAfter < 0 {
				t.Errorf("a rule that cannot be: %+v", r)
			}
			r.spoil(ok(map[string]int{"a": 1})) // must not panic, whatever it is
		}
	})
}
