package cli_test

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ackrevoke/ack/sim"
	"ackrevoke/cmd/cli"
	"ackrevoke/cmd/test/stage"
	"ackrevoke/job/end"
)

// Nothing that failed, was refused or interrupted leaves a policy behind that
// nobody has seen.
func TestAddLeavesTheFile(t *testing.T) {
	stage.Keys(t, stage.Account)
	old := string(stage.Must(os.ReadFile("../../policy.yaml")))
	for name, c := range map[string]struct {
		fault     string
		meanwhile func(path string) error
		stop      time.Duration
		code      int
		want      string
	}{
		"changed meanwhile": {"{on: ListUsers, do: slow, delay: 10s}",
			func(path string) error { return os.WriteFile(path, []byte(old+"# by hand\n"), 0o640) }, 0, 1, "has changed since it was read"},
		"gone meanwhile": {"{on: ListUsers, do: slow, delay: 10s}", os.Remove, 0, 1, "no such file"},
		"a link meanwhile": {"{on: ListUsers, do: slow, delay: 10s}", func(path string) error { return linked(path, old) }, 0, 1,
			"has changed since it was read"},
		"interrupted":          {"{on: ListUsers, do: slow, delay: 10s}", nil, time.Second, 130, "interrupted by SIGINT"},
		"a listing fails":      {"{on: ListRoles, times: 0, do: html502}", nil, 0, 6, "ListRoles"},
		"a listing is denied":  {"{on: ListUsers, times: 0, do: denied}", nil, 0, 6, "ListUsers"},
		"nothing is reachable": {"{on: any, times: 0, do: resetBefore}", nil, 0, 1, "GetCallerIdentity"},
		"the listing is short": {"{on: ListRoles, do: truncated}", nil, 0, 0, ""}, // read again
	} {
		t.Run(name, func(t *testing.T) {
			path := filed(t, old)
			faults := stage.Must(sim.LoadFaults("faults.yaml", []byte("faults:\n  - "+c.fault+"\n")))
			stage.BubbleWith(t, stage.Must(os.ReadFile("../../testdata/estate.yaml")), faults, stage.Noon, func(w *stage.World) {
				ctx, cancel := context.WithCancelCause(context.Background())
				defer cancel(nil)
				done := make(chan error, 1)
				go func() {
					if c.meanwhile != nil {
						<-time.After(5 * time.Second)
						done <- c.meanwhile(path)
					}
				}()
				if c.stop > 0 {
					stop := time.AfterFunc(c.stop, func() { cancel(cli.Interruption(os.Interrupt)) })
					defer stop.Stop()
				}
				got := w.AskAs(ctx, "", nil, "add", "frank", "-p", path, "--reason", "departed", "--write")
				got.MustExit(t, c.code)
				stage.Says(t, got.Stderr, c.want)
				if c.meanwhile != nil {
					if err := <-done; err != nil {
						t.Fatal(err)
					}
				}
			})
			now, err := os.ReadFile(path)
			switch {
			case name == "gone meanwhile":
				if err == nil {
					t.Errorf("a file that was taken away is there again: %s", now)
				}
				only(t, filepath.Dir(path))
				return
			case name == "changed meanwhile" && string(now) != old+"# by hand\n", c.code != 0 && name != "changed meanwhile" && string(now) != old:
				t.Errorf("the file is now\n%s", now)
			case c.code == end.CodeClean && !strings.Contains(string(now), "frank"):
				t.Error("not written")
			}
			if name != "a link meanwhile" {
				only(t, filepath.Dir(path), "policy.yaml")
			}
		})
	}
}

// linked puts a link to the same text in the place of a file.
func linked(path, text string) error {
	to := filepath.Join(filepath.Dir(path), "real.yaml")
	if err := os.WriteFile(to, []byte(text), 0o640); err != nil {
		return err
	}
	if err := os.Remove(path); err != nil {
		return err
	}
	return os.Symlink(to, path)
}

