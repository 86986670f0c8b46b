// Package e2e asks a real kube-apiserver what the simulated one cannot answer
// for: whether a client certificate still opens anything.
//
// It is a module of its own, so that the program's has none of Kubernetes'
// dependencies. make e2e-control-plane runs it; it needs nothing but Go. The
// first run compiles etcd and kube-apiserver, which takes minutes; the binary
// is kept in .cache under a name that its sources give it.
//
//	build_test.go      the two binaries      authority_test.go  certificates, kubeconfigs
//	cluster_test.go    etcd, kube-apiserver  prove_test.go      what prove says of them
package e2e

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

// kubernetes is the version that go.mod requires. A binary without it stamped
// in calls itself v0.0.0, and its clients complain.
const kubernetes = "v1.36.3"

var (
	serverBinary string
	proverBinary string
)

func TestMain(m *testing.M) {
	code := func() int {
		dir, err := os.MkdirTemp("", "ackrevoke-e2e-")
		if err != nil {
			fmt.Fprintln(os.Stderr, "e2e:", err)
			return 1
		}
		defer func() { _ = os.RemoveAll(dir) }()
		if serverBinary, err = buildServer(); err == nil {
			proverBinary, err = buildProver(dir)
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, "e2e:", err)
			return 1
		}
		return m.Run()
	}()
	os.Exit(code)
}

func say(format string, a ...any) { fmt.Fprintf(os.Stderr, "e2e: "+format+"\n", a...) }

// buildServer compiles etcd and kube-apiserver unless that has been done.
func buildServer() (string, error) {
	sum := sha256.New()
	for _, name := range []string{"go.mod", "go.sum", filepath.Join("server", "main.go")} {
		data, err := os.ReadFile(name)
		if err != nil {
			return "", err
		}
		sum.Write(data)
	}
	fmt.Fprint(sum, runtime.Version(), runtime.GOOS, runtime.GOARCH)
	path, err := filepath.Abs(filepath.Join(".cache", "server-"+hex.EncodeToString(sum.Sum(nil))[:12]))
	if err != nil {
		return "", err
	}
	if _, err := os.Stat(path); err == nil {
		say("etcd and kube-apiserver %s: built before (%s)", kubernetes, path)
		return path, nil
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return "", err
	}
	say("compiling etcd and kube-apiserver %s: minutes the first time, then never again", kubernetes)
	began := time.Now()
	version := "k8s.io/component-base/version."
	parts := strings.Split(strings.TrimPrefix(kubernetes, "v"), ".")
	flags := fmt.Sprintf("-s -w -X %[1]sgitVersion=%s -X %[1]sgitMajor=%s -X %[1]sgitMinor=%s -X %[1]sgitTreeState=clean", version, kubernetes,
		parts[0], parts[1])
	// Under another name first: a build that is interrupted is not one.
	half := path + ".tmp"
	if err := goBuild(".", "-ldflags", flags, "-o", half, "./server"); err != nil {
		return "", err
	}
	say("compiled in %s", time.Since(began).Round(time.Second))
	return path, os.Rename(half, path)
}

// buildProver compiles the program itself, as make build does.
func buildProver(dir string) (string, error) {
	say("compiling ackrevoke")
	path := filepath.Join(dir, "ackrevoke")
	return path, goBuild("..", "-ldflags", "-s -w", "-o", path, "./cmd/ackrevoke")
}

func goBuild(dir string, args ...string) error {
	c := exec.Command("go", append([]string{"build", "-trimpath"}, args...)...)
	c.Dir, c.Stdout, c.Stderr = dir, os.Stderr, os.Stderr
	c.Env = append(os.Environ(), "CGO_ENABLED=0", "GOWORK=off")
	if err := c.Run(); err != nil {
		return fmt.Errorf("go build %s in %s: %w", args[len(args)-1], dir, err)
	}
	return nil
}
