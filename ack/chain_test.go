package ack

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	credential "github.com/aliyun/credentials-go/credentials"

	"ackrevoke/policy"
)

var (
	ak     = map[string]any{"name": "ak", "mode": "AK", "access_key_id": "LTAI.profile", "access_key_secret": "profile-secret"}
	tokens = map[string]any{"name": "tokens", "mode": "StsToken", "access_key_id": "STS.profile", "access_key_secret": "profile-secret",
		"sts_token": "profile-token"}
	onARN = map[string]any{"name": "role", "mode": "RamRoleArn", "access_key_id": "LTAI.profile", "access_key_secret": "profile-secret",
		"ram_role_arn": "acs:ram::1:role/r", "ram_session_name": "me", "expired_seconds": 1800, "external_id": "ext", "policy": "{}"}
	chained = map[string]any{"name": "chained", "mode": "ChainableRamRoleArn", "source_profile": "tokens", "ram_role_arn": "acs:ram::1:role/c"}
	sso     = map[string]any{"name": "sso", "mode": "CloudSSO", "cloud_sso_sign_in_url": "http://127.0.0.1:3/start",
		"cloud_sso_account_id":    "1",
		"cloud_sso_access_config": "ac", "access_token": "sso-access-token", "cloud_sso_access_token_expire": time.Now().Add(time.Hour).Unix()}
	rrsa = map[string]string{"ALIBABA_CLOUD_ROLE_ARN": "acs:ram::1:role/pod", "ALIBABA_CLOUD_OIDC_PROVIDER_ARN": "acs:ram::1:oidc-provider/p",
		"ALIBABA_CLOUD_OIDC_TOKEN_FILE": "~/token"}
	noECS = map[string]string{"ALIBABA_CLOUD_ECS_METADATA_DISABLED": "true"}
)

const (
	cliPath = ".aliyun/config.json"
	iniPath = ".alibabacloud/credentials"
)

func with(maps ...map[string]string) map[string]string {
	all := map[string]string{}
	for _, m := range maps {
		for k, v := range m {
			all[k] = v
		}
	}
	return all
}

// also is a profile with some fields changed.
func also(p map[string]any, fields ...any) map[string]any {
	all := map[string]any{}
	for k, v := range p {
		all[k] = v
	}
	for i := 0; i < len(fields); i += 2 {
		all[fields[i].(string)] = fields[i+1]
	}
	return all
}

