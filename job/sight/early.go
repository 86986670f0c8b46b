package sight

import (
	"context"
	"sync"

	"golang.org/x/sync/errgroup"

	"ackrevoke/policy"
)

// firstPage is how many people one call lists [ListUsers, MaxItems]. Where there are
// more, their listing takes its time, page after page, for each page names the next.
const firstPage = 1000

// Early reads what will most likely have to be read, while a long listing of people
// goes on: of a short one the end is waited for, so that nothing is read of an
// account whose listing cannot be believed.
type Early struct {
	sight *Sight
	ctx   context.Context
	stop  context.CancelFunc
	uids  []string

	begin sync.Once
	all   sync.WaitGroup
	mu    sync.Mutex
	heard int // rows
	read  map[string]chan policy.Subject
}

// Early prepares to read these principals. Its end is to be called: when it returns,
// nothing is under way any more.
func (s *Sight) Early(ctx context.Context, uids []string) (end func()) {
	ctx, stop := context.WithCancel(ctx)
	s.early = &Early{sight: s, ctx: ctx, stop: stop, uids: uids, read: map[string]chan policy.Subject{}}
	return func() {
		stop()
		s.early.all.Wait()
	}
}

// counting tells of each row of a listing of people, whoever keeps it.
func (e *Early) counting(keep func(policy.Identity) bool) func(policy.Identity) bool {
	if e == nil || e.sight.Concurrency < 2 {
		return keep
	}
	return func(id policy.Identity) bool {
		e.mu.Lock()
		e.heard++
		long := e.heard > firstPage
		e.mu.Unlock()
		if long {
			e.begin.Do(e.start)
		}
		return keep == nil || keep(id)
	}
}

func (e *Early) start() {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, uid := range e.uids {
		e.read[uid] = make(chan policy.Subject, 1)
	}
	var g errgroup.Group
	g.SetLimit(e.sight.Concurrency)
	e.all.Go(func() {
		for _, uid := range e.uids {
			g.Go(func() error {
				e.sight.Net.Safely(func() {
					if e.ctx.Err() == nil {
						e.read[uid] <- e.sight.Subject(e.ctx, uid)
					}
				})
				close(e.read[uid])
				return nil
			})
		}
		_ = g.Wait()
	})
}

// subject is what was read early of a principal; false where nothing was.
func (e *Early) subject(uid string) (policy.Subject, bool) {
	if e == nil {
		return policy.Subject{}, false
	}
	e.mu.Lock()
	ready := e.read[uid]
	e.mu.Unlock()
	if ready == nil {
		return policy.Subject{}, false
	}
	x, ok := <-ready
	return x, ok
}
