// Command image puts the static binaries of dist/ into a container image for
// linux/amd64 and linux/arm64, for make image. No daemon is asked, and no base
// image is fetched: what is in the image is what layer.go lists.
//
// The image is written to dist/ackrevoke-image.tar, an archive of an OCI image
// layout. The same commit gives the same bytes: every time in it is that of the
// commit, and nothing tells where it was built. With -push it goes to a
// registry as well, with the credentials that docker login left.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
)

// most is how large an image may be for one platform, in compressed bytes: a
// base image or a binary with symbols that slipped in is noticed.
const most = 30_000_000

func main() {
	var r release
	var dist, push string
	flag.StringVar(&dist, "dist", "../../dist", "the `folder` with the binaries; the archive goes there too")
	flag.StringVar(&r.version, "version", "devel", "the `version` of the binaries")
	flag.StringVar(&r.revision, "revision", "", "the `commit` that they were built from")
	flag.StringVar(&r.source, "source", "", "the `URL` where the source can be had")
	flag.StringVar(&push, "push", "", "also push to this `repository`, such as registry.example/ackrevoke")
	created := flag.Int64("epoch", 0, "the time of the commit, in `seconds` since 1970")
	flag.Parse()
	r.created = time.Unix(*created, 0).UTC()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := r.make(ctx, os.Stdout, dist, push); err != nil {
		fmt.Fprintln(os.Stderr, "image:", err)
		os.Exit(1)
	}
}

// make builds the image from the binaries in a folder, writes the archive beside
// them, and says what came of it.
func (r release) make(ctx context.Context, out io.Writer, dist, push string) error {
	binaries := map[string][]byte{}
	for _, arch := range architectures {
		path := filepath.Join(dist, "ackrevoke-linux-"+arch)
		binary, err := os.ReadFile(path)
		if err != nil {
			return fmt.Errorf("%w: make image builds it", err)
		}
		if err := static(binary, arch); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		binaries[arch] = binary
	}
	index, err := r.index(binaries)
	if err != nil {
		return err
	}
	if err := small(out, index); err != nil {
		return err
	}
	archive := filepath.Join(dist, "ackrevoke-image.tar")
	if err := r.write(index, archive); err != nil {
		return err
	}
	digest, err := index.Digest()
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "  %s  %s\n  %s\n", filepath.Join(filepath.Base(dist), filepath.Base(archive)), r.name(), digest)
	if push == "" {
		return nil
	}
	return r.push(ctx, out, index, push)
}

// small prints what each platform weighs, and is an error where that is too much.
func small(out io.Writer, index v1.ImageIndex) error {
	sizes, err := compressed(index)
	if err != nil {
		return err
	}
	var large error
	for _, s := range sizes {
		fmt.Fprintf(out, "  %-12s %5.1f MB compressed\n", s.platform, float64(s.bytes)/1e6)
		if s.bytes >= most {
			large = errors.Join(large, fmt.Errorf("%s: %d bytes compressed, and %d are the most: look what got into the binary",
				s.platform, s.bytes, most))
		}
	}
	return large
}
