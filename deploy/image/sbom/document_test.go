package main

import (
	"bytes"
	"crypto/sha256"
	"debug/buildinfo"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/spdx/tools-golang/spdx"
)

var at = time.Unix(1795874550, 0).UTC()

// self is a Go binary that is at hand: this test.
func self(t *testing.T) string {
	t.Helper()
	path, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	binary, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	at := filepath.Join(t.TempDir(), "ackrevoke-test")
	if err := os.WriteFile(at, binary, 0o755); err != nil {
		t.Fatal(err)
	}
	return at
}

// Every module that go version -m shows is in the document, with its version and
// the sum that go.sum holds it to, and nothing else.
func TestDocument(t *testing.T) {
	path := self(t)
	n, err := write(path, "v1.2.3", at)
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(path + ".spdx.json")
	if err != nil {
		t.Fatal(err)
	}
	d, err := check(text)
	if err != nil {
		t.Fatal(err)
	}
	info, err := buildinfo.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if len(info.Deps) == 0 || len(d.Packages) != len(info.Deps)+2 || n != len(d.Packages) || len(d.Relationships) != len(d.Packages) {
		t.Errorf("%d packages of %d modules, %d relationships", len(d.Packages), len(info.Deps), len(d.Relationships))
	}
	byName := map[string]*spdx.Package{}
	for _, p := range d.Packages {
		byName[p.PackageName] = p
	}
	for _, m := range info.Deps {
		p := byName[m.Path]
		if p == nil || p.PackageVersion != m.Version || p.PackageSourceInfo != "go.sum "+m.Sum ||
			!strings.HasPrefix(p.PackageExternalReferences[0].Locator, "pkg:golang/"+m.Path+"@v") {
			t.Errorf("%s %s: %+v", m.Path, m.Version, p)
		}
	}
	if p := byName["stdlib"]; p == nil || "go"+p.PackageVersion != info.GoVersion {
		t.Errorf("stdlib: %+v", p)
	}
	binary, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	p := byName["ackrevoke"]
	if p == nil || p.PackageVersion != "v1.2.3" || p.PackageFileName != "ackrevoke-test" || p.PackageLicenseDeclared != "Apache-2.0" ||
		p.PackageChecksums[0].Value != fmt.Sprintf("%x", sha256.Sum256(binary)) || !strings.Contains(p.PackageSourceInfo, "GOOS=") {
		t.Errorf("the program: %+v", p)
	}
	if d.CreationInfo.Created != "2026-11-28T14:02:30Z" ||
		!regexp.MustCompile(`^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`).MatchString(d.DocumentNamespace) {
		t.Errorf("of %s, %s", d.CreationInfo.Created, d.DocumentNamespace)
	}
}

func TestTheSameTwice(t *testing.T) {
	path := self(t)
	var texts [2][]byte
	for i := range texts {
		if _, err := write(path, "v1.2.3", at); err != nil {
			t.Fatal(err)
		}
		var err error
		if texts[i], err = os.ReadFile(path + ".spdx.json"); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(texts[0], texts[1]) {
		t.Error("two documents of one binary differ")
	}
}

// What is no Go program, and a document that lacks something, are refused.
func TestRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ackrevoke-test")
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	if _, err := write(path, "v1", at); err == nil || !strings.Contains(err.Error(), path) {
		t.Error(err)
	}
	if _, err := os.Stat(path + ".spdx.json"); err == nil {
		t.Error("a document was written")
	}
	good := self(t)
	if _, err := write(good, "v1.2.3", at); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(good + ".spdx.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, change := range [][2]string{
		{`"name": "stdlib"`, `"name": ""`},
		{`"SPDXID": "SPDXRef-Package-stdlib"`, `"SPDXID": "SPDXRef-Package-other"`},
		{`"dataLicense": "CC0-1.0"`, `"dataLicense": ""`},
		{`"spdxVersion": "SPDX-2.3"`, `"spdxVersion": "SPDX-9"`},
	} {
		bad := strings.Replace(string(text), change[0], change[1], 1)
		if _, err := check([]byte(bad)); err == nil || bad == string(text) {
			t.Errorf("%s was taken, or was not there before", change[1])
		}
	}
}
