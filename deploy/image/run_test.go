package main

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
)

// The image starts: what is in it is enough for the real program, as the user
// and in the folder that it names. A read-only root and a real runtime are the
// business of the tests on a node.
func TestItRuns(t *testing.T) {
	if runtime.GOOS != "linux" || os.Getuid() != 0 {
		t.Skip("to enter the image takes root, on linux")
	}
	root := entered(t)
	for _, name := range []string{"policy.yaml", "testdata/estate.yaml"} {
		text, err := os.ReadFile(filepath.Join("..", "..", name))
		if err := errors.Join(err, os.WriteFile(filepath.Join(root, filepath.Base(name)), text, 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	run := []string{"run", "-p", "/policy.yaml", "--simulate", "/estate.yaml"}
	if code, said := inside(root, run...); code != 0 || !strings.Contains(said, "planned (exit 0)") {
		t.Errorf("exit %d\n%s", code, said)
	}
	report, err := os.Stat(filepath.Join(root, workdir, "report.json"))
	if err != nil || report.Mode() != 0o600 || report.Sys().(*syscall.Stat_t).Uid != user {
		t.Errorf("the report in the working directory: %v %v", report, err)
	}
	// Where nothing can be written, and no volume is there: the words that help, and no call.
	code, said := inside(root, append(run, "--report", "/report.json")...)
	if code != 1 || !strings.Contains(said, "its folder cannot be written") || !strings.Contains(said, "hint: nothing was called") {
		t.Errorf("exit %d\n%s", code, said)
	}
	// Time zones are in the program.
	code, said = inside(root, "run", "--schedule", "CRON_TZ=Asia/Shanghai 0 2 30 2 *")
	if code != 2 || !strings.Contains(said, "never comes") {
		t.Errorf("exit %d\n%s", code, said)
	}
}

// entered is the root file system of the image, with the real program in it.
func entered(t *testing.T) string {
	t.Helper()
	binary := filepath.Join(t.TempDir(), "ackrevoke")
	build := exec.CommandContext(t.Context(), "go", "build", "-trimpath", "-ldflags", "-s -w", "-o", binary, "./cmd/ackrevoke")
	build.Dir, build.Env = filepath.Join("..", ".."), append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	program, err := os.ReadFile(binary)
	if err != nil {
		t.Fatal(err)
	}
	content, err := tried.layer(program)
	if err != nil {
		t.Fatal(err)
	}
	root := t.TempDir()
	for _, folder := range []string{filepath.Dir(root), root} { // private to root as the test's folders come
		if err := os.Chmod(folder, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	tar := exec.CommandContext(t.Context(), "tar", "-xp", "--numeric-owner", "-C", root)
	tar.Stdin = bytes.NewReader(content)
	if out, err := tar.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return root
}

// inside runs the image's program as a container would, without an environment.
func inside(root string, args ...string) (code int, said string) {
	cmd := &exec.Cmd{Path: "/" + program, Args: append([]string{program}, args...), Env: []string{}, Dir: "/" + workdir,
		SysProcAttr: &syscall.SysProcAttr{Chroot: root, Credential: &syscall.Credential{Uid: user, Gid: user}}}
	out, _ := cmd.CombinedOutput()
	return cmd.ProcessState.ExitCode(), string(out)
}
