package ack

import (
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"ackrevoke/policy"
)

// Where there are no keys, the provider that was configured and failed first is
// the one that is told of, with a hint of its own.
func TestWhoFailedFirst(t *testing.T) {
	profile := func(p map[string]any) map[string]string { return map[string]string{cliPath: cli(p)} }
	for _, tt := range []struct {
		name  string
		vars  map[string]string
		files map[string]string
		says  string
		hint  string // a part of it
	}{
		{"nothing", noECS, nil, "no provider of the chain is configured", ""},
		{"nothing but a machine without a role", nil, nil,
			"no provider of the chain is configured, and the last resort gives nothing: ECS role: the metadata service cannot be reached", ""},
		{"half an access key", map[string]string{envID: "LTAI.env"}, nil,
			"environment (ALIBABA_CLOUD_ACCESS_KEY_ID is set): ALIBABA_CLOUD_ACCESS_KEY_SECRET is not set",
			"set ALIBABA_CLOUD_ACCESS_KEY_SECRET as well"},
		{"half of RRSA", map[string]string{envRole: "acs:ram::1:role/pod"}, nil,
			"OIDC/RRSA (ALIBABA_CLOUD_ROLE_ARN is set): ALIBABA_CLOUD_OIDC_PROVIDER_ARN is not set", "pod-identity.alibabacloud.com/injection: on"},
		{"no token", rrsa, nil,
			"OIDC/RRSA (ALIBABA_CLOUD_ROLE_ARN is set): the token file of ALIBABA_CLOUD_OIDC_TOKEN_FILE cannot be read: no such file",
			"fsGroup"},
		{"RRSA that is refused", rrsa, map[string]string{"token": "jwt"},
			"OIDC/RRSA (ALIBABA_CLOUD_ROLE_ARN is set): AssumeRoleWithOIDC at 127.0.0.1:1: HTTP 403 NoPermission: because of NoPermission",
			"trust policy"},
		{"the first of several", with(rrsa, map[string]string{envURI: "http://127.0.0.1:9/"}), profile(ak2()),
			"OIDC/RRSA (ALIBABA_CLOUD_ROLE_ARN is set): the token file", "fsGroup"},
		{"and the others", with(rrsa, map[string]string{envURI: "http://127.0.0.1:9/"}), profile(ak2()),
			"; after it failed too: CLI profile, credentials URI", ""},
		{"a profile that is not there", map[string]string{envProfile: "prod"}, profile(ak),
			`CLI profile (~/.aliyun/config.json is there, profile "prod"): the file has no profile "prod"`, envProfile},
		{"a profile without a file", map[string]string{envProfile: "prod"}, nil,
			"CLI profile (ALIBABA_CLOUD_PROFILE is set): the file cannot be read: no such file", "aliyun configure"},
		{"a file that is not there", map[string]string{cliFile: "/nowhere"}, nil,
			"CLI profile (ALIBABA_CLOUD_CONFIG_FILE is set): the file cannot be read: no such file", "aliyun configure"},
		{"External", nil, profile(map[string]any{"name": "x", "mode": "External", "process_command": "get-keys"}),
			`CLI profile (~/.aliyun/config.json is there, profile "x"): profile "x" has the mode External, which is not read here`,
			"run its process_command"},
		{"OAuth", nil, profile(map[string]any{"name": "x", "mode": "OAuth"}), `profile "x" has the mode OAuth, which is not read here`,
			"CloudSSO"},
		{"RsaKeyPair", nil, profile(map[string]any{"name": "x", "mode": "RsaKeyPair"}), `the mode RsaKeyPair, which is not read here`,
			"another mode"},
		{"a mode of tomorrow", nil, profile(map[string]any{"name": "x", "mode": "New"}),
			`profile "x" has the mode "New", which is not known here`, "modes that are read: AK"},
		{"a source that cannot be read", nil,
			map[string]string{cliPath: cli(also(chained, "source_profile", "x"), map[string]any{"name": "x", "mode": "External"})},
			`profile "x" has the mode External`, "process_command"},
		{"a source that is itself", nil,
			map[string]string{cliPath: cli(also(chained, "source_profile", "b"), also(chained, "name", "b", "source_profile", "chained"))},
			`the source of profile "chained" is in the end itself`, "another mode"},
		{"a login that has ended", nil, profile(also(sso, "cloud_sso_access_token_expire", 1)), `the login of profile "sso" has ended`,
			"aliyun configure --mode CloudSSO --profile sso"},
		{"a login that is refused", nil, profile(also(sso, "cloud_sso_sign_in_url", "http://127.0.0.1:1/")),
			"127.0.0.1:1 answered HTTP 403 with the code NoPermission", "log in again"},
		{"a role that is refused", nil, profile(onARN), "AssumeRole at 127.0.0.1:1: HTTP 403 NoPermission", "sts:AssumeRole"},
		{"a field of another kind", nil, map[string]string{cliPath: `{"profiles":[{"expired_seconds":"hunter2"}]}`},
			"a wrong kind of value in the field profiles.expired_seconds", "correct the file"},
		{"an INI profile of another type", nil, map[string]string{iniPath: "[default]\ntype=sts"},
			`INI profile (~/.alibabacloud/credentials is there, profile "default"): profile "default" has the type "sts"`, "types that are read"},
		{"an INI profile without a type", nil, map[string]string{iniPath: "[default]\naccess_key_id=x"}, `profile "default" has no type`,
			"access_key"},
		{"no such INI profile", nil, map[string]string{iniPath: "[other]\ntype=access_key"}, `the file has no profile "default"`, envProfile},
		{"an ECS role that is not there", map[string]string{envECS: "web"}, nil,
			"ECS role (ALIBABA_CLOUD_ECS_METADATA is set): the metadata service cannot be reached", "give this machine a RAM role"},
		{"a URI that is none", with(noECS, map[string]string{envURI: "localhost:7002"}), nil,
			"credentials URI (ALIBABA_CLOUD_CREDENTIALS_URI is set): ALIBABA_CLOUD_CREDENTIALS_URI is no http:// or https:// address",
			"http://localhost:7002"},
		{"a URI that leads elsewhere", with(noECS, map[string]string{envURI: "http://127.0.0.1:4/"}), nil,
			"redirect refused: 127.0.0.1:4 answered HTTP 302 to elsewhere.example", "ALIBABA_CLOUD_CREDENTIALS_URI"},
		{"keys without an end", with(noECS, map[string]string{envURI: "http://127.0.0.1:5/"}), nil,
			"the answer has no keys with a token and an end", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			nobody(t, tt.vars, tt.files)
			synctest.Test(t, func(t *testing.T) {
				n := newTown(t, map[string]http.HandlerFunc{
					"127.0.0.1:1": says(403, code("NoPermission")),
					"127.0.0.1:4": says(302, "", "Location", "http://joe:hunter2@elsewhere.example/?token=hunter2"),
					"127.0.0.1:5": says(200, `{"AccessKeyId":"a","AccessKeySecret":"hunter2"}`),
				})
				c := n.client("http://127.0.0.1:1")
				_, err := c.Grants(t.Context(), "2")
				f := faultOf(t, err)
				if f.Kind != policy.Credentials || f.Sent || !strings.Contains(f.Message, tt.says) || !strings.Contains(f.Hint, tt.hint) ||
					strings.Contains(f.Message+f.Hint, "hunter2") {
					t.Errorf("%s\nhint %s", f.Message, f.Hint)
				}
				if (tt.hint == "" && !strings.HasPrefix(tt.says, ";") && f.Hint != "") || len([]rune(f.Message)) >= 512 {
					t.Errorf("%s\nhint %s", f.Message, f.Hint)
				}
				c.Close()
			})
		})
	}
}

// ak2 is a profile whose access key is missing.
func ak2() map[string]any { return map[string]any{"name": "ak", "mode": "AK"} }
