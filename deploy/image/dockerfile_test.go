package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// The Dockerfile builds what make image builds: the same flags, from all that
// the program is built from, into an image that starts in the same way.
func TestDockerfile(t *testing.T) {
	root := filepath.Join("..", "..")
	dockerfile, makefile := read(t, filepath.Join(root, "deploy", "Dockerfile")), read(t, filepath.Join(root, "Makefile"))
	_, build, _ := strings.Cut(makefile, "\nBUILD    = ")
	build, _, _ = strings.Cut(build, "\n")
	want := []string{
		strings.ReplaceAll(build, "$(VERSION)", "$VERSION") + " -o /out/ackrevoke ./cmd/ackrevoke",
		"FROM scratch",
		fmt.Sprintf("USER %d:%d", user, user),
		fmt.Sprintf("COPY --from=build --chown=%d:%d /out/work /%s", user, user, workdir),
		"WORKDIR /" + workdir,
		fmt.Sprintf("ENTRYPOINT [%q]", "/"+program),
	}
	lines := strings.Split(dockerfile, "\n")
	for i := range lines {
		lines[i] = strings.TrimSpace(lines[i])
	}
	for _, line := range want {
		if !slices.Contains(lines, line) {
			t.Errorf("deploy/Dockerfile has no line %q", line)
		}
	}
	list := exec.CommandContext(t.Context(), "go", "list", "-deps", "-f", "{{if .Module}}{{if .Module.Main}}{{.ImportPath}}{{end}}{{end}}",
		"./cmd/ackrevoke")
	list.Dir = root
	packages, err := list.Output()
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range strings.Fields(string(packages)) {
		room, _, _ := strings.Cut(strings.TrimPrefix(path, "ackrevoke/"), "/")
		if !slices.Contains(lines, "COPY "+room+" ./"+room) {
			t.Errorf("deploy/Dockerfile does not copy %s, which the program is built from", room)
		}
	}
	_, goes, _ := strings.Cut(read(t, filepath.Join(root, "go.mod")), "\ngo ")
	release := strings.Join(strings.Split(strings.Fields(goes)[0], ".")[:2], ".")
	if !strings.Contains(dockerfile, " golang:"+release+" AS build\n") {
		t.Errorf("deploy/Dockerfile does not build with Go %s, as go.mod wants", release)
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
