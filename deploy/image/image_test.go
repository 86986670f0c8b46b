package main

import (
	"archive/tar"
	"bytes"
	"debug/elf"
	"encoding/binary"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/validate"
)

var tried = release{version: "v1.2.3", revision: "0123abcd", source: "https://git.example/ackrevoke",
	created: time.Unix(1795874550, 0).UTC()}

// dist is a folder with the head of a program for each architecture; ask adds a
// program header of this type.
func dist(t *testing.T, ask ...elf.ProgType) string {
	t.Helper()
	dir := t.TempDir()
	for arch, machine := range map[string]elf.Machine{"amd64": elf.EM_X86_64, "arm64": elf.EM_AARCH64} {
		h := elf.Header64{Type: uint16(elf.ET_EXEC), Machine: uint16(machine), Version: uint32(elf.EV_CURRENT),
			Phoff: 64, Phentsize: 56, Phnum: uint16(len(ask)), Shentsize: 64, Ehsize: 64}
		copy(h.Ident[:], append([]byte(elf.ELFMAG), byte(elf.ELFCLASS64), byte(elf.ELFDATA2LSB), byte(elf.EV_CURRENT)))
		var out bytes.Buffer
		_ = binary.Write(&out, binary.LittleEndian, h)
		for _, p := range ask {
			_ = binary.Write(&out, binary.LittleEndian, elf.Prog64{Type: uint32(p)})
		}
		if err := os.WriteFile(filepath.Join(dir, "ackrevoke-linux-"+arch), out.Bytes(), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// made builds the image from a folder and gives back the archive.
func made(t *testing.T, r release, dir string) []byte {
	t.Helper()
	if err := r.make(t.Context(), io.Discard, dir, ""); err != nil {
		t.Fatal(err)
	}
	archive, err := os.ReadFile(filepath.Join(dir, "ackrevoke-image.tar"))
	if err != nil {
		t.Fatal(err)
	}
	return archive
}

// unpacked reads the image back from its archive, as any other tool would.
func unpacked(t *testing.T, archive []byte) (v1.ImageIndex, v1.Descriptor) {
	t.Helper()
	dir := t.TempDir()
	for name, content := range files(t, bytes.NewReader(archive)) {
		if content.header.Uid != 0 || content.header.Gid != 0 || !content.header.ModTime.Equal(tried.created) {
			t.Errorf("the archive says where it was made: %+v", content.header)
		}
		path := filepath.Join(dir, filepath.FromSlash(name))
		if content.isDir() {
			continue
		}
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, content.content, 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	all, err := layout.ImageIndexFromPath(dir)
	if err != nil {
		t.Fatal(err)
	}
	manifest, err := all.IndexManifest()
	if err != nil || len(manifest.Manifests) != 1 {
		t.Fatalf("%d images, want one index: %v", len(manifest.Manifests), err)
	}
	index, err := all.ImageIndex(manifest.Manifests[0].Digest)
	if err != nil {
		t.Fatal(err)
	}
	if err := validate.Index(index); err != nil { // digests, sizes, media types
		t.Error(err)
	}
	return index, manifest.Manifests[0]
}

type entry struct {
	header  tar.Header
	content []byte
}

func (e entry) isDir() bool { return e.header.Typeflag == tar.TypeDir }

// files are the entries of an archive by name; each comes once.
func files(t *testing.T, r io.Reader) map[string]entry {
	t.Helper()
	all := map[string]entry{}
	for in := tar.NewReader(r); ; {
		h, err := in.Next()
		if err == io.EOF {
			return all
		}
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(in)
		if err != nil {
			t.Fatal(err)
		}
		if _, twice := all[h.Name]; twice {
			t.Errorf("%s is in the archive twice", h.Name)
		}
		all[h.Name] = entry{*h, content}
	}
}

// The same commit gives the same bytes, wherever and whenever it is built.
func TestTwice(t *testing.T) {
	one := made(t, tried, dist(t))
	t.Setenv("TZ", "Asia/Shanghai")
	if two := made(t, tried, dist(t)); !bytes.Equal(one, two) {
		t.Error("two builds differ")
	}
	other := tried
	other.version = "v1.2.4"
	if bytes.Equal(one, made(t, other, dist(t))) {
		t.Error("another version gave the same archive")
	}
}

func TestImage(t *testing.T) {
	dir := dist(t)
	index, in := unpacked(t, made(t, tried, dir))
	if got := in.Annotations["org.opencontainers.image.ref.name"]; got != "ackrevoke:v1.2.3" {
		t.Errorf("the image is called %q", got)
	}
	manifest, err := index.IndexManifest()
	if err != nil {
		t.Fatal(err)
	}
	labelled(t, "the index", manifest.Annotations)
	var platforms []string
	for _, d := range manifest.Manifests {
		platforms = append(platforms, d.Platform.String())
		if d.ArtifactType != "" {
			t.Errorf("%s is called an artifact: %s", d.Platform, d.ArtifactType)
		}
		image, err := index.Image(d.Digest)
		if err != nil {
			t.Fatal(err)
		}
		configured(t, image, d.Platform.Architecture)
		program, err := os.ReadFile(filepath.Join(dir, "ackrevoke-linux-"+d.Platform.Architecture))
		if err != nil {
			t.Fatal(err)
		}
		layered(t, image, program)
	}
	if got := strings.Join(platforms, " "); got != "linux/amd64 linux/arm64" {
		t.Errorf("platforms %s", got)
	}
}

// labelled holds the labels to what was said; a tool shows them to people.
func labelled(t *testing.T, where string, got map[string]string) {
	t.Helper()
	for key, want := range map[string]string{"title": "ackrevoke", "version": "v1.2.3", "revision": "0123abcd", "licenses": "Apache-2.0",
		"source": "https://git.example/ackrevoke", "created": "2026-11-28T14:02:30Z"} {
		if got["org.opencontainers.image."+key] != want {
			t.Errorf("%s: %s is %q, want %q", where, key, got["org.opencontainers.image."+key], want)
		}
	}
	if got["org.opencontainers.image.description"] == "" || len(got) != 7 {
		t.Errorf("%s: labels %v", where, got)
	}
}

// configured reads how a container is started.
func configured(t *testing.T, image v1.Image, arch string) {
	t.Helper()
	file, err := image.ConfigFile()
	if err != nil {
		t.Fatal(err)
	}
	c := file.Config
	if file.OS != "linux" || file.Architecture != arch || !file.Created.Equal(tried.created) {
		t.Errorf("%s: for %s/%s, of %s", arch, file.OS, file.Architecture, file.Created)
	}
	if c.User != "65532:65532" || c.WorkingDir != "/var/lib/ackrevoke" || strings.Join(c.Entrypoint, " ") != "/ackrevoke" || len(c.Cmd) > 0 ||
		len(c.Env) > 0 || len(c.Volumes) > 0 {
		text, _ := json.Marshal(c)
		t.Errorf("%s: %s", arch, text)
	}
	labelled(t, arch, c.Labels)
	m, err := image.Manifest()
	if err != nil {
		t.Fatal(err)
	}
	labelled(t, arch+", manifest", m.Annotations)
}

// layered reads what is in the image: nothing but what is named here.
func layered(t *testing.T, image v1.Image, program []byte) {
	t.Helper()
	layers, err := image.Layers()
	if err != nil || len(layers) != 1 {
		t.Fatal(len(layers), "layers:", err)
	}
	content, err := layers[0].Uncompressed()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = content.Close() }()
	got := files(t, content)
	for name, want := range map[string]struct {
		mode  int64
		owner int
	}{"ackrevoke": {0o755, 0}, "var/": {0o755, 0}, "var/lib/": {0o755, 0}, "var/lib/ackrevoke/": {0o755, 65532}} {
		e, there := got[name]
		h := e.header
		if !there || h.Mode != want.mode || h.Uid != want.owner || h.Gid != want.owner || h.Uname != "" || !h.ModTime.Equal(tried.created) ||
			e.isDir() != strings.HasSuffix(name, "/") {
			t.Errorf("%s: there %t: %+v", name, there, h)
		}
	}
	if len(got) != 4 || !bytes.Equal(got["ackrevoke"].content, program) {
		t.Errorf("%d files, and the program is the one of dist: %t", len(got), bytes.Equal(got["ackrevoke"].content, program))
	}
}
