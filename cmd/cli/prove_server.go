package cli

import (
	"context"
	"errors"
	"fmt"

	"ackrevoke/cmd/cli/voice"
	"ackrevoke/job/end"
	"ackrevoke/job/report"
	"ackrevoke/job/sight"
	"ackrevoke/policy"
)

// servingCluster finds the cluster of the account whose API server the file names,
// and the URL that the account has for it: the file's own is not asked, for it
// may carry a path.
func (p Program) servingCluster(ctx context.Context, o *proveFlags, uid, server string) (policy.Cluster, string, error) {
	a, err := p.connectToLook(&o.options, nil)
	if err != nil {
		return policy.Cluster{}, "", err
	}
	defer a.close()
	served, err := (&sight.Sight{Reader: a.Client, Concurrency: o.concurrency, Now: p.Now}).Serving(ctx, uid, server)
	if err != nil {
		f := &policy.Fault{Kind: policy.Internal, Message: err.Error()}
		var not *sight.Unseen
		if errors.As(err, &not) && not.Fault != nil {
			f = not.Fault
		}
		e := report.NewError(f, "")
		err = fmt.Errorf("the clusters of the account could not be listed, so the server is not asked: %s", e.Message)
		return policy.Cluster{}, "", hinted(&status{code: end.CodeError, err: err},
			e.Hint+"; or name the server with --server, then no cloud call is made")
	}
	if at := accountServer(served.Clusters, server); at != "" {
		return served.Clusters[0], at, nil
	}
	if served.Gaps != "" {
		err = fmt.Errorf("the server %s of the file was found in no cluster of the account, and not all could be seen: %s: it was not asked",
			voice.Name(server), served.Gaps)
		return policy.Cluster{}, "", hinted(&status{code: end.CodeIncomplete, err: err},
			"make the rest readable, or name the server with --server where you know that it is yours")
	}
	return policy.Cluster{}, "", hinted(usage("the server %s of the file is none of the %s of the account: it was not asked",
		voice.Name(server), voice.Count(served.Listed, "cluster", "clusters")),
		"where you know that it is yours, name it with --server")
}
