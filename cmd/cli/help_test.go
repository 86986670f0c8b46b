package cli_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ackrevoke/cmd/cli"
	"ackrevoke/cmd/test/stage"
)

// The help lists the commands under headings, as testdata/help.txt has them;
// UPDATE=1 writes that file anew.
func TestHelp(t *testing.T) {
	var out bytes.Buffer
	p := cli.Program{Args: []string{"--help"}, Stdin: strings.NewReader(""), Stdout: &out, Stderr: &out,
		Now: func() time.Time { return stage.Noon }}
	if code := p.Run(context.Background()); code != 0 {
		t.Errorf("exit %d", code)
	}
	golden := filepath.Join(stage.Root(), "testdata", "help.txt")
	if os.Getenv("UPDATE") != "" {
		stage.NoError(t, os.WriteFile(golden, out.Bytes(), 0o600))
	}
	if want := string(stage.Must(os.ReadFile(golden))); out.String() != want {
		t.Errorf("want:\n%s\ngot:\n%s", want, out.String())
	}
}

// Whoever can write to the account says so in one line, and nobody else can:
// a write needs --dry-run=false.
func TestHelpSaysWhoWrites(t *testing.T) {
	var p cli.Program
	for _, c := range p.Commands() {
		writes := c.Flags().Lookup("dry-run") != nil
		if says := strings.Contains(c.Short, "writes to the account"); says != writes {
			t.Errorf("%s: has --dry-run: %v, says that it writes to the account: %v", c.Name(), writes, says)
		}
	}
}
