// Package sight looks at an account: who asks, who and which clusters there
// are, and what one principal holds or one cluster shows. Every command looks
// with these steps, so that what doctor finds is what a run would find. It can
// reach nothing that writes.
//
//	Caller     who asks; under another account nothing else is read
//	Directory  users, roles, clusters region by region, the caller's own grants
//	Subject    grants and states of one principal
//	List       who has a credential on one cluster
//	Stray      a cluster that only rows name
//
// Begin with this file, then directory.go and listing.go.
package sight

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"ackrevoke/policy"
)

// Reader is what a command may look at. Every error is a *policy.Fault, and a
// list that comes with one is not to be used: a failed read is never "absent".
type Reader interface {
	Caller(ctx context.Context) (policy.Caller, error)
	Users(ctx context.Context, keep func(policy.Identity) bool) ([]policy.Identity, error) // of whom keep says so; nil: all
	Roles(ctx context.Context, keep func(policy.Identity) bool) ([]policy.Identity, error)
	Regions(ctx context.Context) ([]string, error)
	RegionClusters(ctx context.Context, region string) ([]policy.Cluster, error)
	RetiredClusters(ctx context.Context) ([]policy.Cluster, error)
	Cluster(ctx context.Context, id string) (policy.Cluster, error)
	Grants(ctx context.Context, uid string) ([]policy.Grant, error)
	States(ctx context.Context, uid string) ([]policy.State, error)
	Holders(ctx context.Context, cluster string) ([]policy.Holder, error)
}

// Sight is how one command looks at an account.
type Sight struct {
	Reader      Reader
	Account     string                                         // the account that it must be; "" for whichever the caller has
	Regions     []string                                       // of a policy's scope, for where the service does not say which there are
	Concurrency int                                            // reads at a time
	Keep        func(policy.Caller) func(policy.Identity) bool // who of the people matters; nil: everybody
	Now         func() time.Time                               // the only clock
	Tell        func(Event)                                    // may be called from several goroutines; nil: nobody listens
	early       *Early
	Net         Net // catches what panics while it looks
}

// Event is what a command tells while it goes on: one of those below, or one
// that the package of the command adds.
type Event any

// The events of every command.
type (
	// Began is the beginning of a stage, of which nothing is done yet; Of is 0 for
	// one that is a single step.
	Began struct {
		Stage string
		Of    int
	}
	// Progress is one more of so many at a stage.
	Progress struct {
		Stage string
		Of    int
	}
	// Warned is something that does harm, or may.
	Warned string
	// Noted is something of no harm.
	Noted string
)

// Say tells an event, where somebody listens.
func (s *Sight) Say(e Event) {
	if s.Tell != nil {
		s.Tell(e)
	}
}

// Each makes n reads, some at a time. Their results go where they belong, so
// that the order of answers never shows.
func (s *Sight) Each(n int, read func(i int)) {
	var g errgroup.Group
	g.SetLimit(s.Concurrency)
	for i := range n {
		g.Go(func() error { s.Net.Safely(func() { read(i) }); return nil })
	}
	_ = g.Wait()
}

// Stage makes n reads likewise, and tells how many are done.
func (s *Sight) Stage(name string, n int, read func(i int)) {
	if n > 0 {
		s.Say(Began{name, n})
	}
	s.Each(n, func(i int) {
		read(i)
		s.Say(Progress{name, n})
	})
}

// Fault makes a *policy.Fault of what a port returned; nil of nil.
func Fault(op string, err error) *policy.Fault {
	if err == nil {
		return nil
	}
	var f *policy.Fault
	if errors.As(err, &f) {
		return f
	}
	kind := policy.Internal
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		kind = policy.Canceled
	}
	return &policy.Fault{Op: op, Kind: kind, Message: err.Error()}
}

// Rows is what a read gave, or a fault: a list that comes with an error is not
// to be used.
func Rows[T any](op string, rows []T, err error) ([]T, *policy.Fault) {
	if f := Fault(op, err); f != nil {
		return nil, f
	}
	return rows, nil
}

// Unseen is why looking ended before there was anything to see: a read that
// failed, another account than the expected one, or a listing that cannot be
// believed.
type Unseen struct {
	Fault   *policy.Fault // nil: see Message
	Nobody  bool          // not even the caller is known
	Foreign bool          // the credentials belong to another account
	Message string        // where there is no fault
}

func (u *Unseen) Error() string {
	if u.Fault != nil {
		return u.Fault.Error()
	}
	return u.Message
}

// Nothing reports whether nothing of the account could be read, and not just a part
// of it missed.
func (u *Unseen) Nothing() bool {
	return u.Nobody || u.Fault != nil && NothingReadable(u.Fault)
}

// NothingReadable reports whether a listing failed for the runner's own
// credentials, or for want of any answer.
func NothingReadable(f *policy.Fault) bool {
	return f.Kind == policy.Credentials || f.Status == 0
}

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
