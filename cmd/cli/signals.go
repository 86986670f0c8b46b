package cli

import (
	"os"
	"syscall"

	"ackrevoke/job"
)

// Interruption is how a signal ends what is under way: its name, and the exit
// code that says so.
func Interruption(s os.Signal) *job.Interrupted {
	if s == syscall.SIGTERM {
		return &job.Interrupted{Signal: "SIGTERM", Code: 143}
	}
	return &job.Interrupted{Signal: "SIGINT", Code: 130}
}
