package ack

import (
	"context"
	"errors"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"ackrevoke/policy"
)

// Clean deletes the credential of one principal on one cluster and takes away
// its grants there [CleanClusterUserPermissions]. With force false the service
// declines when the principal used the cluster in the last seven days or when
// it cannot tell; the fault is then Declined. Success means accepted: whether
// it is revoked, only reading says.
func (c *Client) Clean(ctx context.Context, cluster, uid string, force bool) (requestID string, attempts int, err error) {
	r, err := c.call(ctx, cleanClusterUserPermissions,
		args{cluster: cluster, uid: uid, query: map[string]string{"Force": strconv.FormatBool(force)}}, nil)
	return r.requestID, r.attempts, declined(err, force)
}

// MostClusters is how many clusters one call may name: their ids stand in its
// address, of which servers commonly take 8 KiB.
const MostClusters = 200

// CleanMany begins what Clean does, on all of these clusters at a time and on no
// other [CleanUserPermissions]. The service does it in a task whose id it gives;
// "" where it gives none. Success means begun: whether anything is revoked, only
// reading says.
func (c *Client) CleanMany(ctx context.Context, clusters []string, uid string, force bool) (
	task, requestID string, attempts int, err error) {
	if err := nameable(clusters); err != nil {
		return "", "", 0, &policy.Fault{Op: cleanUserPermissions.name, Kind: policy.Internal, Message: err.Error()}
	}
	var began struct {
		Task string `json:"task_id"`
	}
	r, err := c.call(ctx, cleanUserPermissions, args{uid: uid,
		query: map[string]string{"ClusterIds": strings.Join(clusters, ","), "Force": strconv.FormatBool(force)}}, &began)
	return began.Task, r.requestID, r.attempts, declined(err, force)
}

// nameable reports why a list of clusters cannot be sent: without a name in it
// the call is about every cluster of the account, and a comma would make two of one.
func nameable(clusters []string) error {
	switch {
	case len(clusters) == 0:
		return errors.New("no cluster is named, which would mean all clusters")
	case len(clusters) > MostClusters:
		return errors.New("more clusters are named than one call can hold")
	}
	for i, id := range clusters {
		if !isID.MatchString(id) || slices.Contains(clusters[:i], id) {
			return errors.New("a cluster id cannot be sent: " + strconv.Quote(id))
		}
	}
	return nil
}

var isID = regexp.MustCompile(`^[0-9A-Za-z._-]*[0-9A-Za-z][0-9A-Za-z._-]*$`)

// TaskEnded reports whether a task has come to its end [DescribeTaskInfo]. What it
// did is not asked: its words for that are not documented.
func (c *Client) TaskEnded(ctx context.Context, task string) (bool, error) {
	var is struct {
		State string `json:"state"`
	}
	if _, err := c.call(ctx, describeTaskInfo, args{task: task}, &is); err != nil {
		return false, err
	}
	return slices.Contains([]string{"success", "fail", "failed"}, is.State), nil
}

// declined says of a rejected clean that it was declined, where force would have
// done it. The code of such a refusal is not published, so any rejection counts
// that has no meaning of its own: a 403 too, unless its code is one of permissions.
func declined(err error, force bool) error {
	var f *policy.Fault
	if errors.As(err, &f) && f.Sent && !force && (f.Kind == policy.Invalid || f.Kind == policy.Denied && !ofPermission(f)) {
		f.Kind = policy.Declined
	}
	return err
}

// ofPermission reports whether a denial is about what the caller may do, and not
// about the principal: by its code, or by what it says of a RAM action.
func ofPermission(f *policy.Fault) bool {
	return f.Denial != nil || f.Code == "" || f.Code == "403" || strings.Contains(f.Message, "policy Forbidden for action") ||
		hasPrefix(f.Code, "StatusForbidden", "Forbidden", "NoPermission", "APISERVER_403")
}

// element is one permission to take away or to give [UpdateUserPermissions]. Its
// role_type is the scope, unlike the field of that name in a row.
type element struct {
	Cluster   string            `json:"cluster"`
	IsCustom  bool              `json:"is_custom"`
	IsRAMRole bool              `json:"is_ram_role"`
	Namespace string            `json:"namespace"`
	RoleName  string            `json:"role_name"`
	RoleType  policy.GrantScope `json:"role_type"`
}

// RevokeGrants takes away exactly these grants of one principal, whose kind
// says whether uid is a role's. It keeps everything else.
func (c *Client) RevokeGrants(ctx context.Context, uid string, kind policy.Kind, grants []policy.Grant) (requestID string, attempts int,
	err error) {
	return c.update(ctx, updateUserPermissions, uid, kind, grants)
}

// Grant gives one principal exactly these grants, beside what it has. A
// predefined role takes the place of another one on the same scope, so whoever
// calls this has looked for one [console user guide, "one predefined role"].
func (c *Client) Grant(ctx context.Context, uid string, kind policy.Kind, grants []policy.Grant) (requestID string, attempts int,
	err error) {
	return c.update(ctx, patchUserPermissions, uid, kind, grants)
}

// RevokeOwn revokes the caller's own credential on one cluster; the service
// issues a new one [RevokeK8sClusterKubeConfig].
func (c *Client) RevokeOwn(ctx context.Context, cluster string) (requestID string, attempts int, err error) {
	r, err := c.call(ctx, revokeOwnKubeConfig, args{cluster: cluster}, nil)
	return r.requestID, r.attempts, err
}

func (c *Client) update(ctx context.Context, op operation, uid string, kind policy.Kind, grants []policy.Grant) (requestID string,
	attempts int, err error) {
	elements := make([]element, 0, len(grants))
	for _, g := range grants {
		if err := sendable(g, kind); err != nil {
			return "", 0, &policy.Fault{Op: op.name, Kind: policy.Internal, Message: err.Error()}
		}
		elements = append(elements, element{Cluster: g.Cluster, IsCustom: g.Custom, IsRAMRole: kind == policy.Role, Namespace: g.Namespace,
			RoleName: g.Role, RoleType: g.Scope})
	}
	if len(elements) == 0 {
		return "", 0, &policy.Fault{Op: op.name, Kind: policy.Internal, Message: "no grant given to send"}
	}
	r, err := c.call(ctx, op, args{uid: uid, body: elements}, nil)
	return r.requestID, r.attempts, err
}

// sendable reports why a grant cannot be sent: a body that does not say what
// it means is the one thing that this operation must never get.
func sendable(g policy.Grant, kind policy.Kind) error {
	cluster, namespace := g.Cluster != "", g.Namespace != ""
	fits := map[policy.GrantScope]bool{
		policy.OnCluster:     cluster && !namespace,
		policy.OnNamespace:   cluster && namespace,
		policy.OnAllClusters: !cluster && !namespace,
	}
	switch {
	case kind != policy.User && kind != policy.Role:
		return errors.New("the kind of the principal is neither user nor role")
	case g.Owner:
		return errors.New("the row of a cluster's creator can neither be taken away nor given")
	case g.Role == "":
		return errors.New("a grant without a role says nothing")
	case !fits[g.Scope]:
		return errors.New("the scope of the grant does not fit its cluster and namespace")
	}
	return nil
}
