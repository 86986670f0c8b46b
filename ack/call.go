package ack

import (
	"context"
	"errors"
	"fmt"
	"time"

	openapi "github.com/alibabacloud-go/darabonba-openapi/v2/client"
	"github.com/alibabacloud-go/tea/dara"
	credential "github.com/aliyun/credentials-go/credentials"

	"ackrevoke/policy"
)

// reply is what a good answer says beside its body.
type reply struct {
	requestID string // of a write
	attempts  int
}

// call is the one seam: every request about the account passes here, and what the
// table marks as a write is refused here in a client not built for it.
// A good answer is decoded into out; the error is a *policy.Fault.
func (c *Client) call(ctx context.Context, op operation, a args, out any) (reply, error) {
	refuse := func(kind policy.FaultKind, why string) (reply, error) {
		return reply{}, &policy.Fault{Op: op.name, Kind: kind, Message: why}
	}
	switch {
	case !op.write:
	case c.may == 0:
		return refuse(policy.Internal, "refused: this client was built for reading")
	case c.may&op.by == 0:
		return refuse(policy.Internal, "refused: this client was built for another kind of writing")
	}
	req, err := op.with(a)
	if err != nil {
		return refuse(policy.Invalid, err.Error())
	}
	// The first call of a run shall find a wrong endpoint or a missing route
	// within one call timeout, all its attempts together.
	bound := ctx
	if c.begun.CompareAndSwap(false, true) {
		var cancel context.CancelFunc
		bound, cancel = context.WithTimeout(ctx, c.timeout)
		defer cancel()
	}
	var t tries
	if op.write {
		_, t.on = c.writes.LoadOrStore(a.uid, true)
	}
	var last *policy.Fault
	for {
		got, f := c.attempt(ctx, bound, op, req, out, &t)
		if f == nil && !op.write {
			return reply{attempts: t.attempts}, nil
		}
		if f == nil {
			said, _ := hear(got)
			return reply{requestID: shorten(scrub(said.requestID, c.keys.known), 128), attempts: t.attempts}, nil
		}
		if last != nil && (!op.write || !f.Sent) && f.Kind == policy.Timeout && bound.Err() != nil {
			f = last // says more than that the time is over
		}
		if last != nil && !f.Sent && f.Kind == policy.Canceled {
			return reply{attempts: t.attempts}, canceled(op, last)
		}
		done := reply{attempts: t.attempts}
		wait, again := t.again(op, f, got.header, time.Now(), c.jitter)
		if !again {
			return done, f
		}
		if sleep(bound, wait) != nil {
			if ctx.Err() != nil {
				return done, canceled(op, f)
			}
			return done, f
		}
		last = f
	}
}

// canceled is the fault of a call that is not repeated because the run is to stop.
func canceled(op operation, last *policy.Fault) *policy.Fault {
	return &policy.Fault{Op: op.name, Kind: policy.Canceled, Message: "canceled before another attempt; the last one: " + last.Message}
}

// attempt makes one attempt: keys, a turn of the limiter, the request, and
// the reading of its answer. ctx is the caller's, bound the one that also ends
// with the first call's time.
func (c *Client) attempt(ctx, bound context.Context, op operation, req request, out any, t *tries) (answer, *policy.Fault) {
	host := c.hosts[op.service]
	early := func(what string) *policy.Fault {
		f := &policy.Fault{Op: op.name, Kind: policy.Canceled, Message: "canceled before it was sent"}
		if ctx.Err() == nil {
			f.Kind, f.Message = policy.Timeout, fmt.Sprintf("%s within %v", what, c.timeout)
		}
		return f
	}
	if bound.Err() != nil {
		return answer{}, early("not sent")
	}

	keys, f := c.keysFor(ctx, bound, op)
	switch {
	case f != nil && ctx.Err() != nil:
		return answer{}, early("no keys")
	case f != nil:
		return answer{}, c.tidy(f)
	}

	if err := c.limit.take(bound, line(op, t), t.lastTry()); err != nil {
		return answer{}, early(err.Error())
	}
	got := outcome{sent: time.Now()}
	defer func() { c.limit.done(got) }()
	if t.attempts == 0 {
		t.start = got.sent
	}
	c.count(op, t.attempts > 0)
	t.attempts++

	kept := &capture{shape: op.answer}
	longer, end := outlast(ctx, bound)
	defer end()
	flight, land := context.WithTimeout(context.WithValue(longer, captureKey{}, kept), c.timeout)
	defer land()
	err := c.send(flight, op, req, keys)
	switch {
	case !kept.called:
		f = &policy.Fault{Op: op.name, Kind: policy.Internal, Message: "the request could not be built: " + plain(err)}
	case kept.err != nil:
		f = c.broken(ctx, flight, op, host, kept)
		t.pointless = distrusted(kept.err)
	default:
		kept.answer.listen()
		c.noteClock(kept)
		if f = classify(op, host, kept.answer); f == nil {
			f = decode(op, host, kept.answer, out)
		}
	}
	c.countResult(op, f)
	got.of(f, kept.header, t)
	c.explain(f, t.attempts)
	return kept.answer, c.tidy(f)
}