// Each provider of the chain, and each mode of a profile that is read: these
// keys sign in the end.
func TestChain(t *testing.T) {
	for _, tt := range []struct {
		name  string
		vars  map[string]string
		files map[string]string
		id    string
		token string
		asks  []string // for what the keys were had, in order
	}{
		{"environment", map[string]string{envID: "LTAI.env", envSecret: "env-secret"}, nil, "LTAI.env", "", nil},
		{"environment, temporary", map[string]string{envID: "STS.env", envSecret: "env-secret", envToken: "env-token"}, nil, "STS.env",
			"env-token", nil},
		{"environment before all others",
			with(rrsa, map[string]string{envID: "LTAI.env", envSecret: "env-secret", envURI: "http://127.0.0.1:2/x"}),
			map[string]string{"token": "jwt-token", cliPath: cli(ak)}, "LTAI.env", "", nil},
		{"RRSA", rrsa, map[string]string{"token": "jwt-token", cliPath: cli(ak)}, "STS.pod", "STS.pod-token", []string{"AssumeRoleWithOIDC"}},
		{"AK", nil, map[string]string{cliPath: cli(ak), iniPath: "[default]\ntype=access_key\naccess_key_id=LTAI.ini\naccess_key_secret=s"},
			"LTAI.profile", "", nil},
		{"AK, the secret in the environment", map[string]string{envSecret: "env-secret"},
			map[string]string{cliPath: cli(also(ak, "access_key_secret", ""))}, "LTAI.profile", "", nil},
		{"another profile", map[string]string{envProfile: "ak"}, map[string]string{cliPath: cli(chained, ak)}, "LTAI.profile", "", nil},
		{"another file", map[string]string{cliFile: "~/elsewhere"}, map[string]string{"elsewhere": cli(ak)}, "LTAI.profile", "", nil},
		{"StsToken", nil, map[string]string{cliPath: cli(tokens)}, "STS.profile", "profile-token", nil},
		{"RamRoleArn", nil, map[string]string{cliPath: cli(onARN)}, "STS.assumed", "STS.assumed-token", []string{"AssumeRole"}},
		{"RamRoleArn, the role in the environment", map[string]string{envRole: "acs:ram::1:role/env"},
			map[string]string{cliPath: cli(also(onARN, "ram_role_arn", ""))},
			"STS.assumed", "STS.assumed-token", []string{"AssumeRole"}},
		{"RamRoleArnWithRoleName", nil, map[string]string{cliPath: cli(also(onARN, "mode", "RamRoleArnWithRoleName"))}, "STS.assumed",
			"STS.assumed-token", []string{"", "", "", "AssumeRole"}},
		{"ChainableRamRoleArn", nil, map[string]string{cliPath: cli(chained, tokens)}, "STS.assumed", "STS.assumed-token",
			[]string{"AssumeRole"}},
		{"ChainableRamRoleArn, twice", nil,
			map[string]string{cliPath: cli(also(chained, "name", "c2", "source_profile", "chained"), chained, tokens)}, "STS.assumed",
			"STS.assumed-token",
			[]string{"AssumeRole", "AssumeRole"}},
		{"EcsRamRole", nil, map[string]string{cliPath: cli(map[string]any{"name": "e", "mode": "EcsRamRole",
			"ram_role_name": "machine-role"})}, "STS.machine", "STS.machine-token", []string{"", ""}},
		{"OIDC", nil, map[string]string{"token": "jwt-token",
			cliPath: cli(map[string]any{"name": "o", "mode": "OIDC", "oidc_provider_arn": "acs:p", "oidc_token_file": "HOME/token",
				"ram_role_arn": "acs:r"})},
			"STS.pod", "STS.pod-token", []string{"AssumeRoleWithOIDC"}},
		{"CloudSSO", nil, map[string]string{cliPath: cli(sso)}, "STS.sso", "STS.sso-token", []string{""}},
		{"CredentialsURI", nil,
			map[string]string{cliPath: cli(map[string]any{"name": "u", "mode": "CredentialsURI", "credentials_uri": "http://127.0.0.1:2/keys"})},
			"STS.uri", "STS.uri-token", []string{""}},
		{"INI access_key", nil,
			map[string]string{iniPath: "# mine\n[other]\ntype = x\n[default]\ntype = access_key\naccess_key_id = LTAI.ini # comment\n" +
				"access_key_secret = 'ini-secret'\n"}, "LTAI.ini", "", nil},
		{"INI ram_role_arn", map[string]string{envProfile: "p"},
			map[string]string{iniPath: "[p]\ntype: ram_role_arn\naccess_key_id: LTAI.ini\naccess_key_secret: ini-secret\n" +
				"role_arn: acs:ram::1:role/i\nrole_session_name: me\n"},
			"STS.assumed", "STS.assumed-token", []string{"AssumeRole"}},
		{"INI ecs_ram_role", nil, map[string]string{iniPath: "[default]\ntype=ecs_ram_role\nrole_name=machine-role"}, "STS.machine",
			"STS.machine-token", []string{"", ""}},
		{"ECS role", map[string]string{envECS: "machine-role"}, nil, "STS.machine", "STS.machine-token", []string{"", ""}},
		{"ECS role that nobody named", nil, nil, "STS.machine", "STS.machine-token", []string{"", "", ""}},
		{"credentials URI", with(noECS, map[string]string{envURI: "http://127.0.0.1:2/keys?token=abcdefgh"}), nil, "STS.uri", "STS.uri-token",
			[]string{""}},
		{"the next one, where one fails", with(rrsa, noECS, map[string]string{envURI: "http://127.0.0.1:2/keys"}),
			map[string]string{cliPath: "no JSON"}, "STS.uri", "STS.uri-token", []string{""}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			nobody(t, tt.vars, tt.files)
			synctest.Test(t, func(t *testing.T) {
				n := newTown(t, map[string]http.HandlerFunc{
					"127.0.0.1:1": sts, metadataHost + ":80": metadataService,
					"127.0.0.1:2": says(200, issue("STS.uri")), "127.0.0.1:3": says(200, `{"RequestId":"r","CloudCredential":`+issue("STS.sso")+`}`),
				})
				c := n.client("http://127.0.0.1:1")
				for range 2 { // the second time nobody is asked again
					if _, err := c.Grants(t.Context(), "2"); err != nil {
						t.Fatal(err)
					}
				}
				last := n.requests[len(n.requests)-1]
				if !strings.Contains(last.header.Get("Authorization"), "Credential="+tt.id+",") || last.header.Get("x-acs-security-token") != tt.token {
					t.Errorf("signed with %s, token %q", last.header.Get("Authorization"), last.header.Get("x-acs-security-token"))
				}
				var asks []string
				for _, h := range n.requests[:len(n.requests)-2] {
					asks = append(asks, h.action())
				}
				if !slices.Equal(asks, tt.asks) {
					t.Errorf("asked %q, want %q", asks, tt.asks)
				}
				if got := c.Calls(); got.Reads != 2 {
					t.Errorf("what keys are had with counts as calls: %+v", got)
				}
				c.Close()
			})
		})
	}
}

