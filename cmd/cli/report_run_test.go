package cli_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ackrevoke/cmd/test/stage"
)

// A run leaves its report as a page as well: the same as report makes of it.
func TestRunLeavesAPage(t *testing.T) {
	stage.Keys(t, stage.Account)
	stage.Bubble(t, stage.Must(os.ReadFile("../../testdata/estate.yaml")), stage.Noon, func(w *stage.World) {
		to := filepath.Join(w.Dir, "report.html")
		for _, args := range [][]string{nil, {"--dry-run=false"}} {
			got := w.Run(context.Background(), append(args, "-p", "../../policy.yaml", "--html", to)...)
			if got.Code != 0 || len(args) > 0 && len(got.Writes()) == 0 {
				t.Fatalf("exit %d, writes %v\n%s", got.Code, got.Writes(), got.Stderr)
			}
			_, page, _ := shownAs(string(got.Raw), "-", "--format", "html")
			if string(stage.Must(os.ReadFile(to))) != page {
				t.Error("the page is not that of the report")
			}
			if info := stage.Must(os.Stat(to)); info.Mode().Perm() != 0o600 {
				t.Errorf("mode %v", info.Mode())
			}
		}
	})
}

// Where the page has no place nothing is called, and the report says so.
func TestRunWithoutAPlaceForThePage(t *testing.T) {
	stage.Keys(t, stage.Account)
	stage.Bubble(t, stage.Must(os.ReadFile("../../testdata/estate.yaml")), stage.Noon, func(w *stage.World) {
		foreign := filepath.Join(w.Dir, "notes.html")
		stage.NoError(t, os.WriteFile(foreign, []byte("<p>mine"), 0o600))
		for path, want := range map[string]string{foreign: "is no page of ackrevoke", w.Dir: "is a folder",
			filepath.Join(w.Dir, "none", "x.html"): "its folder cannot be written"} {
			got := w.Run(context.Background(), "-p", "../../policy.yaml", "--dry-run=false", "--html", path)
			if got.Code != 1 || len(got.Calls) > 0 || !strings.Contains(got.Stderr, want) || !strings.Contains(got.Stderr, "--html") {
				t.Errorf("%s: exit %d, calls %v\n%s", path, got.Code, got.Calls, got.Stderr)
			}
			if got.Report == nil || len(got.Report.Errors) == 0 || !strings.Contains(got.Report.Errors[0].Message, want) {
				t.Errorf("%s: the report does not say it: %s", path, got.Raw)
			}
		}
		if string(stage.Must(os.ReadFile(foreign))) != "<p>mine" {
			t.Error("somebody's file was overwritten")
		}
	})
}

// A run that could not be made leaves a page too, and one whose page cannot be
// written in the end says so as of its report: exit 1.
func TestPageOfARunThatWasNotMade(t *testing.T) {
	stage.Keys(t, stage.Account)
	stage.Bubble(t, stage.Must(os.ReadFile("../../testdata/estate.yaml")), stage.Noon, func(w *stage.World) {
		to := filepath.Join(w.Dir, "report.html")
		bad := filepath.Join(w.Dir, "bad.yaml")
		stage.NoError(t, os.WriteFile(bad, []byte("version: 2\n"), 0o600))
		if got := w.Run(context.Background(), "-p", bad, "--html", to); got.Code != 2 || len(got.Calls) > 0 {
			t.Errorf("exit %d\n%s", got.Code, got.Stderr)
		}
		if page := string(stage.Must(os.ReadFile(to))); !strings.Contains(page, "so no run was made: nothing was called") {
			t.Errorf("%.3000s", page)
		}
	})
}

func TestPageThatCannotBeWritten(t *testing.T) {
	stage.Keys(t, stage.Account)
	stage.Bubble(t, stage.Must(os.ReadFile("../../testdata/estate.yaml")), stage.Noon, func(w *stage.World) {
		folder := filepath.Join(w.Dir, "pages")
		stage.NoError(t, os.Mkdir(folder, 0o700))
		now, asked := w.Now, 0
		w.Now = func() time.Time { // the folder is taken away while the run is under way
			if asked++; asked > 3 {
				_ = os.RemoveAll(folder)
			}
			return now()
		}
		got := w.Run(context.Background(), "-p", "../../policy.yaml", "--html", filepath.Join(folder, "report.html"))
		if got.Code != 1 || !strings.Contains(got.Stderr, "page") || !strings.Contains(got.Stderr, "its folder cannot be written") {
			t.Errorf("exit %d\n%s", got.Code, got.Stderr)
		}
		if got.Report == nil || got.Report.Verdict.ExitCode != 0 {
			t.Errorf("the report: %s", got.Raw)
		}
	})
}

// What does not go together with --html.
func TestPageUsage(t *testing.T) {
	stage.Keys(t, stage.Account)
	root := stage.Root()
	t.Chdir(t.TempDir())
	stage.Bubble(t, stage.Must(os.ReadFile(filepath.Join(root, "testdata", "estate.yaml"))), stage.Noon, func(w *stage.World) {
		for want, args := range map[string][]string{
			"ackrevoke report reports/summary.json --format html": {"--policy-dir", "d", "--html", "x.html", "-o", "reports"},
			"standard output is for the report":                   {"--html", "-"},
			"--html would overwrite":                              {"--html", "policy.yaml", "-p", "policy.yaml"},
		} {
			got := w.Ask(append([]string{"run"}, args...)...)
			if got.Code != 2 || !strings.Contains(got.Stderr, want) || len(got.Calls) > 0 {
				t.Errorf("%q: exit %d\n%s", args, got.Code, got.Stderr)
			}
		}
		got := w.AskAs(context.Background(), "", []string{"ACKREVOKE_HTML=from-env.html"}, "run", "-p", filepath.Join(root, "policy.yaml"))
		if got.Code != 0 {
			t.Errorf("exit %d\n%s", got.Code, got.Stderr)
		}
		if _, err := os.Stat("from-env.html"); err != nil {
			t.Error(err)
		}
	})
}
