package sight

import (
	"cmp"
	"context"
	"slices"
	"sync"

	"ackrevoke/policy"
)

// Witness is a Reader that remembers what became of each read. So doctor looks
// with the very steps of a run, and knows afterwards which of them failed.
type Witness struct {
	Reader
	mu    sync.Mutex
	Heard map[string]*Testimony     // by operation
	Seen  map[string][]policy.State // by uid: the lists of states that were had
}

// Testimony is what became of the calls of one operation.
type Testimony struct {
	Tried, Failed int
	Fault         *policy.Fault // of those, whatever their order: a denial before others
	Denials       []policy.Denial
}

// NewWitness watches a reader.
func NewWitness(r Reader) *Witness {
	return &Witness{Reader: r, Heard: map[string]*Testimony{}, Seen: map[string][]policy.State{}}
}

func (w *Witness) note(op string, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	t := w.Heard[op]
	if t == nil {
		t = &Testimony{}
		w.Heard[op] = t
	}
	t.Tried++
	f := Fault(op, err)
	if f == nil || f.Kind == policy.NotFound { // that is an answer
		return
	}
	t.Failed++
	if f.Denial != nil && !slices.Contains(t.Denials, *f.Denial) {
		t.Denials = append(t.Denials, *f.Denial)
	}
	if t.Fault == nil || telling(f, t.Fault) < 0 {
		t.Fault = f
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

// Tried reports whether an operation was called at all.
func (w *Witness) Tried(op string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.Heard[op] != nil
}

// watched makes a read and takes a note of it.
func watched[T any](w *Witness, op string, read func() (T, error)) (T, error) {
	got, err := read()
	w.note(op, err)
	return got, err
}

func (w *Witness) Caller(ctx context.Context) (policy.Caller, error) {
	return watched(w, "GetCallerIdentity", func() (policy.Caller, error) { return w.Reader.Caller(ctx) })
}

func (w *Witness) Users(ctx context.Context, keep func(policy.Identity) bool) ([]policy.Identity, error) {
	return watched(w, "ListUsers", func() ([]policy.Identity, error) { return w.Reader.Users(ctx, keep) })
}

func (w *Witness) Roles(ctx context.Context, keep func(policy.Identity) bool) ([]policy.Identity, error) {
	return watched(w, "ListRoles", func() ([]policy.Identity, error) { return w.Reader.Roles(ctx, keep) })
}

func (w *Witness) Regions(ctx context.Context) ([]string, error) {
	return watched(w, "DescribeRegions", func() ([]string, error) { return w.Reader.Regions(ctx) })
}

func (w *Witness) RegionClusters(ctx context.Context, region string) ([]policy.Cluster, error) {
	return watched(w, "DescribeClustersForRegion", func() ([]policy.Cluster, error) { return w.Reader.RegionClusters(ctx, region) })
}

func (w *Witness) RetiredClusters(ctx context.Context) ([]policy.Cluster, error) {
	return watched(w, "DescribeClustersV1", func() ([]policy.Cluster, error) { return w.Reader.RetiredClusters(ctx) })
}

func (w *Witness) Cluster(ctx context.Context, id string) (policy.Cluster, error) {
	return watched(w, "DescribeClusterDetail", func() (policy.Cluster, error) { return w.Reader.Cluster(ctx, id) })
}

func (w *Witness) Grants(ctx context.Context, uid string) ([]policy.Grant, error) {
	return watched(w, "DescribeUserPermission", func() ([]policy.Grant, error) { return w.Reader.Grants(ctx, uid) })
}

func (w *Witness) States(ctx context.Context, uid string) ([]policy.State, error) {
	got, err := watched(w, "ListUserKubeConfigStates", func() ([]policy.State, error) { return w.Reader.States(ctx, uid) })
	if err == nil {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.Seen[uid] = got
	}
	return got, err
}

func (w *Witness) Holders(ctx context.Context, cluster string) ([]policy.Holder, error) {
	return watched(w, "ListClusterKubeconfigStates", func() ([]policy.Holder, error) { return w.Reader.Holders(ctx, cluster) })
}
