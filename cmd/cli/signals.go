package cli

import (
	"os"
	"syscall"

	"ackrevoke/job/end"
)

// Interruption is how a signal ends what is under way: its name, and the exit
// code that says so.
func Interruption(s os.Signal) *end.Signal {
	if s == syscall.SIGTERM {
		return end.SIGTERM
	}
	return end.SIGINT
}
