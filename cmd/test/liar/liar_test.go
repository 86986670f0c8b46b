package liar

import (
	"fmt"
	"maps"
	"net/http/httptest"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"ackrevoke/cmd/test/stage"
)

// The liar test tries to make the program do what nobody may forgive: touch
// whom nobody listed, say done when it is not, say clean when it could not see,
// or cry wolf in a healthy account. Made-up accounts are lived through by the
// real program, and what it reports must equal what an oracle foretells from
// the ground truth.
//
//	LIAR_SEED=n   one world only, and everything about it
//	LIAR_SOAK=d   TestLiarSoak goes on with fresh worlds for so long
//	LIAR_PLAIN=1  the first world with something wrong ends it, and no smaller one is looked for
func TestLiar(t *testing.T) {
	c := newCrowd(t, "TestLiar", drawFable, inBubble)
	c.play(t, c.seeds(0, liarSeeds))
	c.line()
	if !c.single && !t.Failed() && os.Getenv("LIAR_PLAIN") == "" {
		c.spread(t)
	}
}

// Worlds in which people leave who hold something on many clusters, so that one call
// is made for several of them.
func TestLiarBulk(t *testing.T) {
	c := newCrowd(t, "TestLiarBulk", drawFable, inBubble)
	c.play(t, c.seeds(bulkSeeds, liarSeeds/8))
	c.line()
	if !c.single && !t.Failed() && os.Getenv("LIAR_PLAIN") == "" {
		c.spreadBulk(t)
	}
}

// The same worlds over real connections, without what takes real time.
func TestLiarLoopback(t *testing.T) {
	c := newCrowd(t, "TestLiarLoopback", drawCalm, overSockets)
	c.play(t, c.seeds(0, 100))
	c.line()
}

// TestLiarSoak goes on with worlds that nobody has seen.
func TestLiarSoak(t *testing.T) {
	d, err := time.ParseDuration(os.Getenv("LIAR_SOAK"))
	if err != nil {
		t.Skip("set LIAR_SOAK to a duration like 10m")
	}
	c := newCrowd(t, "TestLiarSoak", drawFable, inBubble)
	first, until := uint64(time.Now().UnixNano()), time.Now().Add(d)
	c.play(t, func(i int) (uint64, bool) {
		seed := first + uint64(i)
		if i%4 == 3 {
			seed += bulkSeeds
		}
		return seed, time.Now().Before(until)
	})
	c.line()
}

// crowd plays many fables side by side and keeps count.
type crowd struct {
	name   string
	live   func(t *testing.T, f *fable, dir string) *play
	draw   func(seed uint64) *fable
	single bool
	began  time.Time

	mu                          sync.Mutex
	worlds, runs, calls, faults int
	faultFree, exit0            int
	tally                       map[string]int
	failed                      map[uint64][]string
}

func newCrowd(t *testing.T, name string, draw func(uint64) *fable, live func(*testing.T, *fable, string) *play) *crowd {
	stage.Keys(t, stage.Account) // one account id for all worlds, as parallel tests cannot change the environment
	return &crowd{name: name, draw: draw, live: live, began: time.Now(), tally: map[string]int{}, failed: map[uint64][]string{}}
}

// seeds are n seeds from first on, or the one that was asked for.
func (c *crowd) seeds(first uint64, n int) func(int) (uint64, bool) {
	if s := os.Getenv("LIAR_SEED"); s != "" {
		seed, err := strconv.ParseUint(s, 10, 64)
		c.single = true
		return func(i int) (uint64, bool) { return seed, err == nil && i == 0 }
	}
	return func(i int) (uint64, bool) { return first + uint64(i), i < n }
}

// play lives through all worlds, some at a time, and shrinks a few of those in
// which something was wrong.
func (c *crowd) play(t *testing.T, seed func(i int) (uint64, bool)) {
	var next atomic.Int64
	t.Run("worlds", func(t *testing.T) {
		for shard := range 2 * runtime.GOMAXPROCS(0) {
			t.Run(strconv.Itoa(shard), func(t *testing.T) {
				t.Parallel()
				base := t.TempDir()
				for {
					s, more := seed(int(next.Add(1) - 1))
					if !more || c.enough() {
						return
					}
					f := c.draw(s)
					c.note(f, c.once(t, f, base))
				}
			})
		}
	})
	for _, seed := range slices.Sorted(maps.Keys(c.failed))[:min(3, len(c.failed))] {
		c.explain(t, seed)
	}
	if n := len(c.failed); n > 3 {
		t.Errorf("%d worlds in all went wrong: seeds %v", n, slices.Sorted(maps.Keys(c.failed)))
	}
}

