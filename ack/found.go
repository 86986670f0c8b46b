package ack

import (
	"context"
	"os"
	"strings"
)

// The providers that are configured by variables alone. Those with a file are in
// profile_cli.go and profile_ini.go.

const (
	envID       = "ALIBABA_CLOUD_ACCESS_KEY_ID"
	envSecret   = "ALIBABA_CLOUD_ACCESS_KEY_SECRET"
	envToken    = "ALIBABA_CLOUD_SECURITY_TOKEN"
	envRole     = "ALIBABA_CLOUD_ROLE_ARN"
	envSession  = "ALIBABA_CLOUD_ROLE_SESSION_NAME"
	envOIDC     = "ALIBABA_CLOUD_OIDC_PROVIDER_ARN"
	envOIDCFile = "ALIBABA_CLOUD_OIDC_TOKEN_FILE"
	envProfile  = "ALIBABA_CLOUD_PROFILE"
	envURI      = "ALIBABA_CLOUD_CREDENTIALS_URI"
	envECS      = "ALIBABA_CLOUD_ECS_METADATA"
	envNoECS    = "ALIBABA_CLOUD_ECS_METADATA_DISABLED"
)

func fromEnvironment(x counter) found {
	f := found{by: set(envID, envSecret, envToken)}
	if f.by == "" {
		return f
	}
	f.give, f.err = x.fixed("env", fromVariable(envID), fromVariable(envSecret), fromVariable(envToken))
	return f
}

func fromVariable(name string) written { return written{name, os.Getenv(name)} }

// fixed gives keys that stand somewhere. The token may be empty.
func (x counter) fixed(by string, id, secret, token written) (giver, error) {
	x.client.keys.known.learn(token.value, secret.value, id.value)
	if err := allUnspoilt(id, secret, token); err != nil {
		return nil, err
	}
	for _, v := range []written{id, secret} {
		if v.value == "" {
			return nil, failed("set "+v.where+" as well, or unset the others so that the next provider is asked", "%s is not set", v.where)
		}
	}
	got := session{id: id.value, secret: secret.value, token: token.value, by: by}
	return func(context.Context) (session, error) { return got, nil }, nil
}

func fromOIDC(x counter) found {
	f := found{by: set(envRole, envOIDC, envOIDCFile)}
	if f.by == "" {
		return f
	}
	r := role{arn: fromVariable(envRole), name: fromVariable(envSession)}
	f.give, f.err = x.webIdentity(r, fromVariable(envOIDC), fromVariable(envOIDCFile))
	return f
}

const needsRRSA = "RRSA needs " + envRole + ", " + envOIDC + " and " + envOIDCFile + ": the webhook ack-pod-identity-webhook sets them " +
	"where the namespace has the label pod-identity.alibabacloud.com/injection: on " +
	"and the service account the annotation pod-identity.alibabacloud.com/role-name"

// webIdentity gives the keys of a role for a token in a file, which is read anew
// each time: it is replaced while the process lives.
func (x counter) webIdentity(r role, provider, file written) (giver, error) {
	if err := allUnspoilt(r.arn, r.name, provider); err != nil {
		return nil, err
	}
	for _, v := range []written{r.arn, provider, file} {
		if v.value == "" {
			return nil, failed(needsRRSA, "%s is not set", v.where)
		}
	}
	return func(ctx context.Context) (session, error) {
		data, err := os.ReadFile(file.value)
		if err != nil {
			return session{}, failed("look for the volume with the token in the pod; its fsGroup must let this user read it",
				"the token file of %s cannot be read: %s", file.where, reason(err))
		}
		token := string(data)
		x.client.keys.known.learn(token)
		if err := unspoilt("the token in the file of "+file.where, token); err != nil {
			return session{}, err
		}
		return x.assumeWithOIDC(ctx, r, provider.value, token)
	}, nil
}

func fromMetadata(x counter) found {
	if strings.EqualFold(os.Getenv(envNoECS), "true") {
		return found{}
	}
	f := found{by: set(envECS)}
	f.give, f.err = x.machine(fromVariable(envECS))
	return f
}

// machine gives the keys of the role of the machine; without a name, of the one
// that the metadata service names.
func (x counter) machine(name written) (giver, error) {
	if err := unspoilt(name.where, name.value); err != nil {
		return nil, err
	}
	return func(ctx context.Context) (session, error) { return x.metadata(ctx, name.value) }, nil
}

func fromURI(x counter) found {
	f := found{by: set(envURI)}
	if f.by != "" {
		f.give, f.err = x.address(fromVariable(envURI))
	}
	return f
}

// reason is why a file cannot be read, without its name.
func reason(err error) string {
	if p, ok := err.(*os.PathError); ok {
		return p.Err.Error()
	}
	return err.Error()
}

// or is the value, or what stands in the variable where it is empty: profiles
// leave out what is in the environment.
func or(v written, variable string) written {
	if v.value != "" || os.Getenv(variable) == "" {
		return v
	}
	return fromVariable(variable)
}
