package job

import (
	"context"

	"ackrevoke/policy"
)

// Revoker is what a run may do. A dry run has none. Both calls are accepted
// or not; only a later read proves what they did. attempts counts those that
// went out.
type Revoker interface {
	// Clean removes the credential and the grants of one principal on one cluster.
	Clean(ctx context.Context, cluster, uid string, force bool) (requestID string, attempts int, err error)
	// RevokeGrants removes exactly these all-clusters rows.
	RevokeGrants(ctx context.Context, uid string, kind policy.Kind, rows []policy.Grant) (requestID string, attempts int, err error)
}
