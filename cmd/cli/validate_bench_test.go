package cli_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"ackrevoke/cmd/cli"
	"ackrevoke/cmd/test/stage"
)

// crowded is a policy of 10,000 entries, as large as one may be: the uids are far
// apart, as those of RAM are.
func crowded() string {
	var b strings.Builder
	b.WriteString("version: 1\naccount: \"1234567890123456\"\nprincipals:\n")
	for i := range 10_000 {
		fmt.Fprintf(&b, "  - {uid: \"2%016d7\", name: somebody-%05d, reason: departed, ticket: HR-%05d}\n", uint64(i)*791_900_041, i, i)
	}
	return b.String()
}

// BenchmarkValidateLarge prints how long a policy of 10,000 entries takes, and the most
// that the heap held meanwhile, dead objects included:
//
//	go test ./cmd/cli -run '^$' -bench ValidateLarge -benchtime 5x
func BenchmarkValidateLarge(b *testing.B) {
	text := crowded()
	file := filepath.Join(b.TempDir(), "policy.yaml")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		b.Fatal(err)
	}
	var peak atomic.Uint64
	done := make(chan struct{})
	defer close(done)
	runtime.GC()
	go func() {
		tick := time.NewTicker(time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-done:
				return
			case <-tick.C:
				peak.Store(max(peak.Load(), heap()))
			}
		}
	}()
	for b.Loop() {
		var stdout, stderr bytes.Buffer
		p := cli.Program{Args: []string{"validate", "--strict", file}, Stdin: strings.NewReader(""), Stdout: &stdout, Stderr: &stderr,
			Now: func() time.Time { return stage.Noon }}
		if code := p.Run(context.Background()); code != 0 || !strings.Contains(stdout.String(), "valid, 10000 entries") {
			b.Fatalf("exit %d\n%.2000s", code, stderr.String())
		}
	}
	b.ReportMetric(float64(len(text))/1e6, "file-MB")
	b.ReportMetric(float64(peak.Load())/1e6, "peak-heap-MB")
}
