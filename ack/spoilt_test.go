package ack

import (
	"net/http"
	"strings"
	"testing"

	"ackrevoke/policy"
)

// A value with white space or a line end in it is an error that names where it
// stands; nothing is called, and no other provider is asked.
func TestSpoiltKeys(t *testing.T) {
	keys := map[string]string{envID: "LTAI.env", envSecret: "env-secret", envToken: "env-token"}
	spoil := func(m map[string]string, name string, how string) map[string]string {
		all := with(m)
		all[name] = strings.ReplaceAll(how, "X", all[name])
		return all
	}
	files := func(p ...map[string]any) map[string]string { return map[string]string{cliPath: cli(p...)} }
	ini := "[default]\ntype=access_key\naccess_key_id=LTAI ini\naccess_key_secret=ini-secret\n"
	for _, tt := range []struct {
		name  string
		vars  map[string]string
		files map[string]string
		says  string
	}{
		{"id", spoil(keys, envID, "X\n"), nil,
			"environment (ALIBABA_CLOUD_ACCESS_KEY_ID is set): ALIBABA_CLOUD_ACCESS_KEY_ID has a line end at its end"},
		{"id, Windows", spoil(keys, envID, "X\r\n"), nil, "ALIBABA_CLOUD_ACCESS_KEY_ID has a line end at its end"},
		{"secret", spoil(keys, envSecret, " X"), nil, "ALIBABA_CLOUD_ACCESS_KEY_SECRET has white space at its beginning"},
		{"token", spoil(keys, envToken, "X\tX"), nil, "ALIBABA_CLOUD_SECURITY_TOKEN has white space in it"},
		{"nothing but a line end", spoil(keys, envToken, "\n"), nil, "ALIBABA_CLOUD_SECURITY_TOKEN has nothing but white space in it"},
		{"a mark that nobody sees", spoil(keys, envID, "\ufeffX"), nil,
			"ALIBABA_CLOUD_ACCESS_KEY_ID has a character that no key has at its beginning"},
		{"a space that is none", spoil(keys, envSecret, "X\u00a0"), nil, "ALIBABA_CLOUD_ACCESS_KEY_SECRET has white space at its end"},
		{"another is there as well", spoil(keys, envID, "X\n"), files(ak), "ALIBABA_CLOUD_ACCESS_KEY_ID has a line end at its end"},
		{"token of RRSA", rrsa, map[string]string{"token": "jwt-token\n"},
			"OIDC/RRSA (ALIBABA_CLOUD_ROLE_ARN is set): the token in the file of ALIBABA_CLOUD_OIDC_TOKEN_FILE has a line end at its end"},
		{"role of RRSA", spoil(rrsa, envRole, "X\n"), map[string]string{"token": "jwt-token"},
			"ALIBABA_CLOUD_ROLE_ARN has a line end at its end"},
		{"AK", nil, files(also(ak, "access_key_secret", "profile-secret ")), `access_key_secret of profile "ak" has white space at its end`},
		{"StsToken", nil, files(also(tokens, "sts_token", "profile\ntoken")), `sts_token of profile "tokens" has a line end in it`},
		{"RamRoleArn", nil, files(also(onARN, "access_key_id", "LTAI.x\n")), `access_key_id of profile "role" has a line end at its end`},
		{"the source of another", nil, files(chained, also(tokens, "sts_token", "profile-token ")),
			`sts_token of profile "tokens" has white space at its end`},
		{"CloudSSO", nil, files(also(sso, "access_token", "sso token")), `access_token of profile "sso" has white space in it`},
		{"INI", nil, map[string]string{iniPath: ini},
			`INI profile (~/.alibabacloud/credentials is there, profile "default"): access_key_id of profile "default" has white space in it`},
		{"URI", with(noECS, map[string]string{envURI: "http://127.0.0.1:2/?token=abcdefgh\n"}), nil,
			"ALIBABA_CLOUD_CREDENTIALS_URI has a line end at its end"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			nobody(t, tt.vars, tt.files)
			n := newTown(t, map[string]http.HandlerFunc{"127.0.0.1:1": sts, "127.0.0.1:2": says(200, issue("STS.uri"))})
			c := n.client("http://127.0.0.1:1")
			_, err := c.Grants(t.Context(), "2")
			f := faultOf(t, err)
			if f.Kind != policy.Credentials || f.Sent || !strings.Contains(f.Message, tt.says) || !strings.Contains(f.Hint, "set it again without") {
				t.Errorf("%s\nhint %s", f.Message, f.Hint)
			}
			if len(n.sought) > 0 || c.Calls().Reads > 0 {
				t.Errorf("%v was sought, %+v", n.sought, c.Calls())
			}
			for _, v := range []string{"env-secret", "env-token", "jwt-token", "profile-secret", "abcdefgh"} {
				if strings.Contains(f.Message, v) {
					t.Errorf("%q is shown: %s", v, f.Message)
				}
			}
		})
	}
	// What a service gives is looked at as well.
	nobody(t, with(noECS, map[string]string{envURI: "http://127.0.0.1:2/"}), nil)
	n := newTown(t, map[string]http.HandlerFunc{"127.0.0.1:2": says(200, issue("STS.a b"))})
	if _, err := n.client("").Grants(t.Context(), "2"); !strings.Contains(faultOf(t, err).Message,
		"the access key id that it gave has white space in it") {
		t.Error(err)
	}
}
