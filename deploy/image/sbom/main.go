// Command sbom writes what binaries are made of, for make release: beside each
// one an SPDX 2.3 document, taken from what the Go linker left in the binary
// itself (go version -m shows the same). So it is true of this file, whatever
// go.mod says by now.
package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/spdx/tools-golang/json"
	"github.com/spdx/tools-golang/spdx"
	"github.com/spdx/tools-golang/spdxlib"
)

func main() {
	version := flag.String("version", "devel", "the `version` of the binaries")
	created := flag.Int64("epoch", 0, "the time of the commit, in `seconds` since 1970")
	flag.Parse()
	for _, path := range flag.Args() {
		n, err := write(path, *version, time.Unix(*created, 0).UTC())
		if err != nil {
			fmt.Fprintln(os.Stderr, "sbom:", err)
			os.Exit(1)
		}
		fmt.Printf("  %s.spdx.json  %d packages\n", filepath.Join(filepath.Base(filepath.Dir(path)), filepath.Base(path)), n)
	}
}

// write leaves the document for one binary beside it, and counts its packages.
func write(path, version string, created time.Time) (packages int, err error) {
	binary, err := os.ReadFile(path)
	if err != nil {
		return 0, err
	}
	document, err := describe(path, binary, version, created)
	if err != nil {
		return 0, fmt.Errorf("%s: %w", path, err)
	}
	var out bytes.Buffer
	if err := json.Write(document, &out, json.Indent("  "), json.EscapeHTML(false)); err != nil {
		return 0, err
	}
	again, err := check(out.Bytes())
	if err != nil {
		return 0, fmt.Errorf("%s: the document is not valid: %w", path, err)
	}
	return len(again.Packages), os.WriteFile(path+".spdx.json", out.Bytes(), 0o644)
}

// check reads a document as somebody else would, and holds it to what SPDX
// demands of every document and package.
func check(text []byte) (*spdx.Document, error) {
	d, err := json.Read(bytes.NewReader(text))
	if err != nil {
		return nil, err
	}
	if err := spdxlib.ValidateDocument(d); err != nil {
		return nil, err
	}
	if d.SPDXVersion != spdx.Version || d.DataLicense != spdx.DataLicense || d.SPDXIdentifier != "DOCUMENT" || d.DocumentName == "" ||
		d.DocumentNamespace == "" || d.CreationInfo == nil || len(d.CreationInfo.Creators) == 0 || d.CreationInfo.Created == "" {
		return nil, errors.New("its head is not complete")
	}
	seen := map[spdx.ElementID]bool{}
	for _, p := range d.Packages {
		if p.PackageName == "" || p.PackageDownloadLocation == "" || p.PackageSPDXIdentifier == "" || seen[p.PackageSPDXIdentifier] {
			return nil, fmt.Errorf("package %q is not complete, or has the id of another one", p.PackageName)
		}
		seen[p.PackageSPDXIdentifier] = true
	}
	return d, nil
}
