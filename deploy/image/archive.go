package main

import (
	"archive/tar"
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/remote"
)

// write leaves the image as an archive of an OCI image layout: a file that
// ctr images import and skopeo take. It appears whole or not at all.
func (r release) write(index v1.ImageIndex, path string) error {
	dir, err := os.MkdirTemp("", "ackrevoke-image-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	l, err := layout.Write(dir, empty.Index)
	if err != nil {
		return err
	}
	// A name with a colon in it is taken by containerd as it stands.
	if err := l.AppendIndex(index, layout.WithAnnotations(map[string]string{"org.opencontainers.image.ref.name": r.name()})); err != nil {
		return err
	}
	out, err := os.CreateTemp(filepath.Dir(path), "*.tmp")
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(out.Name()) }() // not there any more, if all went well
	buffered := bufio.NewWriter(out)
	if err := errors.Join(r.pack(buffered, dir), buffered.Flush(), out.Chmod(0o644), out.Close()); err != nil {
		return fmt.Errorf("%s cannot be written: %w", path, err)
	}
	return os.Rename(out.Name(), path)
}

// pack writes a folder as an archive. Its order, owners, modes and times do not
// depend on the machine.
func (r release) pack(out io.Writer, dir string) error {
	w := tar.NewWriter(out)
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error { // in the order of the names
		if err != nil || path == dir {
			return err
		}
		relative, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		if d.IsDir() {
			return put(w, tar.Header{Name: filepath.ToSlash(relative) + "/", Mode: 0o755}, r.created, nil)
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return put(w, tar.Header{Name: filepath.ToSlash(relative), Mode: 0o644, Size: int64(len(content))}, r.created, content)
	})
	return errors.Join(err, w.Close())
}

// push sends the image to a repository, tagged with its version.
func (r release) push(ctx context.Context, out io.Writer, index v1.ImageIndex, repository string) error {
	ref, err := name.NewTag(repository + ":" + r.version)
	if err != nil {
		return fmt.Errorf("not pushed to %s: give a repository without a tag, such as registry.example/ackrevoke: %w", repository, err)
	}
	if err := remote.WriteIndex(ref, index, remote.WithContext(ctx), remote.WithAuthFromKeychain(authn.DefaultKeychain)); err != nil {
		return fmt.Errorf("not pushed to %s: %w", repository, err)
	}
	digest, err := index.Digest()
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "  pushed %s:%s@%s\n", repository, r.version, digest)
	return nil
}
