package report

import "ackrevoke/policy"

// Defect is the error of a command that panicked.
func Defect(message string) Error {
	return Error{Kind: policy.Internal, Message: message,
		Hint: "this is a defect of ackrevoke: report it with this report and the log; the next run looks at the account anew"}
}

// Stopping is the error of a read that everything else hangs on.
func Stopping(f *policy.Fault) Error {
	e := NewError(f, "")
	e.Message = f.Op + ": " + e.Message
	return *e
}
