package cli_test

import (
	"io"
	"maps"
	"net/http/httptest"
	"os"
	"path/filepath"
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
