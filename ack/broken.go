package ack

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"

	"ackrevoke/policy"
)

// The words for calls that came to no answer.

const checkTheWay = "check the network, the proxy settings and the endpoint"

// keyless is the fault of a call for which there were no keys.
func keyless(op operation, err error) *policy.Fault {
	f := &policy.Fault{Op: op.name, Kind: policy.Credentials}
	var ours *failure
	if errors.As(err, &ours) {
		f.Message, f.Hint = "no keys could be had: "+ours.what, ours.hint
	} else {
		f.Message = "no keys could be had: " + withheld(plain(err))
	}
	return f
}

// broken says why there was no whole answer. Only when no connection was had
// is it sure that nothing was sent.
func (c *Client) broken(ctx, flight context.Context, op operation, host string, kept *capture) *policy.Fault {
	f := &policy.Fault{Op: op.name, Kind: policy.Unavailable, Status: kept.status, Sent: kept.reached.Load()}
	var netErr net.Error
	switch {
	case ctx.Err() != nil:
		f.Kind, f.Message = policy.Canceled, "canceled before it was sent"
		if f.Sent {
			f.Message = "canceled while the answer was awaited"
		}
	case flight.Err() != nil || errors.As(kept.err, &netErr) && netErr.Timeout():
		f.Kind, f.Message = policy.Timeout, fmt.Sprintf("no answer from %s within %v; %s", host, c.timeout, checkTheWay)
	case !f.Sent:
		u := c.unreached("", host, kept.err)
		f.Message, f.Hint = u.what, u.hint
	default:
		f.Message = fmt.Sprintf("%s broke off: %s", host, plain(kept.err))
	}
	return f
}

// plain is the cause of a transport error, without the address it was for.
func plain(err error) string {
	var u *url.Error
	for errors.As(err, &u) {
		err = u.Err
	}
	if err == nil {
		return "no reason given"
	}
	return err.Error()
}

// unreached says why there was no answer at all. op says what was wanted, if it
// is not what the fault is about.
func (c *Client) unreached(op, host string, err error) *failure {
	if op != "" {
		op += ": "
	}
	what, hint := distrust(host, err)
	var netErr net.Error
	switch {
	case what != "":
	case errors.As(err, &netErr) && netErr.Timeout():
		what = "no answer from " + host + " in time; " + checkTheWay
	default:
		what = fmt.Sprintf("%s cannot be reached: %s; %s", host, plain(err), checkTheWay)
	}
	return &failure{what: op + what, hint: hint}
}
