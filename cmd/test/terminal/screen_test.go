package terminal

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"ackrevoke/cmd/test/stage"
)

// server is a tmux of this test alone.
type server struct {
	t      *testing.T
	socket string
}

// newServer is one that is not there yet, or skips the test.
func newServer(t *testing.T) server {
	t.Helper()
	if _, err := exec.LookPath("tmux"); err != nil {
		t.Skip("there is no tmux here, and so no terminal to look at")
	}
	dir, err := os.MkdirTemp("", "t") // the name of a socket has to be short
	if err != nil {
		t.Fatal(err)
	}
	s := server{t: t, socket: filepath.Join(dir, "s")}
	t.Cleanup(func() {
		_ = exec.Command("tmux", "-S", s.socket, "kill-server").Run()
		_ = os.RemoveAll(dir)
	})
	return s
}

// tmux gives it a command. Nothing of the environment but the path gets through,
// and text is UTF-8.
func (s server) tmux(env []string, args ...string) string {
	s.t.Helper()
	cmd := exec.CommandContext(s.t.Context(), "tmux", append([]string{"-u", "-f", os.DevNull, "-S", s.socket}, args...)...)
	cmd.Env = append([]string{"PATH=" + os.Getenv("PATH"), "LC_ALL=C.UTF-8", "TERM=xterm-256color"}, env...)
	out, err := cmd.CombinedOutput()
	if err != nil {
		s.t.Fatalf("tmux %q: %v\n%s", args, err, out)
	}
	return string(out)
}

// screen is what stands on the terminal after the program ended.
type screen struct {
	rows     string // as they are seen
	lines    string // as they were written: without the breaks that the terminal made
	coloured string // with the colours
}

// theEnd is written below what the program wrote. Once tmux has read that, it has
// read all.
const theEnd = "that was all, exit"

// show runs the program on a screen of so many columns.
func show(t *testing.T, columns int, env []string, args ...string) screen {
	t.Helper()
	s, dir := newServer(t), folder(t)
	words := []string{stage.Binary(s.t)}
	for _, a := range args {
		words = append(words, "'"+a+"'")
	}
	wait := "tmux -S " + s.socket + " wait-for "
	script := wait + "begin; " + strings.Join(words, " ") + "; echo " + theEnd + " $?; exec cat"
	env = append([]string{"HOME=" + dir, "ALIBABA_CLOUD_ECS_METADATA_DISABLED=true", "GORACE=atexit_sleep_ms=0",
		"ACKREVOKE_READ_QPS=1000", "ACKREVOKE_WRITE_QPS=1000", "ACKREVOKE_CONCURRENCY=1"}, env...)
	s.tmux(env, "new-session", "-d", "-x", strconv.Itoa(columns), "-y", "300", "-c", dir, "sh", "-c", script)
	s.tmux(nil, "pipe-pane", "sh -c 'grep -q \""+theEnd+"\" && "+wait+"-S shown'")
	s.tmux(nil, "wait-for", "-S", "begin")
	s.tmux(nil, "wait-for", "shown")
	return screen{rows: settled(s.tmux(nil, "capture-pane", "-p")), lines: settled(s.tmux(nil, "capture-pane", "-p", "-J")),
		coloured: s.tmux(nil, "capture-pane", "-p", "-e")}
}

// Every run has an id, the simulated account a port of its own, and each day a date.
var (
	runID = regexp.MustCompile(`\d{8}T\d{6}Z-[0-9a-f]{8}`)
	port  = regexp.MustCompile(`127\.0\.0\.1:\d+`)
	digit = regexp.MustCompile(`\d+`)
	today = regexp.MustCompile(`inspected at \S+|\d+ days left`)
)

// settled is a screen without what is another one each time, and without the
// spaces and lines that nobody sees.
func settled(text string) string {
	text = runID.ReplaceAllString(text, "20260101T000000Z-00000000")
	text = port.ReplaceAllString(text, "127.0.0.1:00000")
	text = today.ReplaceAllStringFunc(text, func(s string) string { return digit.ReplaceAllString(s, "0") })
	var lines []string
	for line := range strings.Lines(text) {
		lines = append(lines, strings.TrimRight(line, " \n"))
	}
	return strings.TrimRight(strings.Join(lines, "\n"), "\n") + "\n"
}
