package ack

import (
	"context"
	"errors"
	"strings"

	"ackrevoke/policy"
)

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
