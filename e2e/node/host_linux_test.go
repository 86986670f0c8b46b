package node

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"ackrevoke/e2e/plane"
)

// host is what this machine looked like before, and how it is made to look
// like that again: a kubelet and its runtime change the machine they run on.
type host struct {
	Dir     string            // all files of the node are below it
	Group   string            // and all its processes in cgroups of this name
	Sysctls map[string]string // by file
	Before  marks

	lock *os.File
}

// marks are the things of a machine that outlive a process.
type marks struct{ Mounts, Cgroups, Links, Folders []string }

// kubelet sets the first three for every node, a CNI plugin the last.
var sysctls = []string{"vm/overcommit_memory", "kernel/panic", "kernel/panic_on_oops", "net/ipv4/ip_forward"}

// folders are those that the components make wherever they are told to work.
var folders = []string{"/run/containerd", "/run/netns", "/var/lib/cni", "/var/lib/kubelet", "/var/log/pods", "/var/log/containers",
	"/usr/libexec/kubernetes", "/opt/containerd", "/etc/cni"}

// lockFile is held by the one test that has a node on this machine; it says
// what that test found, for the next one where it was killed.
const lockFile = "/tmp/ackrevoke-e2e-node.lock"

// alone waits until no other test has a node on this machine, and tidies up
// after one that was killed.
func alone() (*host, error) {
	lock, err := os.OpenFile(lockFile, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) != nil {
		plane.Say("another node runs on this machine; waiting for it")
		if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX); err != nil {
			return nil, err
		}
	}
	if killed := (&host{lock: lock}); json.NewDecoder(lock).Decode(killed) == nil {
		plane.Say("an earlier test was killed and left %s; tidying up", killed.Dir)
		if err := killed.restore(); err != nil {
			return nil, err
		}
	}
	return newHost(lock)
}

// newHost looks at the machine, and writes down what it sees before anything
// is changed.
func newHost(lock *os.File) (*host, error) {
	h := &host{lock: lock, Sysctls: map[string]string{}, Group: fmt.Sprintf("ackrevoke-e2e-%d", os.Getpid()), Before: look()}
	for _, name := range sysctls {
		path := filepath.Join("/proc/sys", name)
		value, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		h.Sysctls[path] = strings.TrimSpace(string(value))
	}
	var err error
	if h.Dir, err = os.MkdirTemp("", "ackrevoke-node-"); err != nil {
		return nil, err
	}
	if err := os.Chmod(h.Dir, 0o755); err != nil { // a pod's user has to get through to its volume
		return nil, err
	}
	text, err := json.Marshal(h)
	if err == nil {
		_, err = lock.WriteAt(text, 0)
	}
	if err != nil {
		return nil, err
	}
	for _, root := range hierarchies() {
		if err := makeGroup(root, filepath.Join(root, h.Group)); err != nil {
			return nil, err
		}
	}
	return h, nil
}

func look() marks {
	var m marks
	info, _ := os.ReadFile("/proc/self/mountinfo")
	for line := range strings.Lines(string(info)) {
		m.Mounts = append(m.Mounts, strings.Fields(line)[4])
	}
	for _, root := range hierarchies() {
		m.Cgroups = append(m.Cgroups, directories(root)...)
	}
	m.Links, _ = filepath.Glob("/sys/class/net/*")
	for _, path := range folders {
		if _, err := os.Stat(path); err == nil {
			m.Folders = append(m.Folders, path)
		}
	}
	return m
}

// hierarchies are the roots of cgroups: one of version 2, or many of version 1.
func hierarchies() []string {
	const root = "/sys/fs/cgroup"
	if _, err := os.Stat(filepath.Join(root, "cgroup.procs")); err == nil {
		return []string{root}
	}
	return slices.DeleteFunc(directories(root), func(path string) bool {
		target, _ := filepath.EvalSymlinks(path) // cpu may be a link to cpu,cpuacct
		return target != path
	})
}

func directories(root string) []string {
	all, _ := filepath.Glob(filepath.Join(root, "*"))
	return slices.DeleteFunc(all, func(path string) bool {
		info, err := os.Stat(path)
		return err != nil || !info.IsDir()
	})
}

