package job

import (
	"context"
	"slices"
	"sync"
	"time"

	"ackrevoke/job/sight"
	"ackrevoke/job/write"
	"ackrevoke/policy"
)

// gathering says how many principals are at work at a time, and lets those that need
// the list of one cluster as proof share a reading of it.
//
// Such a list has everybody's rows, fifty a call: read anew for each principal, the
// calls would grow with the square of the leavers. And read while others are revoked,
// its pages do not fit each other. So whoever needs lists waits for them and makes
// place; when enough wait, nobody new is let in, and once nobody is at work the lists
// are read. What they show is what came of every write of all who wait.
type gathering struct {
	places int // principals at work at a time
	most   int // principals that are begun and not over
	read   func(ctx context.Context, cluster string) policy.ClusterList
	sight  *sight.Sight
	calls  map[string]int // that the list of a cluster takes, by what it was when it was read last

	mu      sync.Mutex
	changed *sync.Cond
	coming  int        // principals that are not begun
	begun   int        // and not over
	busy    int        // of these, at work
	asking  int        // of these, waiting for lists
	wanted  []*reading // one for each cluster
	needed  int        // calls, for these
	timer   *time.Timer
	late    bool // the first has waited long enough
	reading bool
}

// reading is one reading of the list of one cluster.
type reading struct {
	list policy.ClusterList // once it is over
	over chan struct{}
}

const (
	listRows  = 50              // of a cluster's list, that come with one call
	sharers   = 4               // of one call, to wait for
	longest   = 5 * time.Minute // for which a principal waits for others
	mostBegun = 1024            // principals at a time: what was read of each is in memory
	answered  = 200             // the status of a good answer: a fault beside it is one of what was answered
)

func (j *job) gather(lists []policy.ClusterList) *gathering {
	g := &gathering{places: j.Concurrency, most: mostBegun, sight: j.sight, calls: make(map[string]int, len(lists))}
	if g.places == 1 {
		g.most = 1 // one after the other
	}
	g.changed = sync.NewCond(&g.mu)
	g.read = func(ctx context.Context, cluster string) policy.ClusterList {
		return j.seen.doubt(j.sight.List(ctx, cluster))
	}
	for _, l := range lists {
		g.calls[l.Cluster] = callsFor(l)
	}
	return g
}

func callsFor(l policy.ClusterList) int { return max(1, (len(l.Holders)+listRows-1)/listRows) }

// each lets principals work side by side, and begins them in their order.
func (g *gathering) each(ctx context.Context, n int, work func(i int)) {
	g.coming = n
	var all sync.WaitGroup
	for i := range n {
		g.enter(true)
		all.Go(func() {
			g.sight.Net.Safely(func() { work(i) })
			g.leave(ctx, true)
		})
	}
	all.Wait()
}

// enter waits for a place at work, for one that is new or comes back.
func (g *gathering) enter(fresh bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for g.reading || g.due() || g.busy == g.places || fresh && g.begun == g.most {
		g.changed.Wait()
	}
	g.busy++
	if fresh {
		g.begun++
		g.coming--
	}
}

// leave gives the place to another one, for a while or for good.
func (g *gathering) leave(ctx context.Context, over bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.busy--
	if over {
		g.begun--
	}
	g.turn(ctx)
}

// sleep waits, and lets others work meanwhile.
func (g *gathering) sleep(ctx context.Context, d time.Duration) bool {
	g.leave(ctx, false)
	defer g.enter(false)
	return write.Sleep(ctx, d)
}

// lists are those of these clusters, each read after this call. The caller is at work,
// and is again when it returns.
func (g *gathering) lists(ctx context.Context, clusters []string) []policy.ClusterList {
	if len(clusters) == 0 {
		return nil
	}
	mine := make([]*reading, len(clusters))
	g.mu.Lock()
	for i, c := range clusters {
		mine[i] = g.ask(ctx, c)
	}
	g.asking++
	g.mu.Unlock()
	g.leave(ctx, false)
	all := make([]policy.ClusterList, len(clusters))
	for i, r := range mine {
		<-r.over
		all[i] = r.list
	}
	g.enter(false)
	return all
}

// ask is for the next reading of one cluster's list.
func (g *gathering) ask(ctx context.Context, cluster string) *reading {
	if i := slices.IndexFunc(g.wanted, func(r *reading) bool { return r.list.Cluster == cluster }); i >= 0 {
		return g.wanted[i]
	}
	if len(g.wanted) == 0 {
		g.timer = time.AfterFunc(longest, func() { g.tooLong(ctx) })
	}
	r := &reading{over: make(chan struct{}), list: policy.ClusterList{Cluster: cluster,
		Err: &policy.Fault{Op: "ListClusterKubeconfigStates", Kind: policy.Internal, Message: "the list was not read"}}}
	g.wanted = append(g.wanted, r)
	g.needed += max(1, g.calls[cluster])
	return r
}

func (g *gathering) tooLong(ctx context.Context) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.late = len(g.wanted) > 0
	g.turn(ctx)
}

// due reports whether it is time to read: enough wait for the calls that are needed, or
// the first has waited long, or nobody else will come.
func (g *gathering) due() bool {
	return len(g.wanted) > 0 && (g.late || g.asking >= sharers*g.needed || g.busy == 0 && (g.coming == 0 || g.begun == g.most))
}

// turn reads where it is due and nobody is at work, and lets the others look whether
// it is their turn. The lock is held.
func (g *gathering) turn(ctx context.Context) {
	if !g.reading && g.busy == 0 && g.due() {
		go g.round(ctx, g.wanted)
		g.timer.Stop()
		g.wanted, g.needed, g.asking, g.late, g.reading = nil, 0, 0, false, true
	}
	g.changed.Broadcast()
}

// round reads all that is wanted. What a panic leaves unread stays a failed read.
// Writes come into effect for as long as reads lag, and then the pages of a list may
// contradict each other (status 200, and a fault): it is read once more after that.
func (g *gathering) round(ctx context.Context, all []*reading) {
	open := all
	for try := 1; ; try++ {
		g.sight.Each(len(open), func(i int) { open[i].list = g.read(ctx, open[i].list.Cluster) })
		open = slices.DeleteFunc(slices.Clone(open), func(r *reading) bool { return r.list.Err == nil || r.list.Err.Status != answered })
		if try == 2 || len(open) == 0 || !write.Sleep(ctx, write.Lag) {
			break
		}
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, r := range all {
		if r.list.Err == nil {
			g.calls[r.list.Cluster] = callsFor(r.list)
		}
		close(r.over)
	}
	g.reading = false
	g.turn(ctx)
}
