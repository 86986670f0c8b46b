package node

import (
	"archive/tar"
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"os"
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
	return blob{MediaType: "application/vnd.oci.image." + media, Digest: fmt.Sprintf("sha256:%x", sha256.Sum256(data)), Size: len(data), data: data}
}

// writeImage writes an image with one file in it as an OCI layout archive: the
// pause container. That of ackrevoke comes from make image.
func writeImage(t *testing.T, path, name, program string) {
	t.Helper()
	text := plane.ReadFile(t, program)
	layer := newBlob(t, "layer.v1.tar", archive(t, map[string][]byte{"program": text}))
	config := newBlob(t, "config.v1+json", map[string]any{"os": "linux", "architecture": runtime.GOARCH,
		"config": map[string]any{"Entrypoint": []string{"/program"}},
		"rootfs": map[string]any{"type": "layers", "diff_ids": []string{layer.Digest}}})
	manifest := newBlob(t, "manifest.v1+json", map[string]any{"schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json",
		"config": config, "layers": []blob{layer}})
	manifest.Annotations = map[string]string{"io.containerd.image.name": name}
	index, err := json.Marshal(map[string]any{"schemaVersion": 2, "manifests": []blob{manifest}})
	plane.Must(t, err)
	files := map[string][]byte{"oci-layout": []byte(`{"imageLayoutVersion":"1.0.0"}`), "index.json": index}
	for _, b := range []blob{layer, config, manifest} {
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

// The image as the chart's values name it. It is never pulled: it is there.
const (
	repository = "registry.example.com/ackrevoke"
	tag        = "e2e"
)

// loadProgram puts the image of ackrevoke on the node.
func (n *node) loadProgram(t *testing.T) {
	t.Helper()
	path := filepath.Join(n.host.Dir, "ackrevoke.tar")
	writeImage(t, path, repository+":"+tag, plane.Program)
	n.runtime.run(t, "images", "import", path)
}
