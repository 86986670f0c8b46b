package main

import (
	"crypto/rand"
	"debug/elf"
	"errors"
	"io"
	"io/fs"
	"log"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/registry"
	"github.com/google/go-containerregistry/pkg/v1/remote"
)

// What would not run as an image, or is too large for one, leaves no archive.
func TestRefused(t *testing.T) {
	for _, tt := range []struct {
		name, want string
		dir        func(t *testing.T) string
	}{
		{"nothing was built", "make image builds it", func(t *testing.T) string { return t.TempDir() }},
		{"the C library", "CGO_ENABLED=0", func(t *testing.T) string { return dist(t, elf.PT_INTERP) }},
		{"two times the same architecture", "EM_X86_64, not for EM_AARCH64", func(t *testing.T) string {
			dir := dist(t)
			if err := os.Rename(filepath.Join(dir, "ackrevoke-linux-amd64"), filepath.Join(dir, "ackrevoke-linux-arm64")); err != nil {
				t.Fatal(err)
			}
			replace(t, dir, "amd64", dist(t))
			return dir
		}},
		{"no program", "no program for linux", func(t *testing.T) string {
			dir := dist(t)
			if err := os.WriteFile(filepath.Join(dir, "ackrevoke-linux-amd64"), []byte("#!/bin/sh\n"), 0o755); err != nil {
				t.Fatal(err)
			}
			return dir
		}},
		{"too large", "linux/arm64: 3", func(t *testing.T) string {
			dir := dist(t)
			f, err := os.OpenFile(filepath.Join(dir, "ackrevoke-linux-arm64"), os.O_APPEND|os.O_WRONLY, 0)
			if err != nil {
				t.Fatal(err)
			}
			noise := make([]byte, most) // does not compress
			_, _ = rand.Read(noise)
			_, err = f.Write(noise)
			if err := errors.Join(err, f.Close()); err != nil {
				t.Fatal(err)
			}
			return dir
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := tt.dir(t)
			err := tried.make(t.Context(), io.Discard, dir, "")
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %q in it", err, tt.want)
			}
			if left, _ := filepath.Glob(filepath.Join(dir, "*.t*")); len(left) > 0 {
				t.Errorf("%v were left", left)
			}
		})
	}
}

// replace takes the program for an architecture from another folder.
func replace(t *testing.T, dir, arch, from string) {
	t.Helper()
	if err := os.Rename(filepath.Join(from, "ackrevoke-linux-"+arch), filepath.Join(dir, "ackrevoke-linux-"+arch)); err != nil {
		t.Fatal(err)
	}
}

// What goes to a registry has the digest of the archive.
func TestPush(t *testing.T) {
	server := httptest.NewServer(registry.New(registry.Logger(log.New(io.Discard, "", 0))))
	defer server.Close()
	repository := strings.TrimPrefix(server.URL, "http://") + "/tools/ackrevoke"
	dir := dist(t)
	if err := tried.make(t.Context(), io.Discard, dir, repository); err != nil {
		t.Fatal(err)
	}
	archive, err := os.ReadFile(filepath.Join(dir, "ackrevoke-image.tar"))
	if err != nil {
		t.Fatal(err)
	}
	_, in := unpacked(t, archive)
	ref, err := name.NewTag(repository + ":v1.2.3")
	if err != nil {
		t.Fatal(err)
	}
	got, err := remote.Index(ref)
	if err != nil {
		t.Fatal(err)
	}
	if digest, err := got.Digest(); err != nil || digest != in.Digest {
		t.Errorf("pushed %s, and the archive has %s: %v", digest, in.Digest, err)
	}
	// A tag is not the caller's to choose; and a registry that is not there is named.
	for _, to := range []string{repository + ":latest", "127.0.0.1:1/ackrevoke"} {
		if err := tried.make(t.Context(), io.Discard, dir, to); err == nil || !strings.Contains(err.Error(), to) {
			t.Errorf("%s: %v", to, err)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "ackrevoke-image.tar")); errors.Is(err, fs.ErrNotExist) {
		t.Error("a push that failed took the archive with it")
	}
}
