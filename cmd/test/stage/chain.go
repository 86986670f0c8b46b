package stage

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The secrets that the chain can have in hand beside the keys of these tests.
const (
	testJWT      = "eyJhbGciOiJSUzI1NiIsImtpZCI6InQzc3QifQ.eyJhdWQiOlsic3RzIl0sInRlc3QiOiJvbmx5In0.Zm9yLXRlc3RzLW9ubHktbm8ta2V5LVFXRVJU"
	testLogin    = "cL0udS5oAcc3ssT0kenQ9wE8rT7yU6iO5pA4sD3fG2hJ1k"
	TestMetadata = "AQAAnMet4dataT0kenZ8xC7vB6nM5aS4dF3gH2jK1l=="
	testURIToken = "uRit0kenP9oI8uY7tR6eW5qL4kJ3hG2fD1s"
	TestPassword = "pR0xyP4sswordN7bV6cX5z"

	// TestStranger is what only the other side has: nobody here can know how it looks.
	TestStranger = "Qv7stR4ngerKz2mN8wP5xL1yB"
)

// Link is one mode of the vendor's chain, with everything in it that is secret.
type Link struct {
	Name  string
	Vars  map[string]string // ~ is the home
	files map[string]string
	Says  string // of the provider and what configures it; "" where it gives keys
	Quiet bool   // nobody is asked for anything
}

// profiles is a file of the vendor's command line.
func profiles(all ...map[string]any) map[string]string {
	return map[string]string{".aliyun/config.json": string(Must(json.Marshal(map[string]any{"current": all[0]["name"], "profiles": all})))}
}

// profile is one of its profiles, with keys and more.
func profile(mode string, fields map[string]any) map[string]any {
	p := map[string]any{"name": "test", "mode": mode, "ram_role_arn": "acs:ram::1234567890123456:role/test", "ram_session_name": "test"}
	for k, v := range fields {
		p[k] = v
	}
	return p
}

