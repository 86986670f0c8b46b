// Command bench measures the real program against a simulated account in another
// process, and writes docs/benchmarks.md. What has to hold is a ratio, so that it
// holds on any machine; where one does not, it says so and exits 1.
//
//	go run ./deploy/bench                     # everything: a quarter of an hour on two cores
//	go run ./deploy/bench -only wall,bulk     # some sections, printed and not written
package main

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"
)

// written is where the document lies.
const written = "docs/benchmarks.md"

// section is one part of the document, in its order.
type section struct {
	name    string
	measure func(*bench) error
}

var sections = []section{
	{"calls", (*bench).calls},
	{"wall", (*bench).wall},
	{"memory", (*bench).memory},
	{"growth", (*bench).growth},
	{"plan", (*bench).plan},
	{"commands", (*bench).commands},
	{"bulk", (*bench).bulk},
	{"rate", (*bench).rate},
	{"accounts", (*bench).accounts},
	{"comparison", (*bench).comparison},
}

func main() {
	only := flag.String("only", "", "measure these sections alone, with commas between, and print them")
	out := flag.String("o", written, "the `FILE` to write")
	flag.Parse()
	if flag.NArg() > 0 {
		flag.Usage()
		os.Exit(2)
	}
	broken, err := benchmark(*only, *out)
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
	for _, b := range broken {
		fmt.Fprintln(os.Stderr, "bench: does not hold:", b)
	}
	if len(broken) > 0 {
		os.Exit(1)
	}
}

// bench is the work of one call of this command.
type bench struct {
	folder string // of estates, policies and reports
	text   strings.Builder
	held   int      // ratios that hold
	broken []string // those that do not

	journals int // folders of them
}

func benchmark(only, out string) (broken []string, err error) {
	folder, err := os.MkdirTemp("", "bench")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(folder) }()
	b := &bench{folder: folder}
	began := time.Now()
	for i, s := range sections {
		if only != "" && !slices.Contains(strings.Split(only, ","), s.name) {
			continue
		}
		fmt.Fprintf(os.Stderr, "bench: %s (%.0f s)\n", s.name, time.Since(began).Seconds())
		if err := s.measure(b); err != nil {
			return nil, fmt.Errorf("%s: %w", s.name, err)
		}
		if only != "" {
			continue
		}
		missing := ""
		if rest := sections[i+1:]; len(rest) > 0 { // what was measured so far is not lost
			missing = " Cut off before " + rest[0].name + "."
		}
		if err := os.WriteFile(filepath.Clean(out), []byte(head(time.Since(began), b, missing)+b.text.String()), 0o644); err != nil {
			return nil, err
		}
	}
	if only != "" {
		fmt.Print(head(time.Since(began), b, " Not all of it.") + b.text.String())
	}
	return b.broken, nil
}

// head says what was measured, on what, and when.
func head(took time.Duration, b *bench, missing string) string {
	commit := said("git", "log", "-1", "--format=%h")
	if said("git", "status", "--porcelain", "--untracked-files=no", "--", ".", ":!"+written) != "" {
		commit += ", with changes"
	}
	verdict := fmt.Sprintf("All %d ratios that have to hold do.", b.held)
	if len(b.broken) > 0 {
		verdict = fmt.Sprintf("%d ratios hold. These do not:\n\n- %s", b.held, strings.Join(b.broken, "\n- "))
	}
	return fmt.Sprintf(`# Benchmarks

Written by `+"`make bench`"+`: the binary as it is shipped, against `+"`ackrevoke simulate`"+` in another process, over HTTP on loopback. Times
depend on the machine, ratios hardly. %s

Measured on %s, commit %s, with %s, on %d cores of %s (%s/%s), in %.0f minutes.%s
`, verdict, time.Now().UTC().Format(time.DateOnly), commit, runtime.Version(), runtime.NumCPU(), processor(), runtime.GOOS,
		runtime.GOARCH, took.Minutes(), missing)
}

// said is what a command prints, "" where it fails.
func said(name string, args ...string) string {
	out, err := exec.Command(name, args...).Output()
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(out))
}

// processor is the model as Linux names it.
func processor() string {
	text, _ := os.ReadFile("/proc/cpuinfo")
	for line := range strings.Lines(string(text)) {
		if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return "an unnamed processor"
}

// must notes whether something holds that has to.
func (b *bench) must(holds bool, format string, a ...any) {
	if holds {
		b.held++
		return
	}
	b.broken = append(b.broken, fmt.Sprintf(format, a...))
}
