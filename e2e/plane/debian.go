package plane

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// Debian fetches packages of this machine's distribution by apt and unpacks
// them into a folder of the cache, which it returns: nothing is installed and
// no service is started. The error says why they cannot be had.
func Debian(packages ...string) (string, error) {
	for _, tool := range []string{"apt-get", "dpkg"} {
		if _, err := exec.LookPath(tool); err != nil {
			return "", fmt.Errorf("%s cannot be had here: there is no %s", strings.Join(packages, ", "), tool)
		}
	}
	updated := false
	root := Cached("debian")
	for _, name := range packages {
		mark := filepath.Join(root, "."+name)
		if _, err := os.Stat(mark); err == nil {
			continue
		}
		if !updated && os.Geteuid() == 0 { // else with the lists as they are
			updated = true
			if err := quiet("", "apt-get", "update"); err != nil {
				return "", err
			}
		}
		Say("fetching %s by apt", name)
		if err := unpack(root, name); err != nil {
			return "", fmt.Errorf("%s cannot be had here: %w", name, err)
		}
		if err := os.WriteFile(mark, nil, 0o600); err != nil {
			return "", err
		}
	}
	return root, nil
}

func unpack(root, name string) error {
	if err := os.MkdirAll(root, 0o755); err != nil {
		return err
	}
	dir, err := os.MkdirTemp(root, ".fetched-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	if err := quiet(dir, "apt-get", "download", "-o", "APT::Sandbox::User=root", name); err != nil {
		return err
	}
	files, err := filepath.Glob(filepath.Join(dir, "*.deb"))
	if err != nil || len(files) == 0 {
		return fmt.Errorf("apt-get download %s left no file", name)
	}
	return quiet(dir, "dpkg", "-x", files[0], root)
}

// quiet runs a command whose words count only when it fails.
func quiet(dir, name string, args ...string) error {
	c := exec.Command(name, args...)
	c.Dir = dir
	var said bytes.Buffer
	c.Stdout, c.Stderr = &said, &said
	if err := c.Run(); err != nil {
		return fmt.Errorf("%s %s: %w: %s", name, strings.Join(args, " "), err, bytes.TrimSpace(said.Bytes()))
	}
	return nil
}
