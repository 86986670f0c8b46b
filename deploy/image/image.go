package main

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// architectures are those of the image; each is one of linux.
var architectures = []string{"amd64", "arm64"}

// user owns the working directory and runs the program. It has a number and no
// name: an image from scratch has no /etc/passwd, and runAsNonRoot wants a number.
const user = 65532

// release is what the image says of itself.
type release struct {
	version  string
	revision string // the commit; "" where there is none
	source   string // a URL; "" where nobody said
	created  time.Time
}

// name is what the image is called in its archive.
func (r release) name() string { return "ackrevoke:" + r.version }

// labels are the same in the configuration, the manifests and the index: each
// tool looks for them elsewhere. What is not known is left out.
func (r release) labels() map[string]string {
	all := map[string]string{
		"title":       "ackrevoke",
		"description": "Ends the KubeConfig credentials of departed or compromised principals on ACK clusters, and proves it",
		"licenses":    "Apache-2.0",
		"version":     r.version,
		"revision":    r.revision,
		"source":      r.source,
		"created":     r.created.Format(time.RFC3339),
	}
	labels := map[string]string{}
	for key, value := range all {
		if value != "" {
			labels["org.opencontainers.image."+key] = value
		}
	}
	return labels
}

// index is the image for every architecture.
func (r release) index(binaries map[string][]byte) (v1.ImageIndex, error) {
	index := mutate.IndexMediaType(empty.Index, types.OCIImageIndex)
	for _, arch := range architectures {
		image, err := r.image(binaries[arch], arch)
		if err != nil {
			return nil, fmt.Errorf("linux/%s: %w", arch, err)
		}
		index = mutate.AppendManifests(index, mutate.IndexAddendum{
			Add:        runnable{image},
			Descriptor: v1.Descriptor{Platform: &v1.Platform{OS: "linux", Architecture: arch}},
		})
	}
	return mutate.Annotations(index, r.labels()).(v1.ImageIndex), nil
}

// runnable keeps the library from calling the image an artifact in the index.
type runnable struct{ v1.Image }

// ArtifactType is none: it is an image to run.
func (runnable) ArtifactType() (string, error) { return "", nil }

// image is the image for one architecture: one layer, and how to start it.
func (r release) image(binary []byte, arch string) (v1.Image, error) {
	content, err := r.layer(binary)
	if err != nil {
		return nil, err
	}
	layer, err := tarball.LayerFromOpener(func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(content)), nil },
		tarball.WithMediaType(types.OCILayer), tarball.WithCompressionLevel(gzip.BestCompression))
	if err != nil {
		return nil, err
	}
	created := v1.Time{Time: r.created}
	image := mutate.ConfigMediaType(mutate.MediaType(empty.Image, types.OCIManifestSchema1), types.OCIConfigJSON)
	image, err = mutate.ConfigFile(image, &v1.ConfigFile{
		OS: "linux", Architecture: arch, Created: created,
		RootFS: v1.RootFS{Type: "layers", DiffIDs: []v1.Hash{}},
		Config: v1.Config{
			User:       fmt.Sprintf("%d:%d", user, user),
			WorkingDir: "/" + workdir,
			Entrypoint: []string{"/" + program},
			Labels:     r.labels(),
		},
	})
	if err != nil {
		return nil, err
	}
	image, err = mutate.Append(image, mutate.Addendum{Layer: layer, MediaType: types.OCILayer,
		History: v1.History{Created: created, CreatedBy: "make image", Comment: "FROM scratch"}})
	if err != nil {
		return nil, err
	}
	return mutate.Annotations(image, r.labels()).(v1.Image), nil
}

// weight is what one platform of an image weighs.
type weight struct {
	platform string
	bytes    int64
}

// compressed is what a node of each platform fetches: manifest, configuration
// and layers.
func compressed(index v1.ImageIndex) ([]weight, error) {
	manifest, err := index.IndexManifest()
	if err != nil {
		return nil, err
	}
	var all []weight
	for _, d := range manifest.Manifests {
		image, err := index.Image(d.Digest)
		if err != nil {
			return nil, err
		}
		m, err := image.Manifest()
		if err != nil {
			return nil, err
		}
		w := weight{d.Platform.String(), d.Size + m.Config.Size}
		for _, l := range m.Layers {
			w.bytes += l.Size
		}
		all = append(all, w)
	}
	return all, nil
}
