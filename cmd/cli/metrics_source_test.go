package cli_test

import (
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	dto "github.com/prometheus/client_model/go"

	"ackrevoke/cmd/cli"
	"ackrevoke/cmd/test/stage"
)

// What a run left whose account nobody knew stays at the Pushgateway until the
// same runs end well: those of another machine, policy, name or shard leave it
// alone, and do not write over it.
func TestFailuresOfOthersStay(t *testing.T) {
	g := &pushgateway{t: t, groups: map[string]map[string]*dto.MetricFamily{}}
	server := httptest.NewServer(g)
	defer server.Close()
	broken, other := t.TempDir(), t.TempDir()
	policy := filepath.Join(broken, "policy.yaml")
	stage.NoError(t, os.WriteFile(policy, []byte("version: 7\n"), 0o600))
	run := func(code int, args ...string) []string {
		t.Helper()
		p := cli.Program{Args: append([]string{"run", "--push", server.URL, "-o", filepath.Join(t.TempDir(), "r")}, args...), Env: []string{},
			Stdin: strings.NewReader(""), Stdout: io.Discard, Stderr: io.Discard, Now: func() time.Time { return stage.Noon }}
		if got := p.Run(t.Context()); got != code {
			t.Errorf("%v: exit %d", args, got)
		}
		return slices.Sorted(maps.Keys(g.groups))
	}
	mine := run(2, "-p", policy)
	if len(mine) != 1 || !strings.HasPrefix(mine[0], "/metrics/job/ackrevoke/source/") {
		t.Fatalf("groups %v", mine)
	}
	clean := filepath.Join(other, "policy.yaml")
	stage.NoError(t, os.WriteFile(clean, stage.Must(os.ReadFile(stage.PolicyFile(t, nil))), 0o600))
	account := "/metrics/job/ackrevoke/account/1234567890123456"
	simulate := []string{"-p", clean, "--simulate", "../../testdata/estate.yaml", "--read-qps", "1000"}
	for _, args := range [][]string{simulate, append(slices.Clone(simulate), "--push-source", "prod.night")} {
		if now := run(0, args...); !slices.Equal(now, []string{account, mine[0]}) {
			t.Errorf("%v: what it had nothing to do with is gone, or more is there: %v", args, now)
		}
	}

	// A shard without a file ends well; the one beside it has the broken one.
	first := run(2, "--policy-dir", broken, "--shard", "0/2", "--push-source", "prod.night")
	shard := "/metrics/job/ackrevoke/source/prod.night-0-of-2"
	if !slices.Contains(first, shard) {
		t.Errorf("groups %v", first)
	}
	if now := run(0, "--policy-dir", broken, "--shard", "1/2", "--push-source", "prod.night"); !slices.Equal(now, first) {
		t.Errorf("one shard takes away what another one left: %v", now)
	}
	stage.NoError(t, os.WriteFile(policy, stage.Must(os.ReadFile(clean)), 0o600))
	simulate[1] = policy
	if now := run(0, simulate...); !slices.Equal(now, []string{account, shard}) {
		t.Errorf("the same again, and well: %v", now)
	}
}

// A shard that is told to forget an account whose file another shard has takes nothing
// of it away: at the Pushgateway what that shard pushed, beside the reports its record.
func TestForgetOfAnotherShard(t *testing.T) {
	g := &pushgateway{t: t, groups: map[string]map[string]*dto.MetricFamily{}}
	server := httptest.NewServer(g)
	defer server.Close()
	policy := stage.PolicyFile(t, nil)
	if code, said := simulated(t, policy, nil, "--push", server.URL); code != 0 {
		t.Fatal(said)
	}
	const account = "1234567890123456"
	without := stage.Put(t, map[string]string{"other.yaml": "version: 7\n"})
	for i, folder := range []string{filepath.Dir(policy), without} {
		p := cli.Program{Args: []string{"run", "--push", server.URL, "-o", filepath.Join(t.TempDir(), "r"), "--policy-dir", folder,
			"--shard", "1/2", "--forget", account}, Env: []string{}, Stdin: strings.NewReader(""), Stdout: io.Discard,
			Stderr: io.Discard, Now: func() time.Time { return stage.Noon }}
		if code := p.Run(t.Context()); code != 0 || len(g.groups) != 1-i {
			t.Errorf("%s: exit %d, groups %v", folder, code, slices.Sorted(maps.Keys(g.groups)))
		}
	}
}

var ended = regexp.MustCompile(`(?m)^curl -X (DELETE) (http://pushgateway\.monitoring:9091)(/\S+)$`)

// What docs/operate.md types to end the group of a retired account, and that of a
// source, ends what a run pushed there.
func TestRetiredAccount(t *testing.T) {
	g := &pushgateway{t: t, groups: map[string]map[string]*dto.MetricFamily{}}
	server := httptest.NewServer(g)
	defer server.Close()
	broken := t.TempDir()
	stage.NoError(t, os.WriteFile(filepath.Join(broken, "policy.yaml"), []byte("version: 7\n"), 0o600))
	if code, said := simulated(t, stage.PolicyFile(t, nil), nil, "--push", server.URL); code != 0 {
		t.Fatal(said)
	}
	p := cli.Program{Args: []string{"run", "--push", server.URL, "-o", filepath.Join(t.TempDir(), "r"), "--policy-dir", broken,
		"--shard", "0/2", "--push-source", "ackrevoke.ackrevoke"}, Env: []string{}, Stdin: strings.NewReader(""), Stdout: io.Discard,
		Stderr: io.Discard, Now: func() time.Time { return stage.Noon }}
	if code := p.Run(t.Context()); code != 2 || len(g.groups) != 2 {
		t.Fatalf("exit %d, groups %v", code, slices.Sorted(maps.Keys(g.groups)))
	}
	typed := ended.FindAllStringSubmatch(string(stage.Must(os.ReadFile("../../docs/operate.md"))), -1)
	for _, m := range typed {
		answer := stage.Must(server.Client().Do(stage.Must(http.NewRequestWithContext(t.Context(), m[1], server.URL+m[3], nil))))
		_ = answer.Body.Close()
	}
	if len(typed) != 2 || len(g.groups) != 0 {
		t.Errorf("after %d commands of the document these groups are left: %v", len(typed), slices.Sorted(maps.Keys(g.groups)))
	}
}
