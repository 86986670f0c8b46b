package ack

import (
	"bufio"
	"bytes"
	"cmp"
	"fmt"
	"os"
	"strings"
)

const iniFile = "ALIBABA_CLOUD_CREDENTIALS_FILE"

// fromINIProfile reads the profiles that the vendor's SDKs share.
func fromINIProfile(x counter) found {
	path, by := profileFile(iniFile, ".alibabacloud/credentials")
	f := found{by: by}
	if by == "" {
		return f
	}
	name := cmp.Or(os.Getenv(envProfile), "default")
	f.by += fmt.Sprintf(", profile %q", name)
	data, err := os.ReadFile(path)
	if err != nil {
		f.err = failed("make it, or unset what names it", "the file cannot be read: %s", reason(err))
		return f
	}
	values, err := section(data, name)
	if err != nil {
		f.err = err
		return f
	}
	f.give, f.err = x.iniProfile(name, values)
	return f
}

func (x counter) iniProfile(name string, values map[string]string) (giver, error) {
	at := func(key string) written { return written{fmt.Sprintf("%s of profile %q", key, name), values[key]} }
	id, secret := at("access_key_id"), at("access_key_secret")
	switch kind := values["type"]; kind {
	case "access_key":
		return x.fixed("profile/static_ak", id, secret, written{})
	case "ecs_ram_role":
		return x.machine(or(at("role_name"), envECS))
	case "ram_role_arn":
		r := role{arn: at("role_arn"), name: at("role_session_name"), policy: values["policy"]}
		return x.assumed(r, func() (giver, error) { return x.fixed("profile/static_ak", id, secret, written{}) })
	case "":
		return nil, failed("give it a type: access_key, ram_role_arn or ecs_ram_role", "profile %q has no type", name)
	default:
		return nil, failed("types that are read: access_key, ram_role_arn, ecs_ram_role; "+otherwise,
			"profile %q has the type %q, which is not read here", name, kind)
	}
}

// section is one section of an INI file. An error names the line and nothing of
// what stands there, which may be a key.
func section(data []byte, name string) (map[string]string, error) {
	const correct = "correct the file: [name] begins a profile, and key = value is a line of it"
	values, inside, seen := map[string]string{}, name == "DEFAULT", false
	lines := bufio.NewScanner(bytes.NewReader(bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))))
	for n := 1; lines.Scan(); n++ {
		line := strings.TrimSpace(lines.Text())
		switch {
		case line == "" || line[0] == '#' || line[0] == ';':
		case line[0] == '[':
			title, _, closed := strings.Cut(line[1:], "]")
			if !closed {
				return nil, failed(correct, "line %d begins a profile and does not end its name", n)
			}
			inside = strings.TrimSpace(title) == name
			seen = seen || inside
		default:
			at := strings.IndexAny(line, "=:")
			if at < 0 {
				return nil, failed(correct, "line %d has no equals sign", n)
			}
			if inside {
				values[strings.Trim(strings.TrimSpace(line[:at]), "\"`")] = unquote(strings.TrimSpace(line[at+1:]))
			}
		}
	}
	switch {
	case lines.Err() != nil:
		return nil, failed(correct, "the file is no text of lines")
	case !seen && !inside:
		return nil, failed(otherwise, "the file has no profile %q", name)
	}
	return values, nil
}

// unquote is a value without its marks, or without the comment behind it.
func unquote(v string) string {
	if v != "" && strings.IndexByte("\"'`", v[0]) >= 0 {
		if end := strings.IndexByte(v[1:], v[0]); end >= 0 {
			return v[1 : 1+end]
		}
	}
	if at := strings.IndexAny(v, "#;"); at >= 0 {
		v = strings.TrimSpace(v[:at])
	}
	return v
}
