package node

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"ackrevoke/e2e/plane"
)

// pause is the image of the container that holds a pod's namespaces.
const pause = "ackrevoke.test/pause:v1"

// containerd is the runtime, with everything of it below one folder.
type containerd struct{ dir string }

func (c containerd) socket() string { return filepath.Join(c.dir, "containerd.sock") }

// startContainerd starts it and loads the pause image.
func startContainerd(t *testing.T, dir string) containerd {
	t.Helper()
	c := containerd{dir}
	plane.Must(t, os.MkdirAll(filepath.Join(dir, "cni"), 0o755))
	plane.Write(t, filepath.Join(dir, "cni", "10-e2e.conflist"), []byte(cni))
	path := filepath.Join(dir, "config.toml")
	plane.Write(t, path, fmt.Appendf(nil, containerdConfig, dir, pause, filepath.Join(debian, "usr/lib/cni")))
	env := []string{"HOME=" + dir, "PATH=" + debian + "/usr/bin:" + debian + "/usr/sbin:" + os.Getenv("PATH")}
	process := plane.Start(t, dir, "containerd", env, filepath.Join(debian, "usr/bin/containerd"), "--config", path)
	plane.Await(t, "containerd", func() (bool, string) {
		said, err := c.try("version")
		return err == nil, said + process.Tail()
	})
	program, image := filepath.Join(dir, "pause"), filepath.Join(dir, "pause.tar")
	plane.Must(t, plane.GoBuild(plane.Root, "-ldflags", "-s -w", "-o", program, "./pause"))
	writeImage(t, image, pause, map[string]any{"Entrypoint": []string{"/pause"}}, map[string][]byte{"pause": plane.ReadFile(t, program)})
	c.run(t, "images", "import", image)
	return c
}

// run runs ctr in the kubelet's namespace.
func (c containerd) run(t *testing.T, args ...string) string {
	t.Helper()
	said, err := c.try(args...)
	if err != nil {
		t.Fatalf("ctr %s: %v\n%s", strings.Join(args, " "), err, said)
	}
	return said
}

func (c containerd) try(args ...string) (string, error) {
	args = append([]string{"--address", c.socket(), "--namespace", "k8s.io"}, args...)
	said, err := exec.Command(filepath.Join(debian, "usr/bin/ctr"), args...).CombinedOutput()
	return string(said), err
}

// containerdConfig takes the folder of the runtime, the pause image and the
// folder of the plugins. Root may lack the right to lower an oom score.
const containerdConfig = `version = 2
root = "%[1]s/root"
state = "%[1]s/state"
[grpc]
  address = "%[1]s/containerd.sock"
[plugins."io.containerd.internal.v1.opt"]
  path = "%[1]s/opt"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "%[2]s"
  restrict_oom_score_adj = true
  stream_server_address = "127.0.0.1"
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "%[3]s"
    conf_dir = "%[1]s/cni"
  [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
    runtime_type = "io.containerd.runc.v2"
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
      SystemdCgroup = false
`

const cni = `{"cniVersion": "0.4.0", "name": "e2e", "plugins": [{"type": "ptp", "ipam": {"type": "host-local",
	"ranges": [[{"subnet": "10.244.0.0/24"}]], "routes": [{"dst": "0.0.0.0/0"}]}}]}
`
