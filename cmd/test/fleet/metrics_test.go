package fleet

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ackrevoke/cmd/test/stage"
	"ackrevoke/job/end"
)

// One file has the metrics of all accounts, of those as well that came to nothing;
// and one that is no metrics file stops the round before anything is called.
func TestMetricsOfAll(t *testing.T) {
	dir, out := stage.Put(t, six()), t.TempDir()
	to := filepath.Join(t.TempDir(), "ackrevoke.prom")
	args := []string{"run", "--policy-dir", dir, "-o", out, "--dry-run=false", "--metrics-file", to}
	stage.BubbleOfAccounts(t, stage.HubEstate(), members(1, 2, 3, 5, 6), unreachable(t), func(w *stage.Accounts) {
		stage.Says(t, w.Enter(context.Background(), nil, args...).Stderr, "invalid (exit 2)")
		text := string(stage.Must(os.ReadFile(to)))
		for n, code := range map[int]int{1: end.CodeClean, 2: end.CodeError, 3: end.CodeClean, 4: end.CodeInvalid, 5: end.CodeInvalid,
			6: end.CodeClean} {
			if line := fmt.Sprintf("\nackrevoke_run_exit_code{account=%q} %d\n", account(n), code); strings.Count(text, line) != 1 {
				t.Errorf("the file lacks%s", line)
			}
		}
		if err := os.WriteFile(to, []byte("mine\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		got := w.Enter(context.Background(), nil, args...)
		stage.Says(t, got.Stderr, "nothing was called; give another file with --metrics-file")
		if got.Code != end.CodeError || len(got.Calls) > 0 || string(stage.Must(os.ReadFile(to))) != "mine\n" {
			t.Errorf("exit %d after %d calls", got.Code, len(got.Calls))
		}
	})
}
