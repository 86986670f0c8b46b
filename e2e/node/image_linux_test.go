package node

import (
	"archive/tar"
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"

	"ackrevoke/e2e/plane"
)

// blob is one file of an image layout, named after its digest.
type blob struct {
	MediaType   string            `json:"mediaType"`
	Digest      string            `json:"digest"`
	Size        int               `json:"size"`
	Annotations map[string]string `json:"annotations,omitempty"`

	data []byte
}

func newBlob(t *testing.T, media string, content any) blob {
	t.Helper()
	data, raw := content.([]byte)
	if !raw {
		var err error
		data, err = json.Marshal(content)
		plane.Must(t, err)
	}
	digest := fmt.Sprintf("sha256:%x", sha256.Sum256(data))
	return blob{MediaType: "application/vnd.oci.image." + media, Digest: digest, Size: len(data), data: data}
}

// writeImage writes an image with these files in it as an OCI layout archive,
// for what a node and the documents need beside ackrevoke.
func writeImage(t *testing.T, path, name string, config map[string]any, program map[string][]byte) {
	t.Helper()
	layer := newBlob(t, "layer.v1.tar", archive(t, program))
	about := newBlob(t, "config.v1+json", map[string]any{"os": "linux", "architecture": runtime.GOARCH, "config": config,
		"rootfs": map[string]any{"type": "layers", "diff_ids": []string{layer.Digest}}})
	manifest := newBlob(t, "manifest.v1+json", map[string]any{"schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json",
		"config": about, "layers": []blob{layer}})
	manifest.Annotations = map[string]string{"io.containerd.image.name": name}
	index, err := json.Marshal(map[string]any{"schemaVersion": 2, "manifests": []blob{manifest}})
	plane.Must(t, err)
	files := map[string][]byte{"oci-layout": []byte(`{"imageLayoutVersion":"1.0.0"}`), "index.json": index}
	for _, b := range []blob{layer, about, manifest} {
		files["blobs/sha256/"+b.Digest[len("sha256:"):]] = b.data
	}
	plane.Must(t, os.WriteFile(path, archive(t, files), 0o600))
}

func archive(t *testing.T, files map[string][]byte) []byte {
	t.Helper()
	var out bytes.Buffer
	w := tar.NewWriter(&out)
	for name, data := range files {
		plane.Must(t, w.WriteHeader(&tar.Header{Name: name, Mode: 0o755, Size: int64(len(data)), Typeflag: tar.TypeReg}))
		_, err := w.Write(data)
		plane.Must(t, err)
	}
	plane.Must(t, w.Close())
	return out.Bytes()
}

// The image as docs/operate.md names it. It is never pulled: it is there.
const (
	repository = "registry.example.com/ackrevoke"
	tag        = "v0.1.0"
)

// loadProgram makes the image of ackrevoke, puts it on the node, and says what it is.
func (n *node) loadProgram(t *testing.T) {
	plane.Step(t, "make image: an archive of an OCI layout, which containerd takes", func(t *testing.T) {
		plane.Must(t, plane.Make("image"))
		path := filepath.Join(plane.Repository, "dist", "ackrevoke-image.tar")
		var index struct {
			Manifests []struct {
				Digest      string
				Annotations map[string]string
			}
		}
		said, err := exec.Command("tar", "-xOf", path, "index.json").Output()
		plane.Must(t, err)
		plane.Must(t, json.Unmarshal(said, &index))
		name := index.Manifests[0].Annotations["org.opencontainers.image.ref.name"]
		n.runtime.run(t, "images", "import", "--digests", "--base-name", "imported", path)
		n.runtime.run(t, "images", "tag", "imported@"+index.Manifests[0].Digest, repository+":"+tag)
		t.Logf("%s, %s", name, index.Manifests[0].Digest)
	})
}

// loadBusybox puts the small image on the node with which docs/operate.md reads the claim.
func (n *node) loadBusybox(t *testing.T) {
	t.Helper()
	text := plane.ReadFile(t, filepath.Join(debian, "bin/busybox"))
	path, files := filepath.Join(n.host.Dir, "busybox.tar"), map[string][]byte{}
	for _, name := range []string{"cat", "ls", "tar", "sleep"} {
		files["bin/"+name] = text
	}
	writeImage(t, path, "registry.example.com/busybox:1.36", map[string]any{"Env": []string{"PATH=/bin"}}, files)
	n.runtime.run(t, "images", "import", path)
}
