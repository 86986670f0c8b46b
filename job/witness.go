package job

import (
	"cmp"
	"context"
	"slices"
	"sync"

	"ackrevoke/policy"
)

// witness is a Reader that remembers what became of each read. So doctor looks
// with the very steps of a run, and knows afterwards which of them failed.
type witness struct {
	Reader
	mu     sync.Mutex
	heard  map[string]*testimony     // by operation
	states map[string][]policy.State // by uid: the lists that were had
}

// testimony is what became of the calls of one operation.
type testimony struct {
	tried, failed int
	fault         *policy.Fault // of those, whatever their order: a denial before others
	denials       []policy.Denial
}

func newWitness(r Reader) *witness {
	return &witness{Reader: r, heard: map[string]*testimony{}, states: map[string][]policy.State{}}
}

func (w *witness) note(op string, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	t := w.heard[op]
	if t == nil {
		t = &testimony{}
		w.heard[op] = t
	}
	t.tried++
	f := fault(op, err)
	if f == nil || f.Kind == policy.NotFound { // that is an answer
		return
	}
	t.failed++
	if f.Denial != nil && !slices.Contains(t.denials, *f.Denial) {
		t.denials = append(t.denials, *f.Denial)
	}
	if t.fault == nil || telling(f, t.fault) < 0 {
		t.fault = f
	}
}

// telling orders faults by how much they say, and then by their words: the
// order in which answers come must not show.
func telling(a, b *policy.Fault) int {
	rank := func(f *policy.Fault) int {
		switch f.Kind {
		case policy.Denied:
			return 0
		case policy.Canceled:
			return 2
		}
		return 1
	}
	return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(a.Error(), b.Error()))
}

func (w *witness) tried(op string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.heard[op] != nil
}

// watched makes a read and takes a note of it.
func watched[T any](w *witness, op string, read func() (T, error)) (T, error) {
	got, err := read()
	w.note(op, err)
	return got, err
}

func (w *witness) Caller(ctx context.Context) (policy.Caller, error) {
	return watched(w, "GetCallerIdentity", func() (policy.Caller, error) { return w.Reader.Caller(ctx) })
}

func (w *witness) Users(ctx context.Context) ([]policy.Identity, error) {
	return watched(w, "ListUsers", func() ([]policy.Identity, error) { return w.Reader.Users(ctx) })
}

func (w *witness) Roles(ctx context.Context) ([]policy.Identity, error) {
	return watched(w, "ListRoles", func() ([]policy.Identity, error) { return w.Reader.Roles(ctx) })
}

func (w *witness) Regions(ctx context.Context) ([]string, error) {
	return watched(w, "DescribeRegions", func() ([]string, error) { return w.Reader.Regions(ctx) })
}

func (w *witness) RegionClusters(ctx context.Context, region string) ([]policy.Cluster, error) {
	return watched(w, "DescribeClustersForRegion", func() ([]policy.Cluster, error) { return w.Reader.RegionClusters(ctx, region) })
}

func (w *witness) RetiredClusters(ctx context.Context) ([]policy.Cluster, error) {
	return watched(w, "DescribeClustersV1", func() ([]policy.Cluster, error) { return w.Reader.RetiredClusters(ctx) })
}

func (w *witness) Cluster(ctx context.Context, id string) (policy.Cluster, error) {
	return watched(w, "DescribeClusterDetail", func() (policy.Cluster, error) { return w.Reader.Cluster(ctx, id) })
}

func (w *witness) Grants(ctx context.Context, uid string) ([]policy.Grant, error) {
	return watched(w, "DescribeUserPermission", func() ([]policy.Grant, error) { return w.Reader.Grants(ctx, uid) })
}

func (w *witness) States(ctx context.Context, uid string) ([]policy.State, error) {
	got, err := watched(w, "ListUserKubeConfigStates", func() ([]policy.State, error) { return w.Reader.States(ctx, uid) })
	if err == nil {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.states[uid] = got
	}
	return got, err
}

func (w *witness) Holders(ctx context.Context, cluster string) ([]policy.Holder, error) {
	return watched(w, "ListClusterKubeconfigStates", func() ([]policy.Holder, error) { return w.Reader.Holders(ctx, cluster) })
}
