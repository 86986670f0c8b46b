package ack

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"
)

// Where keys come from that are not exchanged at STS: the metadata service of a
// machine, a URI, and CloudSSO. Their answers are keys, so no error quotes one.

// metadataHost is the metadata service of an ECS instance. It is on the machine,
// so no proxy is asked for it.
const metadataHost = "100.100.100.200"

// metadataPatience is how long it may take: it answers at once or is not there.
const metadataPatience = time.Second

// metadata gives the keys of a role of the machine.
func (x counter) metadata(ctx context.Context, name string) (session, error) {
	const roles = "/latest/meta-data/ram/security-credentials/"
	token := ""
	answer, err := x.machineSays(ctx, http.MethodPut, "/latest/api/token", "X-aliyun-ecs-metadata-token-ttl-seconds", "21600")
	switch {
	case err == nil && len(answer) < 4<<10 && unspoilt("", string(answer)) == nil:
		token = string(answer)
		x.client.keys.known.learn(token)
	case strings.EqualFold(os.Getenv("ALIBABA_CLOUD_IMDSV1_DISABLED"), "true"):
		if err == nil {
			err = failed("", "the metadata service gave no token")
		}
		return session{}, err
	}
	if name == "" {
		answer, err = x.machineSays(ctx, http.MethodGet, roles, "X-aliyun-ecs-metadata-token", token)
		if err != nil {
			return session{}, err
		}
		if name = strings.TrimSpace(string(answer)); unspoilt("", name) != nil || strings.ContainsAny(name, "/?#") {
			return session{}, failed("", "the metadata service names no role")
		}
	}
	answer, err = x.machineSays(ctx, http.MethodGet, roles+url.PathEscape(name), "X-aliyun-ecs-metadata-token", token)
	if err != nil {
		return session{}, err
	}
	return issuedIn(answer, "ecs_ram_role")
}

func (x counter) machineSays(ctx context.Context, method, path, header, value string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, metadataPatience)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, "http://"+metadataHost+path, nil)
	if err != nil {
		return nil, failed("", "the request could not be built")
	}
	if value != "" {
		req.Header.Set(header, value)
	}
	return x.keysFrom(req, "the metadata service", "give this machine a RAM role, or set "+envNoECS+"=true where there is none")
}

// address gives the keys that a URI answers with.
func (x counter) address(uri written) (giver, error) {
	u, err := url.Parse(strings.TrimSpace(uri.value))
	if err == nil {
		x.client.keys.known.learn(secretsOf(u)...)
	}
	if bad := unspoilt(uri.where, uri.value); bad != nil {
		return nil, bad
	}
	const write = "write an address such as http://localhost:7002/credentials"
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, failed(write, "%s is no http:// or https:// address", uri.where)
	}
	return func(ctx context.Context) (session, error) {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, uri.value, nil)
		if err != nil {
			return session{}, failed(write, "%s is no address", uri.where)
		}
		body, err := x.keysFrom(req, u.Host, "see what answers at the address in "+uri.where)
		if err != nil {
			return session{}, err
		}
		return issuedIn(body, "credential_uri")
	}, nil
}

// secretsOf are the parts of an address that can be secret.
func secretsOf(u *url.URL) []string {
	var all []string
	if secret, ok := u.User.Password(); ok {
		all = append(all, secret, u.User.Username()+":"+secret)
	}
	for _, values := range u.Query() {
		all = append(all, values...)
	}
	return all
}

// signedOn gives the keys of a CloudSSO login.
func (x counter) signedOn(p cliProfile) giver {
	return func(ctx context.Context) (session, error) {
		u, err := url.Parse(p.SignInURL)
		if err != nil || u.Host == "" || u.Scheme != "https" && !loopback(u.Hostname()) {
			return session{}, failed("correct the profile with aliyun configure --mode CloudSSO",
				"cloud_sso_sign_in_url of profile %q is no https:// address", p.Name)
		}
		body, _ := json.Marshal(map[string]string{"AccountId": p.SSOAccount, "AccessConfigurationId": p.SSOConfig})
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, u.Scheme+"://"+u.Host+"/cloud-credentials", bytes.NewReader(body))
		if err != nil {
			return session{}, failed("", "the request could not be built")
		}
		req.Header.Set("Accept", "application/json")
		req.Header.Set("Content-Type", "application/json")
		req.Header.Set("Authorization", "Bearer "+p.AccessToken)
		answer, err := x.keysFrom(req, u.Host, "log in again: aliyun configure --mode CloudSSO")
		if err != nil {
			return session{}, err
		}
		var got struct{ CloudCredential issued }
		if json.Unmarshal(answer, &got) != nil {
			return session{}, failed("", "%s gave no JSON of the expected shape", u.Host)
		}
		return got.CloudCredential.session("cli_profile/cloud_sso")
	}
}

// keysFrom is the body of a good answer.
func (x counter) keysFrom(req *http.Request, whose, hint string) ([]byte, error) {
	kept := &capture{}
	kept.send(x.client.http, req)
	switch said, _ := hear(kept.answer); {
	case kept.err != nil:
		f := x.client.unreached("", whose, kept.err)
		f.hint = cmp.Or(f.hint, hint)
		return nil, f
	case kept.status >= 300 && kept.status <= 399:
		return nil, failed(hint, "redirect refused: %s answered HTTP %d%s", whose, kept.status, elsewhere(kept.header))
	case kept.status != http.StatusOK && said.code != "":
		return nil, failed(hint, "%s answered HTTP %d with the code %s", whose, kept.status, shorten(said.code, 64))
	case kept.status != http.StatusOK:
		return nil, failed(hint, "%s answered HTTP %d", whose, kept.status)
	}
	return kept.body, nil
}
