package job

import (
	"fmt"
	"runtime/debug"
	"sync"

	"ackrevoke/job/report"
	"ackrevoke/policy"
)

// Panic is a defect that came to light during a run. The run ends, with a
// report of how far it came.
type Panic struct {
	Value any
	Stack []byte
}

func (p *Panic) Error() string { return fmt.Sprintf("panic: %v", p.Value) }

// net catches the first panic of a run, on whatever goroutine it comes.
type net struct {
	mu  sync.Mutex
	got *Panic
}

// safely runs f and catches a panic: it ends all further writes, and what is
// known is reported instead of being lost with the process.
func (j *job) safely(f func()) {
	defer func() {
		value := recover()
		if value == nil {
			return
		}
		p := &Panic{Value: value, Stack: debug.Stack()}
		j.halt.stop(&policy.Fault{Op: "run", Kind: policy.Internal, Message: p.Error()})
		j.net.mu.Lock()
		defer j.net.mu.Unlock()
		if j.net.got == nil {
			j.net.got = p
		}
	}()
	f()
}

// caught is the panic of this run, or nil.
func (j *job) caught() *Panic {
	j.net.mu.Lock()
	defer j.net.mu.Unlock()
	return j.net.got
}

func (p *Panic) report() report.Error {
	return report.Error{Kind: policy.Internal, Message: p.Error(), Hint: "this is a defect of ackrevoke: report it with this report and the log; the next run looks at the account anew"}
}
