package main

import (
	"bytes"
	"crypto/sha256"
	"debug/buildinfo"
	"fmt"
	"path/filepath"
	"regexp"
	"runtime/debug"
	"strings"
	"time"

	"github.com/spdx/tools-golang/spdx"
	"github.com/spdx/tools-golang/spdx/v2/common"
)

// unknown is SPDX's word for what nobody looked at: nothing is claimed of the
// licenses of others.
const unknown = "NOASSERTION"

// describe says what a binary is made of: itself, Go's standard library, and
// each module that was linked into it.
func describe(path string, binary []byte, version string, created time.Time) (*spdx.Document, error) {
	info, err := buildinfo.Read(bytes.NewReader(binary))
	if err != nil {
		return nil, fmt.Errorf("what it is made of cannot be read: %w", err)
	}
	sum := sha256.Sum256(binary)
	name := filepath.Base(path)
	main := module("ackrevoke", version, "")
	main.PackageFileName, main.PrimaryPackagePurpose, main.PackageLicenseDeclared = name, "APPLICATION", "Apache-2.0"
	main.PackageChecksums = []spdx.Checksum{{Algorithm: common.SHA256, Value: fmt.Sprintf("%x", sum)}}
	main.PackageSourceInfo = settings(info)
	d := &spdx.Document{
		SPDXVersion: spdx.Version, DataLicense: spdx.DataLicense, SPDXIdentifier: "DOCUMENT",
		DocumentName: name + " " + version, DocumentNamespace: namespace(sum),
		CreationInfo: &spdx.CreationInfo{Created: created.Format(time.RFC3339),
			Creators: []spdx.Creator{{CreatorType: "Tool", Creator: "ackrevoke-deploy-image-sbom"}}},
		Packages:      []*spdx.Package{main},
		Relationships: []*spdx.Relationship{relation("DOCUMENT", "DESCRIBES", main.PackageSPDXIdentifier)},
	}
	linked := []*spdx.Package{module("stdlib", strings.TrimPrefix(info.GoVersion, "go"), "")}
	for _, m := range info.Deps {
		if m.Replace != nil {
			m = m.Replace
		}
		linked = append(linked, module(m.Path, m.Version, m.Sum))
	}
	for _, p := range linked {
		d.Packages = append(d.Packages, p)
		d.Relationships = append(d.Relationships, relation(main.PackageSPDXIdentifier, "DEPENDS_ON", p.PackageSPDXIdentifier))
	}
	return d, nil
}

// module is the package of one module. Its package URL is what scanners look up.
func module(path, version, sum string) *spdx.Package {
	p := &spdx.Package{
		PackageName: path, PackageVersion: version, PackageDownloadLocation: unknown,
		PackageSPDXIdentifier:   spdx.ElementID("Package-" + regexp.MustCompile(`[^A-Za-z0-9.-]+`).ReplaceAllString(path, "-")),
		PackageLicenseConcluded: unknown, PackageLicenseDeclared: unknown, PackageCopyrightText: unknown,
		PackageExternalReferences: []*spdx.PackageExternalReference{{Category: "PACKAGE-MANAGER", RefType: "purl",
			Locator: "pkg:golang/" + path + "@" + strings.ReplaceAll(version, "+", "%2B")}},
	}
	if sum != "" {
		p.PackageSourceInfo = "go.sum " + sum
	}
	return p
}

// settings are those of the build that decide what the binary is.
func settings(info *debug.BuildInfo) string {
	var all []string
	for _, s := range info.Settings {
		switch s.Key {
		case "GOOS", "GOARCH", "CGO_ENABLED", "vcs.revision", "vcs.modified":
			all = append(all, s.Key+"="+s.Value)
		}
	}
	return strings.Join(all, " ")
}

// namespace is a URI of this document's own, as SPDX wants: a UUID (version 8)
// made of the checksum of the binary, so that the same binary gets the same one.
func namespace(sum [sha256.Size]byte) string {
	sum[6], sum[8] = sum[6]&0x0f|0x80, sum[8]&0x3f|0x80
	return fmt.Sprintf("urn:uuid:%x-%x-%x-%x-%x", sum[0:4], sum[4:6], sum[6:8], sum[8:10], sum[10:16])
}

func relation(a spdx.ElementID, how string, b spdx.ElementID) *spdx.Relationship {
	return &spdx.Relationship{RefA: spdx.DocElementID{ElementRefID: a}, Relationship: how, RefB: spdx.DocElementID{ElementRefID: b}}
}