// New keys come before the old ones end, from the provider that gave those: a
// run does not become somebody else because a token could not be exchanged.
func TestChainStaysWithWhoGave(t *testing.T) {
	nobody(t, rrsa, map[string]string{"token": "jwt-token", cliPath: cli(ak)})
	synctest.Test(t, func(t *testing.T) {
		broken := false
		n := newTown(t, map[string]http.HandlerFunc{"127.0.0.1:1": func(w http.ResponseWriter, r *http.Request) {
			if broken && r.URL.Query().Get("Action") != "" {
				says(503, code("ServiceUnavailable"))(w, r)
				return
			}
			sts(w, r)
		}})
		c := n.client("http://127.0.0.1:1")
		for i, tt := range []struct {
			after     time.Duration
			broken    bool
			exchanges int
			ok        bool
		}{{0, false, 1, true}, {56 * time.Minute, true, 1, true}, {2 * time.Minute, false, 2, true},
			{57*time.Minute + time.Second, true, 3, false}, {0, false, 4, true}} {
			time.Sleep(tt.after) // in a bubble it costs nothing
			broken = tt.broken
			_, err := c.Grants(t.Context(), "2")
			if (err == nil) != tt.ok || len(n.of("AssumeRoleWithOIDC")) != tt.exchanges {
				t.Errorf("%d: %d exchanges, %v", i, len(n.of("AssumeRoleWithOIDC")), err)
			}
			if err != nil && !strings.Contains(err.Error(),
				"OIDC/RRSA (ALIBABA_CLOUD_ROLE_ARN is set): AssumeRoleWithOIDC at 127.0.0.1:1: HTTP 503") {
				t.Errorf("%v", err)
			}
		}
		c.Close()
	})
}

// A provider that does not answer is named, within the time of one call.
func TestChainThatHangs(t *testing.T) {
	nobody(t, rrsa, map[string]string{"token": "jwt-token"})
	synctest.Test(t, func(t *testing.T) {
		n := newTown(t, map[string]http.HandlerFunc{"127.0.0.1:1": hang})
		c, began := n.client("http://127.0.0.1:1"), time.Now()
		_, err := c.Grants(t.Context(), "2")
		if f := faultOf(t, err); f.Kind != policy.Credentials || !strings.Contains(f.Message, "OIDC/RRSA (ALIBABA_CLOUD_ROLE_ARN is set)") ||
			time.Since(began) > 30*time.Second {
			t.Errorf("after %v: %v", time.Since(began), f)
		}
		c.Close()
	})
}

// A provider of somebody else may break down: that is no end of the process.
func TestProviderThatPanics(t *testing.T) {
	c, err := New(Options{Credential: provider{get: func() (*credential.CredentialModel, error) { panic("hunter2") }}, Endpoints: local})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Grants(t.Context(), "2"); faultOf(t, err).Kind != policy.Credentials || strings.Contains(err.Error(), "hunter2") {
		t.Error(err)
	}
}

