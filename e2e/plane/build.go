package plane

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"time"
)

// Kubernetes is the version that go.mod requires. A binary without it stamped
// in calls itself v0.0.0, and its clients complain.
const Kubernetes = "v1.36.3"

var (
	// Program is ackrevoke itself, as make build makes it; Main compiles it.
	Program string

	serverBinary string
)

// Root is the folder of the module e2e, and Repository that of the program.
var (
	Root       = moduleRoot()
	Repository = filepath.Dir(Root)
)

// moduleRoot looks upwards from the folder of the test for a go.mod.
func moduleRoot() string {
	dir, err := os.Getwd()
	for err == nil && dir != filepath.Dir(dir) {
		if _, missing := os.Stat(filepath.Join(dir, "go.mod")); missing == nil {
			return dir
		}
		dir = filepath.Dir(dir)
	}
	return "."
}

// Say tells whoever waits what takes so long.
func Say(format string, a ...any) { fmt.Fprintf(os.Stderr, "e2e: "+format+"\n", a...) }

// Cached is a folder or file that outlives the tests; make clean takes it away.
func Cached(name ...string) string {
	return filepath.Join(append([]string{Root, ".cache"}, name...)...)
}

// buildServer compiles etcd and Kubernetes unless that has been done.
func buildServer() (string, error) {
	sum := sha256.New()
	for _, name := range []string{"go.mod", "go.sum", filepath.Join("server", "main.go")} {
		data, err := os.ReadFile(filepath.Join(Root, name))
		if err != nil {
			return "", err
		}
		sum.Write(data)
	}
	fmt.Fprint(sum, runtime.Version(), runtime.GOOS, runtime.GOARCH)
	path := Cached("server-" + hex.EncodeToString(sum.Sum(nil))[:12])
	if _, err := os.Stat(path); err == nil {
		Say("etcd and Kubernetes %s: built before (%s)", Kubernetes, path)
		return path, nil
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return "", err
	}
	Say("compiling etcd and Kubernetes %s: minutes the first time, then never again", Kubernetes)
	began := time.Now()
	version := "k8s.io/component-base/version."
	parts := strings.Split(strings.TrimPrefix(Kubernetes, "v"), ".")
	flags := fmt.Sprintf("-s -w -X %[1]sgitVersion=%s -X %[1]sgitMajor=%s -X %[1]sgitMinor=%s -X %[1]sgitTreeState=clean", version, Kubernetes,
		parts[0], parts[1])
	// Under another name first: a build that is interrupted is not one.
	half := fmt.Sprintf("%s.%d.tmp", path, os.Getpid())
	if err := GoBuild(Root, "-ldflags", flags, "-o", half, "./server"); err != nil {
		return "", err
	}
	Say("compiled in %s", time.Since(began).Round(time.Second))
	return path, os.Rename(half, path)
}

// buildProgram compiles the program itself, as make build does.
func buildProgram(dir string) (string, error) {
	Say("compiling ackrevoke")
	path := filepath.Join(dir, "ackrevoke")
	return path, GoBuild(Repository, "-ldflags", "-s -w", "-o", path, "./cmd/ackrevoke")
}

// GoBuild compiles a package of the module in dir; it is the last argument.
func GoBuild(dir string, args ...string) error {
	c := exec.Command("go", append([]string{"build", "-trimpath"}, args...)...)
	c.Dir, c.Stdout, c.Stderr = dir, os.Stderr, os.Stderr
	c.Env = append(os.Environ(), "CGO_ENABLED=0", "GOWORK=off")
	if err := c.Run(); err != nil {
		return fmt.Errorf("go build %s in %s: %w", args[len(args)-1], dir, err)
	}
	return nil
}

// Make makes a target of the program's repository, for what other modules pin.
func Make(target string) error {
	Say("make %s", target)
	c := exec.Command("make", "--no-print-directory", target)
	c.Dir, c.Stdout, c.Stderr = Repository, os.Stderr, os.Stderr
	if err := c.Run(); err != nil {
		return fmt.Errorf("make %s: %w", target, err)
	}
	return nil
}

// buildHelm builds the helm that the chart is checked with.
var buildHelm = sync.OnceValues(func() (string, error) {
	return filepath.Join(Repository, "bin", "helm"), Make("helm")
})
