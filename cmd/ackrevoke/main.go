// Command ackrevoke ends the KubeConfig credentials of departed or compromised
// RAM users and roles on every ACK cluster of an account, and proves it.
//
// This is the process alone: streams, signals, the exit code and the version
// that the build stamped. What it does is package cli.
package main

import (
	"context"
	"io"
	"log"
	"os"
	"os/signal"
	"runtime"
	"runtime/debug"
	"syscall"
	"time"
	_ "time/tzdata" // an image from scratch has none

	"github.com/mattn/go-isatty"
	_ "golang.org/x/crypto/x509roots/fallback" // nor certificates of authorities; these count only where nothing else is found
	"golang.org/x/term"

	"ackrevoke/cmd/cli"
	"ackrevoke/cmd/cli/voice"
)

// version is what the build stamped with -ldflags "-X main.version=...".
var version string

func main() {
	ctx, cancel := context.WithCancelCause(context.Background())
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM)
	// A log that nobody reads any more must not end a run between a write and
	// its report: asked for, this signal makes the log's writes fail instead.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)
	// What net/http says of broken connections quotes what the other side sent,
	// and is no line of ours.
	log.SetOutput(io.Discard)
	ballast := tuneCollector()
	p := cli.Program{
		Args: os.Args[1:], Env: os.Environ(),
		Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr,
		Terminal: isatty.IsTerminal(os.Stderr.Fd()),
		Screen:   isatty.IsTerminal(os.Stdout.Fd()),
		Width:    columns,
		Now:      time.Now,
		Version:  version,
	}
	if p.Terminal {
		p.Stderr = voice.NewScreen(os.Stderr, p.Columns)
	}
	go obey(p.Stderr, signals, cancel)
	code := p.Run(ctx)
	runtime.KeepAlive(ballast)
	os.Exit(code)
}

// tuneCollector makes the collector keep a third less memory than by default, for some
// CPU time of a process that mostly waits, unless GOGC says what it is to do. It counts
// the ballast too, which takes no memory because nobody touches it: so it waits for 3.5
// MB more of garbage, where it ran 25 times a second at 1,500 calls a second.
func tuneCollector() (ballast []byte) {
	if os.Getenv("GOGC") != "" {
		return nil
	}
	debug.SetGCPercent(50)
	return make([]byte, 7<<20)
}

// columns is the width of the terminal, 0 where none tells.
func columns() int {
	for _, f := range []*os.File{os.Stderr, os.Stdout} {
		if n, _, err := term.GetSize(int(f.Fd())); err == nil && n > 0 {
			return n
		}
	}
	return 0
}

// obey ends the run at the first signal and the process at the second.
func obey(stderr io.Writer, signals <-chan os.Signal, cancel context.CancelCauseFunc) {
	by := cli.Interruption(<-signals)
	voice.Say(stderr, "ackrevoke: %s: nothing new is started; what is in flight gets 5 s, then the report is written; a "+
		"second signal ends at once", by.Name)
	cancel(by)
	by = cli.Interruption(<-signals)
	voice.Say(stderr, "ackrevoke: a second signal: ending at once; what was in flight is in the journal")
	os.Exit(by.Code)
}
