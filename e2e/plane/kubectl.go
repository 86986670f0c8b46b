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

// run gives a tool nothing of this machine but its path: no home, no proxy, no
// kubeconfig of a person.
func (c *Cluster) run(stdin, binary string, args ...string) (string, error) {
	p := exec.Command(binary, args...)
	p.Dir, p.Stdin = Repository, strings.NewReader(stdin)
	p.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + c.Dir, "KUBECONFIG=" + c.Kubeconfig()}
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
