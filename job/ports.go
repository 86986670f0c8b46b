package job

import (
	"context"
	"errors"

	"ackrevoke/policy"
)

// Reader is what a run may look at. Every error is a *policy.Fault, and a list
// that comes with one is not to be used: a failed read is never "absent".
type Reader interface {
	Caller(ctx context.Context) (policy.Caller, error)
	Users(ctx context.Context) ([]policy.Identity, error)
	Roles(ctx context.Context) ([]policy.Identity, error)
	Lister
	Cluster(ctx context.Context, id string) (policy.Cluster, error)
	Grants(ctx context.Context, uid string) ([]policy.Grant, error)
	States(ctx context.Context, uid string) ([]policy.State, error)
	Holders(ctx context.Context, cluster string) ([]policy.Holder, error)
}

// Revoker is what a run may do. A dry run has none. Both calls are accepted
// or not; only a later read proves what they did. attempts counts those that
// went out.
type Revoker interface {
	// Clean removes the credential and the grants of one principal on one cluster.
	Clean(ctx context.Context, cluster, uid string, force bool) (requestID string, attempts int, err error)
	// RevokeGrants removes exactly these all-clusters rows.
	RevokeGrants(ctx context.Context, uid string, kind policy.Kind, rows []policy.Grant) (requestID string, attempts int, err error)
}

// fault makes a *policy.Fault of what a port returned.
func fault(op string, err error) *policy.Fault {
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
