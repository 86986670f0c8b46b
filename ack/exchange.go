package ack

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	"ackrevoke/policy"
)

// counter is where keys are exchanged: STS, and what stands for it on a machine.
// Nothing here is in the table of operations, for nothing here looks at the
// account or changes it.
type counter struct {
	client *Client
	sts    string // where STS is, whatever a profile says; "" where it may say so
}

var (
	assumeRole         = operation{name: "AssumeRole", service: stsService, style: "RPC", method: "POST", path: "/", answer: object}
	assumeRoleWithOIDC = operation{name: "AssumeRoleWithOIDC", service: stsService, style: "RPC", method: "POST", path: "/", answer: object}
)

// role is a role to take, and for how long.
type role struct {
	arn, name, external written
	policy              string
	seconds             int     // 3600
	region              written // of its STS, where the counter has none; "": that of ALIBABA_CLOUD_STS_REGION
	vpc                 bool
}

// parameters of either exchange, as the vendor's providers send them.
func (r role) parameters() map[string]string {
	p := map[string]string{
		"RoleArn":         r.arn.value,
		"RoleSessionName": cmp.Or(r.name.value, "ackrevoke-"+strconv.FormatInt(time.Now().UnixMicro(), 10)),
		"DurationSeconds": strconv.Itoa(cmp.Or(r.seconds, 3600)),
	}
	for name, value := range map[string]string{"Policy": r.policy, "ExternalId": r.external.value} {
		if value != "" {
			p[name] = value
		}
	}
	return p
}

// assumed gives the keys of a role for those that from gives.
func (x counter) assumed(r role, from func() (giver, error)) (giver, error) {
	source, err := from()
	if err != nil {
		return nil, err
	}
	if err := allUnspoilt(r.arn, r.name, r.external); err != nil {
		return nil, err
	}
	if r.arn.value == "" {
		return nil, failed("give the role that is to be assumed", "%s is empty", r.arn.where)
	}
	return func(ctx context.Context) (session, error) {
		have, err := source(ctx)
		if err != nil {
			return session{}, err
		}
		return x.assume(ctx, r, have)
	}, nil
}

// at is the STS that exchanges for this role: the one that was told to this
// program, else the one that the chain's own configuration names.
func (x counter) at(r role) (Endpoint, error) {
	if x.sts != "" {
		return ParseEndpoint(x.sts)
	}
	region := or(r.region, "ALIBABA_CLOUD_STS_REGION")
	if region.value == "" {
		return ParseEndpoint(DefaultEndpoints("", false).STS)
	}
	vpc := r.vpc || strings.EqualFold(os.Getenv("ALIBABA_CLOUD_VPC_ENDPOINT_ENABLED"), "true")
	at, err := ParseEndpoint(DefaultEndpoints(region.value, vpc).STS)
	if err != nil {
		return at, failed("write a region such as cn-hangzhou, or give --region", "%s is no region", region.where)
	}
	return at, nil
}

func (x counter) assume(ctx context.Context, r role, have session) (session, error) {
	at, err := x.at(r)
	if err != nil {
		return session{}, err
	}
	x.client.keys.known.learn(have.token, have.secret, have.id)
	kept := &capture{shape: object}
	query := map[string]*string{}
	for name, value := range r.parameters() {
		query[name] = &value
	}
	err = x.client.sendTo(context.WithValue(ctx, captureKey{}, kept), at, assumeRole, request{path: "/", query: query}, have.model())
	if !kept.called {
		return session{}, failed("", "%s could not be built: %s", assumeRole.name, plain(err))
	}
	return x.session(assumeRole, at.Host, kept, "ram_role_arn/"+have.by)
}

// assumeWithOIDC sends what the vendor's provider sends: the action in the
// query, the token in the body, and no signature.
func (x counter) assumeWithOIDC(ctx context.Context, r role, provider, token string) (session, error) {
	at, err := x.at(r)
	if err != nil {
		return session{}, err
	}
	form := url.Values{"OIDCProviderArn": {provider}, "OIDCToken": {token}}
	for name, value := range r.parameters() {
		form.Set(name, value)
	}
	query := url.Values{"Action": {assumeRoleWithOIDC.name}, "Version": {versions[stsService]}, "Format": {"JSON"},
		"Timestamp": {time.Now().UTC().Format("2006-01-02T15:04:05Z")}}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, at.String()+"/?"+query.Encode(), strings.NewReader(form.Encode()))
	if err != nil {
		return session{}, failed("", "%s could not be built", assumeRoleWithOIDC.name)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("User-Agent", "ackrevoke")
	kept := &capture{}
	kept.send(x.client.http, req)
	return x.session(assumeRoleWithOIDC, at.Host, kept, "oidc_role_arn")
}

// session reads the answer of either exchange. It is judged as any other call's
// is; what it quotes is scrubbed with the fault that it becomes a part of.
func (x counter) session(op operation, host string, kept *capture, by string) (session, error) {
	if kept.err != nil {
		f := x.client.unreached(op.name, host, kept.err)
		f.hint = cmp.Or(f.hint, wayToSTS)
		return session{}, f
	}
	x.client.noteClock(kept)
	var got struct{ Credentials issued }
	f := classify(op, host, kept.answer)
	if f == nil {
		f = decode(op, host, kept.answer, &got)
	}
	if f == nil {
		return got.Credentials.session(by)
	}
	x.client.explain(f, 1)
	what := f.Code
	if f.Status != 0 {
		what = strings.TrimSpace(fmt.Sprintf("HTTP %d %s", f.Status, f.Code))
	}
	hint := f.Hint
	if hint == "" {
		hint = exchangeHint(f)
	}
	return session{}, failed(hint, "%s at %s: %s: %s", op.name, host, what, f.Message)
}

const wayToSTS = "run again; if it stays, look at the way to STS (HTTPS_PROXY, NO_PROXY), " +
	"or choose it with --region, --vpc or --sts-endpoint"

// exchangeHint says what to do where STS refuses to exchange.
func exchangeHint(f *policy.Fault) string {
	switch {
	case f.Kind == policy.Unavailable, f.Kind == policy.Throttled:
		return wayToSTS
	case f.Code == "EntityNotExist.Role":
		return "that account has no such role: create it in RAM, or correct its name"
	case f.Op == assumeRoleWithOIDC.name:
		return "in RAM, the trust policy of the role must name this OIDC provider and this service account, and the token must be fresh"
	}
	return "in RAM, the trust policy of the role must name whoever assumes it, and they need sts:AssumeRole"
}

// issued are keys as every token service of the vendor words them.
type issued struct{ AccessKeyID, AccessKeySecret, SecurityToken, Expiration string }

func (i issued) session(by string) (session, error) {
	until, err := time.Parse(time.RFC3339, i.Expiration)
	if err != nil || i.AccessKeyID == "" || i.AccessKeySecret == "" || i.SecurityToken == "" {
		return session{}, failed("", "the answer has no keys with a token and an end")
	}
	return session{id: i.AccessKeyID, secret: i.AccessKeySecret, token: i.SecurityToken, until: until, by: by}, nil
}

// issuedIn reads an answer that is nothing but keys.
func issuedIn(body []byte, by string) (session, error) {
	var i issued
	if json.Unmarshal(body, &i) != nil {
		return session{}, failed("", "the answer is no JSON of the expected shape")
	}
	return i.session(by)
}