// makeGroup makes a cgroup; one of version 1 that says which processors and
// memory may be used starts with none, and takes no process.
func makeGroup(root, path string) error {
	if err := os.Mkdir(path, 0o755); err != nil {
		return err
	}
	for _, name := range []string{"cpuset.cpus", "cpuset.mems"} {
		value, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			continue // another controller, or version 2
		}
		if err := os.WriteFile(filepath.Join(path, name), value, 0o600); err != nil {
			return err
		}
	}
	return nil
}

// restore ends what is left of the node and puts the machine back. It says
// what could not be put back.
func (h *host) restore() error {
	var bad []error
	deadline := time.Now().Add(plane.Patience)
	for len(h.processes()) > 0 && time.Now().Before(deadline) {
		for _, pid := range h.processes() {
			_ = syscall.Kill(pid, syscall.SIGKILL)
		}
		time.Sleep(50 * time.Millisecond)
	}
	for _, path := range slices.Backward(look().Mounts) { // the last one is on top
		if !slices.Contains(h.Before.Mounts, path) && h.owns(path) {
			if err := syscall.Unmount(path, syscall.MNT_DETACH); err != nil {
				bad = append(bad, fmt.Errorf("unmount %s: %w", path, err))
			}
		}
	}
	for _, root := range hierarchies() {
		bad = append(bad, removeGroups(filepath.Join(root, h.Group)))
	}
	for _, path := range folders {
		if !slices.Contains(h.Before.Folders, path) {
			bad = append(bad, os.RemoveAll(path))
		}
	}
	for path, value := range h.Sysctls {
		if now, err := os.ReadFile(path); err == nil && strings.TrimSpace(string(now)) != value {
			bad = append(bad, os.WriteFile(path, []byte(value), 0o600))
		}
	}
	bad = append(bad, os.RemoveAll(h.Dir), h.lock.Truncate(0))
	return errors.Join(bad...)
}

func (h *host) owns(path string) bool {
	return strings.HasPrefix(path, h.Dir+"/") || strings.HasPrefix(path, "/run/netns/cni-") || strings.HasPrefix(path, "/run/containerd/")
}

// processes are those of the node: they stand in its cgroups, or name its folder.
func (h *host) processes() []int {
	var found []int
	all, _ := filepath.Glob("/proc/[0-9]*")
	for _, path := range all {
		cgroups, _ := os.ReadFile(filepath.Join(path, "cgroup"))
		command, _ := os.ReadFile(filepath.Join(path, "cmdline"))
		if strings.Contains(string(cgroups), "/"+h.Group) || strings.Contains(string(command), h.Dir) {
			var pid int
			if _, err := fmt.Sscan(filepath.Base(path), &pid); err == nil && pid != os.Getpid() {
				found = append(found, pid)
			}
		}
	}
	return found
}

// removeGroups removes a cgroup, the ones in it first.
func removeGroups(path string) error {
	for _, below := range directories(path) {
		if err := removeGroups(below); err != nil {
			return err
		}
	}
	if err := syscall.Rmdir(path); err != nil && !errors.Is(err, syscall.ENOENT) {
		return fmt.Errorf("rmdir %s: %w", path, err)
	}
	return nil
}

// left says what of the node is still there, and which setting is another one.
func (h *host) left() []string {
	var out []string
	now := look()
	for _, pair := range []struct {
		what        string
		now, before []string
	}{{"mount", now.Mounts, h.Before.Mounts}, {"cgroup", now.Cgroups, h.Before.Cgroups},
		{"network interface", now.Links, h.Before.Links}, {"folder", now.Folders, h.Before.Folders}} {
		for _, name := range pair.now {
			if !slices.Contains(pair.before, name) {
				out = append(out, pair.what+" "+name)
			}
		}
	}
	for _, pid := range h.processes() {
		out = append(out, fmt.Sprintf("process %d", pid))
	}
	for path, value := range h.Sysctls {
		if is, _ := os.ReadFile(path); strings.TrimSpace(string(is)) != value {
			out = append(out, fmt.Sprintf("%s is %s and was %s", path, strings.TrimSpace(string(is)), value))
		}
	}
	if _, err := os.Stat(h.Dir); err == nil {
		out = append(out, "folder "+h.Dir)
	}
	return out
}
