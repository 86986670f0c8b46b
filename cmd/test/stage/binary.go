package stage

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"ackrevoke/job/end"
)

var built = sync.OnceValues(func() (path string, err error) {
	if path, err = os.MkdirTemp("", "ackrevoke-"); err != nil {
		return "", err
	}
	folder, path = path, filepath.Join(path, "ackrevoke")
	args := append([]string{"build", "-o", path}, buildFlags...)
	cmd := exec.Command("go", append(args, "ackrevoke/cmd/ackrevoke")...)
	cmd.Stderr, cmd.Env = os.Stderr, environment
	return path, cmd.Run()
})

// environment is that of the test as it began: a test that moves HOME would send
// the build for its modules and its cache anew.
var environment = os.Environ()

var folder string // of what was built, "" for nothing

// Binary is the real program, built once for the tests of a package, and with
// the race detector where they have it.
func Binary(t *testing.T) string {
	t.Helper()
	path, err := built()
	if err != nil {
		t.Fatalf("go build: %v", err)
	}
	return path
}

// Main runs the tests of a package that starts the real program.
func Main(m *testing.M) {
	// What the process does with signals and streams is in a file that no test
	// imports. Looking at it here makes go test forget old results when it changes.
	_, err := os.ReadFile(filepath.Join(Root(), "cmd/ackrevoke/main.go"))
	code := end.CodeError
	if err == nil {
		code = m.Run()
	} else {
		fmt.Fprintln(os.Stderr, err)
	}
	if folder != "" {
		_ = os.RemoveAll(folder)
	}
	os.Exit(code)
}
