package ack

import (
	"go/parser"
	"go/token"
	"os"
	"strconv"
	"strings"
	"testing"
)

// The borders of this room, each with its reason.
func TestBorders(t *testing.T) {
	refused := []struct{ prefix, why string }{
		{"ackrevoke/cmd", "nothing imports the porch"},
		{"ackrevoke/job", "job names the ports it needs by shape; if ack knew job, a fake could not stand in for it"},
		{"ackrevoke/ack/", "a client that shared code with its simulator would share its mistakes"},
		{"log", "nothing here logs: what happened is a return value, and a log line is a way out for a key"},
		{"os/exec", "no other program has part in a call"},
	}
	allowed := []struct{ prefix, why string }{
		{"ackrevoke/policy", "the values that this room fills"},
		{"github.com/alibabacloud-go/", "the vendor's SDK, which signs and sends"},
		{"github.com/aliyun/credentials-go/", "the vendor's credential providers"},
	}
	files, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	looked := 0
	for _, f := range files {
		if f.IsDir() || !strings.HasSuffix(f.Name(), ".go") || strings.HasSuffix(f.Name(), "_test.go") {
			continue
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), f.Name(), nil, parser.ImportsOnly)
		if err != nil {
			t.Fatal(err)
		}
		looked++
		for _, i := range parsed.Imports {
			path, _ := strconv.Unquote(i.Path.Value)
			for _, r := range refused {
				if path == strings.TrimSuffix(r.prefix, "/") || strings.HasPrefix(path, strings.TrimSuffix(r.prefix, "/")+"/") {
					t.Errorf("%s imports %s: %s", f.Name(), path, r.why)
				}
			}
			known := !strings.Contains(strings.Split(path, "/")[0], ".") && !strings.HasPrefix(path, "ackrevoke")
			for _, a := range allowed {
				known = known || path == a.prefix || strings.HasSuffix(a.prefix, "/") && strings.HasPrefix(path, a.prefix)
			}
			if !known {
				t.Errorf("%s imports %s: only policy, the vendor's SDKs and the standard library belong here", f.Name(), path)
			}
		}
	}
	if looked < 10 {
		t.Errorf("only %d files were looked at", looked)
	}
}
