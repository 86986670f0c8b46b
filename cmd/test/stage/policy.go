package stage

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// PolicyFile writes a policy whose entries stand on one line, so that their
// order does not show in line numbers.
func PolicyFile(t *testing.T, entries []string) string {
	t.Helper()
	return PolicyOf(t, "guards: {maxPrincipals: 100}", entries...)
}

// PolicyOf is a policy with more sections than that of the entries.
func PolicyOf(t *testing.T, sections string, entries ...string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "policy.yaml")
	text := fmt.Sprintf("version: 1\naccount: %q\n%s\nprincipals: [%s]\n", Account, sections, strings.Join(entries, ", "))
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// Root is the folder of the project, whatever package is tested.
func Root() string {
	dir := Must(filepath.Abs("."))
	for !isFile(filepath.Join(dir, "go.mod")) {
		dir = filepath.Dir(dir)
	}
	return dir
}

func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}
