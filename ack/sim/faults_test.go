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
		"faults: [{on: any, do: denied, explicit: 1}]":                                                                      "explicit must be true or false",
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

func FuzzLoadFaults(f *testing.F) {
	source, err := os.ReadFile("faults.go")
	if err != nil {
		f.Fatal(err)
	}
	_, example, found := strings.Cut(string(source), "//\tfaults:\n")
	if !found {
		f.Fatal("the example in faults.go is gone")
	}
	example, _, _ = strings.Cut("//\tfaults:\n"+example, "//\n")
	f.Add([]byte(strings.ReplaceAll(example, "//\t", "")))
	f.Add([]byte("faults: [{on: any, do: hang}]"))
	f.Add([]byte("faults: [{on: any, do: denied, explicit: true}]"))
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
			if r.on == "" || !slices.Contains(kinds, r.do) || r.from < 1 || r.times < 0 || r.status < 400 || r.status > 599 || r.delay < 0 || r.retryAfter < 0 {
				t.Errorf("a rule that cannot be: %+v", r)
			}
			r.spoil(ok(map[string]int{"a": 1})) // must not panic, whatever it is
		}
	})
}
