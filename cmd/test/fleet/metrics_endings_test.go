package fleet

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ackrevoke/cmd/test/stage"
	"ackrevoke/job/end"
)

// hasCode expects that the metrics file has an exit code, and how often it says
// that an account succeeded.
func hasCode(t *testing.T, path, account string, code, successes int) {
	t.Helper()
	text := string(stage.Must(os.ReadFile(path)))
	if line := fmt.Sprintf("\nackrevoke_run_exit_code{account=%q} %d\n", account, code); strings.Count(text, line) != 1 {
		t.Errorf("the file lacks%s", line)
	}
	if n := strings.Count(text, "\nackrevoke_last_success_timestamp_seconds{"); n != successes {
		t.Errorf("%d accounts succeeded at some time, and not %d", n, successes)
	}
}

// Whatever a round ends with stands in its metrics, also where a file was not run,
// or no file was; and what nobody got to does not forget when it succeeded.
func TestMetricsOfWhatWasNotRun(t *testing.T) {
	files := map[string]string{"a.yaml": policyOf(1), "b.yaml": policyOf(2), "c.yaml": policyOf(3)}
	dir, out := stage.Put(t, files), t.TempDir()
	to := filepath.Join(t.TempDir(), "ackrevoke.prom")
	stage.BubbleOfAccounts(t, stage.HubEstate(), members(1, 2, 3), nil, func(w *stage.Accounts) {
		args := []string{"run", "--policy-dir", dir, "-o", out, "--metrics-file", to, "--accounts-concurrency", "1", "--read-qps", "1"}
		ran := func(ctx context.Context, code int) {
			t.Helper()
			if got := w.Enter(ctx, nil, args...); got.Code != code {
				t.Errorf("exit %d, and not %d\n%s", got.Code, code, got.Stderr)
			}
		}
		ran(context.Background(), end.CodeClean)
		hasCode(t, to, account(3), end.CodeClean, 3)

		ctx, cancel := context.WithCancelCause(context.Background())
		defer time.AfterFunc(2*time.Second, func() { cancel(end.SIGTERM) }).Stop()
		ran(ctx, 143)
		hasCode(t, to, account(3), 143, 3)

		summary := filepath.Join(dir, "summary.yaml") // whose report would have the name of the summary
		stage.NoError(t, os.Rename(filepath.Join(dir, "c.yaml"), summary))
		ran(context.Background(), end.CodeInvalid)
		hasCode(t, to, account(3), end.CodeInvalid, 3)
		stage.NoError(t, os.Rename(summary, filepath.Join(dir, "c.yaml")))

		stage.NoError(t, os.Rename(dir, dir+".away"))
		ran(context.Background(), end.CodeInvalid)
		hasCode(t, to, "", end.CodeInvalid, 3)
		stage.NoError(t, os.Rename(dir+".away", dir))

		defer time.AfterFunc(2*time.Second, func() { stage.NoError(t, os.Mkdir(filepath.Join(out, "summary.json"), 0o700)) }).Stop()
		ran(context.Background(), end.CodeError)
		hasCode(t, to, account(3), end.CodeClean, 3)
		hasCode(t, to, "", end.CodeError, 3)
	})
}