// The chain is the vendor's: where no service is asked, its own finds the same keys.
func TestChainIsTheVendors(t *testing.T) {
	ini := func(lines string) map[string]string { return map[string]string{iniPath: lines} }
	for name, tt := range map[string]struct{ vars, files map[string]string }{
		"environment":         {map[string]string{envID: "LTAI.env", envSecret: "env-secret"}, map[string]string{cliPath: cli(ak)}},
		"temporary":           {map[string]string{envID: "LTAI.env", envSecret: "env-secret", envToken: "t"}, nil},
		"half an environment": {map[string]string{envID: "LTAI.env"}, map[string]string{cliPath: cli(ak)}},
		"AK": {nil,
			map[string]string{cliPath: cli(ak), iniPath: "[default]\ntype=access_key\naccess_key_id=i\naccess_key_secret=s"}},
		"AK, half":        {map[string]string{envSecret: "env-secret"}, map[string]string{cliPath: cli(also(ak, "access_key_secret", ""))}},
		"StsToken":        {nil, map[string]string{cliPath: cli(tokens)}},
		"StsToken, half":  {map[string]string{envToken: "env-token"}, map[string]string{cliPath: cli(also(tokens, "sts_token", ""))}},
		"another profile": {map[string]string{envProfile: "tokens"}, map[string]string{cliPath: cli(ak, tokens)}},
		"another file":    {map[string]string{cliFile: "~/x"}, map[string]string{cliPath: cli(ak), "x": cli(tokens)}},
		"no profile":      {map[string]string{envProfile: "none"}, map[string]string{cliPath: cli(ak)}},
		"no CLI": {map[string]string{noCLI: "true"},
			map[string]string{cliPath: cli(ak), iniPath: "[default]\ntype=access_key\naccess_key_id=i\naccess_key_secret=s"}},
		"a mode that is no": {nil,
			map[string]string{cliPath: cli(map[string]any{"name": "x", "mode": "External"}),
				iniPath: "[default]\ntype=access_key\naccess_key_id=i\naccess_key_secret=s"}},
		"INI":         {nil, ini("[default]\ntype = access_key\naccess_key_id = i\naccess_key_secret = s\n")},
		"INI, colons": {nil, ini("[default]\ntype: access_key\naccess_key_id: i\naccess_key_secret: s")},
		"INI, comments": {nil,
			ini("; first\n[default]\n# second\ntype = access_key ; third\naccess_key_id = i # fourth\naccess_key_secret = s")},
		"INI, quotes": {nil, ini("[default]\ntype = \"access_key\"\naccess_key_id = 'i'\naccess_key_secret = `s#s`")},
		"INI, the last counts": {nil,
			ini("[default]\ntype = access_key\naccess_key_id = i\naccess_key_id = j\naccess_key_secret = s\n[other]\naccess_key_id = k")},
		"INI, twice": {nil, ini("[default]\ntype = access_key\naccess_key_id = i\n[other]\nx = y\n[default]\naccess_key_secret = s")},
		"INI, another": {map[string]string{envProfile: "o"},
			ini("[default]\ntype = access_key\naccess_key_id = i\naccess_key_secret = s\n" +
				"[o]\ntype = access_key\naccess_key_id = j\naccess_key_secret = t")},
		"INI, none":           {nil, ini("[other]\ntype = access_key\naccess_key_id = i\naccess_key_secret = s")},
		"INI, an equals sign": {nil, ini("[default]\ntype = access_key\naccess_key_id = i\naccess_key_secret = s=t==")},
		"INI, empty":          {nil, ini("[default]\ntype = access_key\naccess_key_id =\naccess_key_secret = s")},
		"INI, another file": {map[string]string{iniFile: "~/x"},
			map[string]string{"x": "[default]\ntype=access_key\naccess_key_id=i\naccess_key_secret=s"}},
		"nothing": {nil, nil},
	} {
		t.Run(name, func(t *testing.T) {
			nobody(t, with(noECS, tt.vars), tt.files)
			theirs, err := credential.NewCredential(nil)
			if err != nil {
				t.Fatal(err)
			}
			want, wantErr := theirs.GetCredential()
			got, gotErr := newTown(t, nil).client("").keys.get(t.Context())
			if (gotErr == nil) != (wantErr == nil) {
				t.Fatalf("%v; the vendor's: %v", gotErr, wantErr)
			}
			if gotErr == nil && (text(got.AccessKeyId) != text(want.AccessKeyId) || text(got.AccessKeySecret) != text(want.AccessKeySecret) ||
				text(got.SecurityToken) != text(want.SecurityToken) || text(got.ProviderName) != text(want.ProviderName)) {
				t.Errorf("%v; the vendor's %v", got, want)
			}
		})
	}
}
