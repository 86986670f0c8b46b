package plane

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// Kubectl runs kubectl as the administrator and returns what it printed; what
// it refuses ends the test.
func (c *Cluster) Kubectl(t *testing.T, stdin string, args ...string) string {
	t.Helper()
	said, err := c.TryKubectl(stdin, args...)
	if err != nil {
		t.Fatal(err)
	}
	return said
}

// TryKubectl likewise; what it refuses is an error with its words.
func (c *Cluster) TryKubectl(stdin string, args ...string) (string, error) {
	return c.run(stdin, serverBinary, append([]string{"kubectl"}, args...)...)
}

// Helm runs helm as the administrator.
func (c *Cluster) Helm(t *testing.T, args ...string) string {
	t.Helper()
	said, err := c.TryHelm(args...)
	if err != nil {
		t.Fatal(err)
	}
	return said
}

// TryHelm likewise; what it refuses is an error with its words.
func (c *Cluster) TryHelm(args ...string) (string, error) {
	helm, err := buildHelm()
	if err != nil {
		return "", err
	}
	return c.run("", helm, args...)
}

// Tools puts kubectl and helm into a folder under their names, for who types
// commands as a person does.
func (c *Cluster) Tools(t *testing.T, dir string) {
	t.Helper()
	helm, err := buildHelm()
	Must(t, err)
	Must(t, os.Symlink(helm, filepath.Join(dir, "helm")))
	script := "#!/bin/sh\nexec " + serverBinary + " kubectl \"$@\"\n"
	Must(t, os.WriteFile(filepath.Join(dir, "kubectl"), []byte(script), 0o700))
}

// Env is all that a tool gets of this machine: the path, and the kubeconfig of
// the cluster; no home, no proxy, no kubeconfig of a person.
func (c *Cluster) Env() []string {
	return []string{"PATH=" + os.Getenv("PATH"), "HOME=" + c.Dir, "KUBECONFIG=" + c.Kubeconfig()}
}

func (c *Cluster) run(stdin, binary string, args ...string) (string, error) {
	p := exec.Command(binary, args...)
	p.Dir, p.Stdin, p.Env = Repository, strings.NewReader(stdin), c.Env()
	var stdout, stderr bytes.Buffer
	p.Stdout, p.Stderr = &stdout, &stderr
	err := p.Run()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return stdout.String(), fmt.Errorf("%s %s: exit %d\n%s%s", filepath.Base(binary), strings.Join(args, " "), exit.ExitCode(),
			stdout.String(), stderr.String())
	}
	return stdout.String(), err
}
