package ack

import (
	"strings"
	"testing"
)

func TestParseEndpoint(t *testing.T) {
	for _, tt := range []struct{ in, want string }{
		{"cs.aliyuncs.com", "https://cs.aliyuncs.com"},
		{"CS.Aliyuncs.com", "https://cs.aliyuncs.com"},
		{"cs.aliyuncs.com:8443", "https://cs.aliyuncs.com:8443"},
		{"https://cs.aliyuncs.com", "https://cs.aliyuncs.com"},
		{"HTTPS://cs.aliyuncs.com:443", "https://cs.aliyuncs.com:443"},
		{"localhost", "https://localhost"},
		{"127.0.0.1:8866", "https://127.0.0.1:8866"},
		{"http://127.0.0.1:8866", "http://127.0.0.1:8866"},
		{"http://127.9.9.9", "http://127.9.9.9"},
		{"http://localhost:8866", "http://localhost:8866"},
		{"http://[::1]:8866", "http://[::1]:8866"},
		{"http://[::1]", "http://[::1]"},
		{"[2001:db8::1]:443", "https://[2001:db8::1]:443"},

		{"", "no host"},
		{"https://", "no host"},
		{"http://cs.aliyuncs.com", "loopback"},
		{"http://localhost.example", "loopback"},
		{"http://127.0.0.1.example", "loopback"},
		{"http://128.0.0.1", "loopback"},
		{"http://10.0.0.1:8080", "loopback"},
		{"http://[2001:db8::1]", "loopback"},
		{"ftp://localhost", "scheme"},
		{"file:///etc/passwd", "scheme"},
		{"https://user:hunter2@cs.aliyuncs.com", "user information"},
		{"user@cs.aliyuncs.com", "user information"},
		{"https://cs.aliyuncs.com/", "https://cs.aliyuncs.com"},
		{"https://cs.aliyuncs.com//", "path"},
		{"cs.aliyuncs.com/api", "path"},
		{"https://cs.aliyuncs.com?x=1", "query"},
		{"cs.aliyuncs.com#x", "query"},
		{"::1", "brackets"},
		{"[::1", "not a host"},
		{"[cs.aliyuncs.com]", "not a host"},
		{"[::1%25eth0]", "not a host"},
		{"cs aliyuncs.com", "not a host"},
		{" cs.aliyuncs.com", "not a host"},
		{"cs.aliyuncs.com\n", "not a host"},
		{"%63s.aliyuncs.com", "not a host"},
		{"-x.aliyuncs.com", "not a host"},
		{":8080", "not a host"},
		{"cs.aliyuncs.com:", "port"},
		{"cs.aliyuncs.com:0", "port"},
		{"cs.aliyuncs.com:65536", "port"},
		{"cs.aliyuncs.com:http", "not a host"},
		{"[::1]:", "port"},
	} {
		e, err := ParseEndpoint(tt.in)
		switch {
		case strings.HasPrefix(tt.want, "http"):
			if err != nil || e.String() != tt.want {
				t.Errorf("%q: %s, %v", tt.in, e, err)
			}
		case err == nil || !strings.Contains(err.Error(), tt.want) || e != (Endpoint{}):
			t.Errorf("%q: %s, %v, want an error about %q", tt.in, e, err, tt.want)
		case strings.Contains(err.Error(), "hunter2"):
			t.Errorf("%q: the error repeats the password", tt.in)
		case !strings.Contains(err.Error(), "write "):
			t.Errorf("%q: the error does not say what to write: %v", tt.in, err)
		}
	}
}

func TestDefaultEndpoints(t *testing.T) {
	for _, tt := range []struct {
		region string
		vpc    bool
		want   Endpoints
	}{
		{"", false, Endpoints{"cs.aliyuncs.com", "ram.aliyuncs.com", "sts.aliyuncs.com"}},
		{"cn-hangzhou", false, Endpoints{"cs.cn-hangzhou.aliyuncs.com", "ram.aliyuncs.com", "sts.cn-hangzhou.aliyuncs.com"}},
		{"cn-hangzhou", true, Endpoints{"cs-anony-vpc.cn-hangzhou.aliyuncs.com", "ram.vpc-proxy.aliyuncs.com",
			"sts-vpc.cn-hangzhou.aliyuncs.com"}},
	} {
		if got := DefaultEndpoints(tt.region, tt.vpc); got != tt.want {
			t.Errorf("%q, %t: %+v", tt.region, tt.vpc, got)
		}
	}
}
