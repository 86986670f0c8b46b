package ack

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"
)

// cliProfile is one profile of the vendor's command line, aliyun; the names of
// its fields are those of that program [aliyun-cli v3, config/profile.go].
type cliProfile struct {
	Name            string `json:"name"`
	Mode            string `json:"mode"`
	AccessKeyID     string `json:"access_key_id"`
	AccessKeySecret string `json:"access_key_secret"`
	StsToken        string `json:"sts_token"`
	StsRegion       string `json:"sts_region"`
	EnableVPC       bool   `json:"enable_vpc"`
	RoleName        string `json:"ram_role_name"`
	RoleARN         string `json:"ram_role_arn"`
	SessionName     string `json:"ram_session_name"`
	Seconds         int    `json:"expired_seconds"`
	Policy          string `json:"policy"`
	ExternalID      string `json:"external_id"`
	Source          string `json:"source_profile"`
	OIDCProvider    string `json:"oidc_provider_arn"`
	OIDCFile        string `json:"oidc_token_file"`
	URI             string `json:"credentials_uri"`
	SignInURL       string `json:"cloud_sso_sign_in_url"`
	SSOAccount      string `json:"cloud_sso_account_id"`
	SSOConfig       string `json:"cloud_sso_access_config"`
	AccessToken     string `json:"access_token"`
	AccessTokenEnds int64  `json:"cloud_sso_access_token_expire"`
}

// cliProfiles is the file of that program.
type cliProfiles struct {
	Current  string       `json:"current"`
	Profiles []cliProfile `json:"profiles"`
}

const (
	cliFile    = "ALIBABA_CLOUD_CONFIG_FILE"
	noCLI      = "ALIBABA_CLOUD_CLI_PROFILE_DISABLED"
	otherwise  = "name another profile in " + envProfile + ", or set " + envID + ", " + envSecret + " and, for STS, " + envToken
	modesKnown = "AK, StsToken, RamRoleArn, RamRoleArnWithRoleName, ChainableRamRoleArn, EcsRamRole, OIDC, CloudSSO, CredentialsURI"
)

func fromCLIProfile(x counter) found {
	if strings.EqualFold(os.Getenv(noCLI), "true") {
		return found{}
	}
	path, by := profileFile(cliFile, ".aliyun/config.json")
	if ini, _ := profileFile(iniFile, ".alibabacloud/credentials"); by == "" && !there(ini) {
		by = set(envProfile) // both files have profiles; where neither is there, this one is missing
	}
	f := found{by: by}
	if by == "" {
		return f
	}
	all, err := readCLI(path)
	if err != nil {
		f.err = err
		return f
	}
	name := cmp.Or(os.Getenv(envProfile), all.Current)
	f.by += fmt.Sprintf(", profile %q", name)
	f.give, f.err = x.profile(all, name)
	return f
}

// profileFile is where a file of profiles lies, and what says so: the variable
// that names it, or the file itself where it is there.
func profileFile(variable, standard string) (path, by string) {
	if path := os.Getenv(variable); path != "" {
		return path, variable + " is set"
	}
	home := os.Getenv("HOME")
	if runtime.GOOS == "windows" {
		home = os.Getenv("USERPROFILE")
	}
	if home == "" {
		return "", ""
	}
	path = filepath.Join(home, filepath.FromSlash(standard))
	if there(path) {
		by = "~/" + standard + " is there"
	}
	return path, by
}

func there(path string) bool {
	_, err := os.Stat(path)
	return path != "" && !errors.Is(err, os.ErrNotExist)
}

// readCLI reads the file. What is wrong with it is told by its place: the text
// around an error holds keys.
func readCLI(path string) (cliProfiles, error) {
	const correct = "correct the file, or make it anew with aliyun configure"
	var all cliProfiles
	data, err := os.ReadFile(path)
	if err != nil {
		return all, failed("make it with aliyun configure, or unset what names it", "the file cannot be read: %s", reason(err))
	}
	var wrong *json.UnmarshalTypeError
	switch err := json.Unmarshal(data, &all); {
	case errors.As(err, &wrong):
		return all, failed(correct, "the file has a wrong kind of value in the field %s", wrong.Field)
	case err != nil:
		return all, failed(correct, "the file is not JSON")
	}
	return all, nil
}