// A list of people that is not complete must not make anybody "deleted", or
// the only one of that name.
func TestAddBelievesNoShortListing(t *testing.T) {
	stage.Keys(t, stage.Account)
	estate := strings.Replace(partly, "name: runner, created", "name: runner, listed: false, created", 1)
	path := filed(t, "version: 1\naccount: \"1234567890123456\"\nprincipals: []\n")
	stage.Bubble(t, []byte(estate), stage.Noon, func(w *stage.World) {
		for _, args := range [][]string{{"add", "alice", "--reason", "departed"},
			{"add", "200000000000000077", "--reason", "departed", "--deleted"}, {"pin"}} {
			got := w.Ask(append(args, "-p", path, "--write")...)
			got.MustExit(t, 6)
			stage.Says(t, got.Stderr, "the listing is not complete")
		}
	})
}

// What a hostile file or name could do to a terminal is shown and not done.
func TestDiffIsHarmless(t *testing.T) {
	stage.Keys(t, stage.Account)
	text := "version: 1\naccount: \"1234567890123456\"\nprincipals:\n  - {uid: \"1\", reason: departed} # \u202ereversed\t\u200bhidden\r\n"
	stage.Bubble(t, stage.Must(os.ReadFile("../../testdata/estate.yaml")), stage.Noon, func(w *stage.World) {
		got := w.AskAs(context.Background(), text, nil, "add", "frank", "-p", "-", "--reason", "departed")
		got.MustExit(t, 0)
		stage.Says(t, got.Stdout, `# \u{202e}reversed`+"\t"+`\u{200b}hidden`+"\r\n")
	})
}

func TestWriteNeedsTheCommandLine(t *testing.T) {
	stage.Keys(t, stage.Account)
	path := filed(t, string(stage.Must(os.ReadFile("../../policy.yaml"))))
	stage.Bubble(t, stage.Must(os.ReadFile("../../testdata/estate.yaml")), stage.Noon, func(w *stage.World) {
		for _, args := range [][]string{{"add", "frank", "--reason", "departed"}, {"pin"}} {
			got := w.AskAs(context.Background(), "", []string{"ACKREVOKE_WRITE=true", "ACKREVOKE_POLICY=" + path}, args...)
			got.MustExit(t, 2)
			stage.Says(t, got.Stderr, "--write is taken from the command line only")
			got = w.AskAs(context.Background(), "", []string{"ACKREVOKE_DRY_RUN=false"}, args...)
			got.MustExit(t, 2)
			stage.Says(t, got.Stderr, "--dry-run is taken from the command line only")
			got = w.AskAs(context.Background(), "", []string{"ACKREVOKE_POLICY=" + path}, args...)
			got.MustExit(t, 0)
			stage.Says(t, got.Stdout, "--- "+path)
		}
	})
}

func TestRewriteNeedsTheFolder(t *testing.T) {
	t.Parallel()
	path := filed(t, "a")
	if err := cli.Replaceable(path); err != nil {
		t.Error(err)
	}
	if err := cli.Replaceable(filepath.Dir(path)); err == nil {
		t.Error("a folder is taken for a policy")
	}
	if err := cli.Replaceable(path + ".not"); err == nil {
		t.Error("a file that is not there is taken for one")
	}
	if err := cli.Rewrite(path, []byte("b"), []byte("c")); err == nil || string(stage.Must(os.ReadFile(path))) != "a" {
		t.Errorf("written over another text: %v", err)
	}
	if err := cli.Rewrite(path, []byte("a"), []byte("c")); err != nil || string(stage.Must(os.ReadFile(path))) != "c" {
		t.Errorf("not written: %v", err)
	}
	if mode := stage.Must(os.Stat(path)).Mode(); mode != fs.FileMode(0o640) {
		t.Errorf("mode %v", mode)
	}
	only(t, filepath.Dir(path), "policy.yaml")
}
