package cli

import (
	"errors"
	"fmt"

	"ackrevoke/job/end"
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
	return &status{code: end.CodeInvalid, err: fmt.Errorf(format, a...)}
}

func hinted(err error, hint string) error {
	var s *status
	if errors.As(err, &s) {
		s.hint = hint
	}
	return err
}

func exit(code int) error {
	if code == end.CodeClean {
		return nil
	}
	return &status{code: code}
}
