package ack

import (
	"context"
	"errors"
	"strings"

	"ackrevoke/policy"
)

// Caller returns whoever this process is.
func (c *Client) Caller(ctx context.Context) (policy.Caller, error) {
	var is struct {
		IdentityType, ARN         string
		AccountID, UserID, RoleID digits
	}
	if _, err := c.call(ctx, getCallerIdentity, args{}, &is); err != nil {
		return policy.Caller{}, err
	}
	caller := policy.Caller{Type: policy.CallerType(is.IdentityType), AccountID: string(is.AccountID), ARN: is.ARN}
	switch caller.Type {
	case policy.RootAccount:
		caller.UID = string(is.AccountID)
	case policy.RAMUser:
		caller.UID = string(is.UserID)
	case policy.AssumedRoleUser:
		caller.UID = string(is.RoleID)
	case "":
		return policy.Caller{}, nonsense(getCallerIdentity, "no identity type")
	default:
		return policy.Caller{}, &policy.Fault{Op: getCallerIdentity.name, Kind: policy.Invalid, Status: 200, Sent: true,
			Message: shorten("the identity type "+is.IdentityType+" is not supported; use a RAM user, a RAM role or the root account", 512)}
	}
	if caller.AccountID == "" || caller.UID == "" {
		return policy.Caller{}, nonsense(getCallerIdentity, "an identity without its ids")
	}
	return caller, nil
}

// Users returns the live RAM users of the account, of whom keep says so; nil keeps
// all. The others are read and held to the rules of a listing all the same.
func (c *Client) Users(ctx context.Context, keep func(policy.Identity) bool) ([]policy.Identity, error) {
	return leaves(listUsers, uidOf, keep, func(marker string) (leaf[policy.Identity], error) {
		var got usersPage
		if _, err := c.call(ctx, listUsers, after(marker), &got); err != nil {
			return leaf[policy.Identity]{}, err
		}
		return got.identities()
	})
}

// Roles returns the live RAM roles of the account, likewise.
func (c *Client) Roles(ctx context.Context, keep func(policy.Identity) bool) ([]policy.Identity, error) {
	return leaves(listRoles, uidOf, keep, func(marker string) (leaf[policy.Identity], error) {
		var got rolesPage
		if _, err := c.call(ctx, listRoles, after(marker), &got); err != nil {
			return leaf[policy.Identity]{}, err
		}
		return got.identities()
	})
}

// usersPage is a page of ListUsers.
type usersPage struct {
	listing
	Users struct {
		User rows[struct {
			UserID     digits
			UserName   string
			CreateDate moment
		}]
	}
}

func (p usersPage) identities() (leaf[policy.Identity], error) {
	l, err := p.leaf(listUsers, p.Users.User.stated)
	for _, u := range p.Users.User.list {
		l.rows = append(l.rows, policy.Identity{UID: string(u.UserID), Name: u.UserName, Kind: policy.User, CreatedAt: u.CreateDate.Time})
	}
	return l, err
}

// rolesPage is a page of ListRoles.
type rolesPage struct {
	listing
	Roles struct {
		Role rows[struct {
			RoleID     digits
			RoleName   string
			CreateDate moment
		}]
	}
}

func (p rolesPage) identities() (leaf[policy.Identity], error) {
	l, err := p.leaf(listRoles, p.Roles.Role.stated)
	for _, r := range p.Roles.Role.list {
		l.rows = append(l.rows, policy.Identity{UID: string(r.RoleID), Name: r.RoleName, Kind: policy.Role, CreatedAt: r.CreateDate.Time})
	}
	return l, err
}

func uidOf(i policy.Identity) string { return i.UID }

// listing is what a page of RAM says of itself.
type listing struct {
	IsTruncated *flag
	Marker      string
}

// leaf fails where the answer has no rows at all or does not say whether more
// follow: such an answer must not make everybody "deleted".
func (l listing) leaf(op operation, hasRows bool) (leaf[policy.Identity], error) {
	if !hasRows || l.IsTruncated == nil {
		return leaf[policy.Identity]{}, nonsense(op, "a page without its list, or without IsTruncated")
	}
	return leaf[policy.Identity]{more: bool(*l.IsTruncated), marker: l.Marker}, nil
}

// after are the parameters of the page that a marker names, "" for the first.
func after(marker string) args {
	q := map[string]string{"MaxItems": "1000"}
	if marker != "" {
		q["Marker"] = marker
	}
	return args{query: q}
}

// Login reports whether a RAM user can log in to the console. That the user
// has no profile is an answer; that there is no such user is a fault.
func (c *Client) Login(ctx context.Context, user string) (bool, error) {
	var got struct {
		LoginProfile struct{ UserName string }
	}
	_, err := c.call(ctx, getLoginProfile, named(user), &got)
	var f *policy.Fault
	if errors.As(err, &f) && f.Kind == policy.NotFound && strings.HasSuffix(f.Code, ".LoginProfile") {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	if !strings.EqualFold(got.LoginProfile.UserName, user) {
		return false, nonsense(getLoginProfile, "asked for %q, got %q", user, got.LoginProfile.UserName)
	}
	return true, nil
}

// ActiveKeys counts the access keys of a RAM user that are in use. Their ids
// have no place here.
func (c *Client) ActiveKeys(ctx context.Context, user string) (int, error) {
	var got struct {
		AccessKeys struct {
			AccessKey rows[struct{ Status string }]
		}
	}
	if _, err := c.call(ctx, listAccessKeys, named(user), &got); err != nil {
		return 0, err
	}
	if !got.AccessKeys.AccessKey.stated {
		return 0, nonsense(listAccessKeys, "an answer without its list")
	}
	n := 0
	for _, k := range got.AccessKeys.AccessKey.list {
		switch k.Status {
		case "Active":
			n++
		case "Inactive":
		default:
			return 0, nonsense(listAccessKeys, "an access key in the state %q", k.Status)
		}
	}
	return n, nil
}

func named(user string) args { return args{query: map[string]string{"UserName": user}} }