// profile gives the keys of one profile, which may name another as its source.
func (x counter) profile(all cliProfiles, name string, before ...string) (giver, error) {
	i := slices.IndexFunc(all.Profiles, func(p cliProfile) bool { return p.Name == name })
	switch {
	case i < 0:
		return nil, failed(otherwise, "the file has no profile %q", name)
	case slices.Contains(before, name):
		return nil, failed("give one of them a source of another mode", "the source of profile %q is in the end itself", name)
	}
	p := all.Profiles[i]
	at := func(field, value string) written { return written{fmt.Sprintf("%s of profile %q", field, name), value} }
	id, secret := or(at("access_key_id", p.AccessKeyID), envID), or(at("access_key_secret", p.AccessKeySecret), envSecret)
	token := at("sts_token", p.StsToken)
	r := role{arn: or(at("ram_role_arn", p.RoleARN), envRole), name: or(at("ram_session_name", p.SessionName), envSession),
		policy: p.Policy, external: at("external_id", p.ExternalID), seconds: p.Seconds, region: at("sts_region", p.StsRegion), vpc: p.EnableVPC}
	switch p.Mode {
	case "AK":
		return x.fixed("cli_profile/static_ak", id, secret, written{})
	case "StsToken":
		return x.temporary(id, secret, or(token, envToken))
	case "RamRoleArn":
		return x.assumed(r, func() (giver, error) { return x.fixed("cli_profile/static_ak", id, secret, token) })
	case "RamRoleArnWithRoleName":
		return x.assumed(r, func() (giver, error) { return x.machine(or(at("ram_role_name", p.RoleName), envECS)) })
	case "ChainableRamRoleArn":
		return x.assumed(r, func() (giver, error) { return x.profile(all, p.Source, append(before, name)...) })
	case "EcsRamRole":
		return x.machine(or(at("ram_role_name", p.RoleName), envECS))
	case "OIDC":
		return x.webIdentity(r, or(at("oidc_provider_arn", p.OIDCProvider), envOIDC), or(at("oidc_token_file", p.OIDCFile), envOIDCFile))
	case "CredentialsURI":
		return x.address(or(at("credentials_uri", p.URI), envURI))
	case "CloudSSO":
		return x.singleSignOn(p, at)
	case "External":
		return nil, unread(p, "run its process_command and export what it prints")
	case "OAuth":
		return nil, unread(p, "log in with aliyun configure --mode CloudSSO, or export keys")
	case "RsaKeyPair":
		return nil, unread(p, "it is out of use: make a profile of another mode")
	}
	return nil, failed("modes that are read: "+modesKnown+"; "+otherwise, "profile %q has the mode %q, which is not known here", name, p.Mode)
}

func unread(p cliProfile, instead string) error {
	return failed(instead+"; or "+otherwise, "profile %q has the mode %s, which is not read here", p.Name, p.Mode)
}

// temporary are keys that count with their token alone.
func (x counter) temporary(id, secret, token written) (giver, error) {
	if token.value == "" {
		return nil, failed("get new temporary keys", "%s is not set", token.where)
	}
	return x.fixed("cli_profile/static_sts", id, secret, token)
}

// singleSignOn gives the keys of a profile whose owner has logged in.
func (x counter) singleSignOn(p cliProfile, at func(field, value string) written) (giver, error) {
	token := at("access_token", p.AccessToken)
	x.client.keys.known.learn(token.value)
	if err := unspoilt(token.where, token.value); err != nil {
		return nil, err
	}
	if token.value == "" || time.Now().Unix() >= p.AccessTokenEnds {
		return nil, failed("log in again: aliyun configure --mode CloudSSO --profile "+p.Name, "the login of profile %q has ended", p.Name)
	}
	needed := []written{at("cloud_sso_sign_in_url", p.SignInURL), at("cloud_sso_account_id", p.SSOAccount),
		at("cloud_sso_access_config", p.SSOConfig)}
	for _, v := range needed {
		if v.value == "" {
			return nil, failed("complete the profile with aliyun configure --mode CloudSSO", "%s is empty", v.where)
		}
	}
	return x.signedOn(p), nil
}
