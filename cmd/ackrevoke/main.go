// Command ackrevoke ends the KubeConfig credentials of departed or compromised
// RAM users and roles on every ACK cluster of an account, and proves it.
//
// This package is the porch: flags, files, signals, exit codes and the words a
// person reads. The program is a function of its context, arguments,
// environment, streams and clock that returns a status, so that tests call it
// in process; main binds it to the process.
//
//	main.go      the process         run.go       one reconciliation
//	program.go   the function        schedule.go  many of them
//	flags.go     flags, environment  account.go   live or simulated account
//	voice.go     words to people     outputs.go   report and journal files
//	doctor.go    first aid           audit.go     who holds what nobody listed
//	inspect.go   a leaked file       leak.go      and what the account says of it
//	prove.go     what it still opens proof.go     and how that is asked for
package main

import (
	"context"
	"fmt"
	"io"
	"log"
	"os"
	"os/signal"
	"syscall"
	"time"
	_ "time/tzdata" // a static image has none

	"github.com/mattn/go-isatty"

	"ackrevoke/job/end"
)

func main() {
	ctx, cancel := context.WithCancelCause(context.Background())
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM)
	// A log that nobody reads any more must not end a run between a write and
	// its report: asked for, this signal makes the log's writes fail instead.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)
	go obey(signals, cancel)
	// What net/http says of broken connections quotes what the other side sent,
	// and is no line of ours.
	log.SetOutput(io.Discard)
	p := Program{
		Args: os.Args[1:], Env: os.Environ(),
		Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr,
		Terminal: isatty.IsTerminal(os.Stderr.Fd()),
		Now:      time.Now,
	}
	os.Exit(p.Run(ctx))
}

// obey ends the run at the first signal and the process at the second.
func obey(signals <-chan os.Signal, cancel context.CancelCauseFunc) {
	by := interruption(<-signals)
	fmt.Fprintf(os.Stderr, "ackrevoke: %s: nothing new is started; what is in flight gets 5 s, then the report is written; a second signal ends at once\n", by.Name)
	cancel(by)
	by = interruption(<-signals)
	fmt.Fprintln(os.Stderr, "ackrevoke: a second signal: ending at once; what was in flight is in the journal")
	os.Exit(by.Code)
}

func interruption(s os.Signal) *end.Signal {
	if s == syscall.SIGTERM {
		return end.SIGTERM
	}
	return end.SIGINT
}
