package cli

import (
	"errors"
	"fmt"
)

// The exit codes that a command decides on by itself; contract.md section 4.
const (
	exitError      = 1 // it could not run
	exitInvalid    = 2 // an invalid policy, or usage
	exitRefused    = 4 // a guard refuses
	exitLeft       = 5 // known access that the program cannot end
	exitIncomplete = 6 // something could not be seen
)

// status is an error that carries its exit code; its message has been said, or
// is nil.
type status struct {
	code int
	err  error
	hint string
}

func (s *status) Error() string {
	if s.err == nil {
		return fmt.Sprintf("exit %d", s.code)
	}
	return s.err.Error()
}

func (s *status) Unwrap() error { return s.err }

func usage(format string, a ...any) error {
	return &status{code: exitInvalid, err: fmt.Errorf(format, a...)}
}

func hinted(err error, hint string) error {
	var s *status
	if errors.As(err, &s) {
		s.hint = hint
	}
	return err
}

func exit(code int) error {
	if code == 0 {
		return nil
	}
	return &status{code: code}
}