// enough says that too much is wrong to go on.
func (c *crowd) enough() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	most := 50
	if os.Getenv("LIAR_PLAIN") != "" {
		most = 1
	}
	return len(c.failed) >= most
}

// once plays one fable in a folder of its own.
func (c *crowd) once(t *testing.T, f *fable, base string) *play {
	dir, err := os.MkdirTemp(base, "world-")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	return c.live(t, f, dir)
}

func (c *crowd) note(f *fable, p *play) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.worlds++
	c.runs, c.calls, c.faults = c.runs+p.runs, c.calls+p.calls, c.faults+p.faults
	if len(f.faults) == 0 {
		c.faultFree++
		if p.last == 0 {
			c.exit0++
		}
	}
	for what, n := range p.tally {
		c.tally[what] += n
	}
	for _, what := range f.features() {
		c.tally[what]++
	}
	if len(p.wrong) > 0 {
		c.failed[f.seed] = p.wrong
	}
}

// explain prints a world in which something was wrong, and the smallest world
// in which the same is.
func (c *crowd) explain(t *testing.T, seed uint64) {
	wrong := c.failed[seed]
	if os.Getenv("LIAR_PLAIN") != "" {
		t.Errorf("seed %d: %s", seed, strings.Join(wrong, "\n"))
		return
	}
	base := t.TempDir()
	small := shrink(c.draw(seed), func(f *fable) bool {
		return slices.ContainsFunc(c.once(t, f, base).wrong, func(w string) bool { return ruleOf(w) == ruleOf(wrong[0]) })
	})
	again := c.once(t, small, base)
	t.Errorf("seed %d; to repeat it:\n\n  LIAR_SEED=%d go test -run '^%s$' ./cmd/test/liar\n\n%s\n\nthe smallest world with "+
		"it, in which\n\n%s\n\nestate:\n%s\npolicy:\n%s\nfaults:\n%s\nflags: %+v",
		seed, seed, strings.TrimSuffix(c.name, "Soak"), strings.Join(wrong, "\n"), strings.Join(again.wrong, "\n"), small.estate(),
		small.policy(), small.script(), small.flags)
}

// ruleOf is the rule that a message is about.
func ruleOf(wrong string) string {
	rule, _, _ := strings.Cut(wrong, ":")
	return rule
}

// line is what a person reads of a whole test.
func (c *crowd) line() {
	share := 0
	if c.faultFree > 0 {
		share = 100 * c.exit0 / c.faultFree
	}
	fmt.Printf("liar: %s: %d worlds, %d runs, %d calls, %d faults, %.1f s; without faults %d %% end in exit 0; %s; violations: %d\n",
		c.name, c.worlds, c.runs, c.calls, c.faults, time.Since(c.began).Seconds(), share, c.classes(), len(c.failed))
}

// drawCalm draws a fable that can be played in real time: without faults and
// lag.
func drawCalm(seed uint64) *fable {
	f := drawFable(seed)
	for n := uint64(1); f.wild; n++ { // those take their time
		f = drawFable(seed + n<<32)
	}
	f.seed = seed
	f.faults, f.strange, f.open.lag, f.open.effect, f.flags.single = nil, false, 0, 0, true
	f.open.refusalCode, f.open.refusalStatus = "RecentlyUsed", 400
	f.open.unreachableCode, f.open.unreachableStatus = "ErrorClusterUnreachable", 400
	return f
}

// overSockets plays a fable over real connections. What a proof looks at first
// is already so; it need not wait for what never comes.
func overSockets(t *testing.T, f *fable, dir string) *play {
	began := time.Now()
	p, err := newPlay(f, dir, func() time.Time { return stage.Noon.Add(time.Since(began)) })
	if err != nil {
		return &play{wrong: []string{"world: " + err.Error()}}
	}
	server := httptest.NewServer(p.account)
	defer server.Close()
	p.wait = func(time.Duration) {}
	p.endpoint(server.URL)
	p.args = append(p.args, "--read-qps=10000", "--write-qps=10000", "--verify-timeout=10ms")
	p.live()
	return p
}
