package node

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"syscall"
)

// able says what a node needs and this machine does not give even to root, as in
// many containers: mounts, cgroups and network namespaces.
func able() error {
	dir, err := os.MkdirTemp("", "ackrevoke-able-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, ""); err != nil {
		return fmt.Errorf("no file system can be mounted here: %w", err)
	}
	defer func() { _ = syscall.Unmount(dir, syscall.MNT_DETACH) }()
	if err := overlay(dir); err != nil {
		return fmt.Errorf("no overlay can be mounted here: %w", err)
	}
	for _, root := range hierarchies() {
		group := filepath.Join(root, filepath.Base(dir))
		if err := os.Mkdir(group, 0o755); err != nil {
			return fmt.Errorf("no cgroup can be made here: %w", err)
		}
		_ = os.Remove(group)
	}
	made := make(chan error)
	go func() {
		runtime.LockOSThread() // and never unlocked: the thread ends with its namespace
		made <- syscall.Unshare(syscall.CLONE_NEWNET)
	}()
	if err := <-made; err != nil {
		return fmt.Errorf("no network namespace can be made here: %w", err)
	}
	return nil
}

func overlay(dir string) error {
	at := func(name string) string { return filepath.Join(dir, name) }
	for _, name := range []string{"lower", "upper", "work", "merged"} {
		if err := os.Mkdir(at(name), 0o755); err != nil {
			return err
		}
	}
	options := "lowerdir=" + at("lower") + ",upperdir=" + at("upper") + ",workdir=" + at("work")
	if err := syscall.Mount("overlay", at("merged"), "overlay", 0, options); err != nil {
		return err
	}
	return syscall.Unmount(at("merged"), syscall.MNT_DETACH)
}