// keysFor asks for the keys of one attempt, for as long as a call may take.
func (c *Client) keysFor(ctx, bound context.Context, op operation) (*credential.CredentialModel, *policy.Fault) {
	asking, stop := context.WithTimeout(bound, c.timeout)
	defer stop()
	got, err := c.keys.get(asking)
	switch waited := asking.Err(); {
	case err == nil:
		return got, nil
	case ctx.Err() == nil && waited != nil && errors.Is(err, waited):
		return got, &policy.Fault{Op: op.name, Kind: policy.Credentials,
			Message: fmt.Sprintf("%s gave no keys within %v", c.keys.whom(), c.timeout)}
	}
	return got, keyless(op, err)
}

// inFlight is how long an attempt that is under way may still take when the
// run is told to stop: an answer that comes is better than not to know.
const inFlight = 5 * time.Second

// outlast returns a context that goes on for a while after ctx has ended, and
// not at all where only the time of the first call is over.
func outlast(ctx, bound context.Context) (context.Context, context.CancelFunc) {
	longer, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(bound, func() {
		if ctx.Err() != nil {
			_ = sleep(longer, inFlight)
		}
		cancel()
	})
	return longer, func() { stop(); cancel() }
}

// send lets the SDK sign and send. Each call has its own copy of the client,
// because the copy holds the keys of this attempt and because the original is
// not safe for concurrent use. What it returns says nothing: see capturer.
func (c *Client) send(ctx context.Context, op operation, req request, keys *credential.CredentialModel) error {
	sdk := *c.sdk[op.service]
	return signed(ctx, &sdk, op, req, keys)
}

// sendTo is send to another place than the one of the service.
func (c *Client) sendTo(ctx context.Context, at Endpoint, op operation, req request, keys *credential.CredentialModel) error {
	sdk := *c.sdk[op.service]
	sdk.Endpoint, sdk.Protocol, sdk.NoProxy = dara.String(at.Host), dara.String(at.Scheme), dara.String(at.Host)
	return signed(ctx, &sdk, op, req, keys)
}

func signed(ctx context.Context, sdk *openapi.Client, op operation, req request, keys *credential.CredentialModel) error {
	sdk.Credential = held{keys}
	body := "json"
	if op.style == "RPC" {
		body = "formData"
	}
	_, err := sdk.CallApiWithCtx(ctx, &openapi.Params{
		Action:      dara.String(op.name),
		Version:     dara.String(versions[op.service]),
		Protocol:    dara.String("HTTPS"), // the endpoint's own scheme wins
		Method:      dara.String(op.method),
		Pathname:    dara.String(req.path),
		AuthType:    dara.String("AK"),
		Style:       dara.String(op.style),
		ReqBodyType: dara.String(body),
		BodyType:    dara.String(string(op.answer)),
	}, &openapi.OpenApiRequest{Query: req.query, Body: req.body}, &dara.RuntimeOptions{})
	return err
}

// tidy makes a fault fit to be kept: without keys, and short. First scrubbed,
// then short: where a text is cut off, less than a piece may be left of a key.
func (c *Client) tidy(f *policy.Fault) *policy.Fault {
	if f != nil {
		for _, part := range []struct {
			text *string
			most int
		}{{&f.Code, 128}, {&f.RequestID, 128}, {&f.Message, 512}, {&f.Hint, 512}} {
			*part.text = shorten(scrub(*part.text, c.keys.known), part.most)
		}
	}
	return f
}