// ChainModes are all modes of the chain. Those that are read send their secrets
// to somebody who repeats them; the others must not show them either.
func ChainModes() []Link {
	keys := map[string]any{"access_key_id": TestKeyID, "access_key_secret": TestSecret}
	token := map[string]any{"access_key_id": TestKeyID, "access_key_secret": TestSecret, "sts_token": TestToken}
	source := profile("StsToken", token)
	source["name"] = "source"
	oidc := map[string]string{"ALIBABA_CLOUD_ROLE_ARN": "acs:ram::1:role/r",
		"ALIBABA_CLOUD_OIDC_PROVIDER_ARN": "acs:ram::1:oidc-provider/p", "ALIBABA_CLOUD_OIDC_TOKEN_FILE": "~/token"}
	uri := "http://joe:" + TestPassword + "@127.0.0.1:2/keys?token=" + testURIToken
	const cli = `CLI profile (~/.aliyun/config.json is there, profile "test")`
	const ini = `INI profile (~/.alibabacloud/credentials is there, profile "default")`
	iniKeys := "access_key_id = " + TestKeyID + "\naccess_key_secret = " + TestSecret + "\n"
	jwt := map[string]string{"token": testJWT}
	withToken := func(files map[string]string) map[string]string { files["token"] = testJWT; return files }
	sso := map[string]any{"access_token": testLogin, "cloud_sso_access_token_expire": 4102444800,
		"cloud_sso_sign_in_url": "http://127.0.0.1:3/?x=" + testLogin, "cloud_sso_account_id": "1", "cloud_sso_access_config": "ac"}
	return []Link{
		{"environment", map[string]string{"ALIBABA_CLOUD_ACCESS_KEY_ID": TestKeyID, "ALIBABA_CLOUD_ACCESS_KEY_SECRET": TestSecret}, nil, "",
			false},
		{"environment, temporary",
			map[string]string{"ALIBABA_CLOUD_ACCESS_KEY_ID": TestKeyID, "ALIBABA_CLOUD_ACCESS_KEY_SECRET": TestSecret,
				"ALIBABA_CLOUD_SECURITY_TOKEN": TestToken}, nil, "", false},
		{"environment, half", map[string]string{"ALIBABA_CLOUD_ACCESS_KEY_SECRET": TestSecret, "ALIBABA_CLOUD_SECURITY_TOKEN": TestToken}, nil,
			"environment (ALIBABA_CLOUD_ACCESS_KEY_SECRET is set)", true},
		{"environment, a line end", map[string]string{"ALIBABA_CLOUD_ACCESS_KEY_ID": TestKeyID,
			"ALIBABA_CLOUD_ACCESS_KEY_SECRET": TestSecret + "\n"},
			nil, "ALIBABA_CLOUD_ACCESS_KEY_SECRET has a line end at its end", true},
		{"environment, a line end inside", map[string]string{"ALIBABA_CLOUD_ACCESS_KEY_ID": TestKeyID,
			"ALIBABA_CLOUD_ACCESS_KEY_SECRET": TestSecret, "ALIBABA_CLOUD_SECURITY_TOKEN": TestToken[:40] + "\n" + TestToken[40:]}, nil,
			"ALIBABA_CLOUD_SECURITY_TOKEN has a line end in it", true},
		{"environment, a blank", map[string]string{"ALIBABA_CLOUD_ACCESS_KEY_ID": " " + TestKeyID, "ALIBABA_CLOUD_ACCESS_KEY_SECRET": TestSecret},
			nil, "ALIBABA_CLOUD_ACCESS_KEY_ID has white space at its beginning", true},
		{"StsToken, a line end", nil, profiles(profile("StsToken", map[string]any{"access_key_id": TestKeyID, "access_key_secret": TestSecret,
			"sts_token": TestToken + "\r\n"})), cli, true},
		{"RRSA", oidc, jwt, "OIDC/RRSA (ALIBABA_CLOUD_ROLE_ARN is set)", false},
		{"AK", nil, profiles(profile("AK", keys)), "", false},
		{"StsToken", nil, profiles(profile("StsToken", token)), "", false},
		{"RamRoleArn", nil, profiles(profile("RamRoleArn", token)), cli, false},
		{"RamRoleArnWithRoleName", nil, profiles(profile("RamRoleArnWithRoleName", nil)), cli, false},
		{"EcsRamRole", nil, profiles(profile("EcsRamRole", map[string]any{"ram_role_name": "r"})), cli, false},
		{"ChainableRamRoleArn", nil, profiles(profile("ChainableRamRoleArn", map[string]any{"source_profile": "source"}), source), cli, false},
		{"OIDC", map[string]string{"ALIBABA_CLOUD_OIDC_TOKEN_FILE": ""},
			withToken(profiles(profile("OIDC", map[string]any{"oidc_provider_arn": "p", "oidc_token_file": "HOME/token"}))), cli, false},
		{"CloudSSO", nil, profiles(profile("CloudSSO", sso)), cli, false},
		{"CredentialsURI", nil, profiles(profile("CredentialsURI", map[string]any{"credentials_uri": uri})), cli, false},
		{"External", nil, profiles(profile("External", map[string]any{"process_command": "echo " + TestSecret, "sts_token": TestToken})), cli,
			true},
		{"OAuth", nil, profiles(profile("OAuth",
			map[string]any{"oauth_access_token": testLogin, "oauth_refresh_token": TestToken, "access_key_secret": TestSecret})), cli, true},
		{"RsaKeyPair", nil, profiles(profile("RsaKeyPair", map[string]any{"private_key": TestPEM, "key_pair_name": TestKeyID})), cli, true},
		{"a mode of tomorrow", nil, profiles(profile("Tomorrow", token)), cli, true},
		{"INI access_key", nil, map[string]string{".alibabacloud/credentials": "[default]\ntype = access_key\n" + iniKeys}, "", false},
		{"INI ram_role_arn", nil,
			map[string]string{".alibabacloud/credentials": "[default]\ntype = ram_role_arn\nrole_arn = acs:r\nrole_session_name = s\n" + iniKeys},
			ini, false},
		{"INI ecs_ram_role", nil, map[string]string{".alibabacloud/credentials": "[default]\ntype = ecs_ram_role\nrole_name = r\n" + iniKeys},
			ini, false},
		{"INI bearer", nil, map[string]string{".alibabacloud/credentials": "[default]\ntype = bearer\nbearer_token = " + TestToken + "\n"},
			ini, true},
		{"ECS role", map[string]string{"ALIBABA_CLOUD_ECS_METADATA": "r"}, nil, "ECS role (ALIBABA_CLOUD_ECS_METADATA is set)", false},
		{"ECS role, hardened", map[string]string{"ALIBABA_CLOUD_ECS_METADATA": "r", "ALIBABA_CLOUD_IMDSV1_DISABLED": "true"}, nil,
			"ECS role (ALIBABA_CLOUD_ECS_METADATA is set)", false},
		{"credentials URI", map[string]string{"ALIBABA_CLOUD_CREDENTIALS_URI": uri}, nil,
			"credentials URI (ALIBABA_CLOUD_CREDENTIALS_URI is set)", false},
	}
}

// ChainNeedles are all secrets of them.
func ChainNeedles() map[string]string {
	return needlesOf(map[string]string{"access key id": TestKeyID, "secret": TestSecret, "token": TestToken, "private key": TestKey,
		"OIDC token": testJWT,
		"login":      testLogin, "metadata token": TestMetadata, "token of the URI": testURIToken, "password": TestPassword,
		"secret of the other side": TestStranger})
}

// Settle makes this process one that is configured for a mode, and for no other.
func (l Link) Settle(t *testing.T) (home string) {
	t.Helper()
	for _, kv := range os.Environ() {
		if name, _, _ := strings.Cut(kv, "="); strings.HasPrefix(name, "ALIBABA") {
			t.Setenv(name, "")
		}
	}
	home = t.TempDir()
	t.Setenv("HOME", home)
	if !strings.Contains(strings.ToLower(l.Name), "ecs") && l.Name != "RamRoleArnWithRoleName" {
		t.Setenv("ALIBABA_CLOUD_ECS_METADATA_DISABLED", "true") // it would be asked after each failure
	}
	for name, value := range l.Vars {
		t.Setenv(name, strings.ReplaceAll(value, "~", home))
	}
	for name, text := range l.files {
		path := filepath.Join(home, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(strings.ReplaceAll(text, "HOME", home)), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return home
}
