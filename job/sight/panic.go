package sight

import (
	"fmt"
	"runtime/debug"
	"sync"
)

// Panic is a defect that came to light while a command was at work. The command
// ends, with a report of how far it came.
type Panic struct {
	Value any
	Stack []byte
}

func (p *Panic) Error() string { return fmt.Sprintf("panic: %v", p.Value) }

// Net catches the first panic of a command, on whatever goroutine it comes.
type Net struct {
	Halt func(*Panic) // told of each panic; nil: there is nothing to halt

	mu  sync.Mutex
	got *Panic
}

// Safely runs f and catches a panic, so that what is known is reported instead
// of being lost with the process.
func (n *Net) Safely(f func()) {
	defer func() {
		value := recover()
		if value == nil {
			return
		}
		p := &Panic{Value: value, Stack: debug.Stack()}
		if n.Halt != nil {
			n.Halt(p)
		}
		n.mu.Lock()
		defer n.mu.Unlock()
		if n.got == nil {
			n.got = p
		}
	}()
	f()
}

// Caught is the panic of this command, or nil.
func (n *Net) Caught() *Panic {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.got
}
