package cli_test

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ackrevoke/cmd/cli"
	"ackrevoke/cmd/test/stage"
	"ackrevoke/job/end"
	"ackrevoke/job/report"
)

func TestProveVerdicts(t *testing.T) {
	t.Parallel()
	for says, want := range map[string]struct {
		code int
		text string
	}{
		"dead":      {0, "dead: the server does not authenticate it"},
		"powerless": {0, "powerless: it authenticates until it expires"},
		"alive":     {5, `allowed       list secrets everywhere: RBAC: allowed by ClusterRoleBinding \u{1b}[31mred`},
		"broken":    {6, "unreachable: the server gave no answer that proves anything"},
	} {
		t.Run(says, func(t *testing.T) {
			t.Parallel()
			g := stage.NewGate(t, says)
			code, stdout, stderr := g.Prove(g.File, "--server", g.Server.URL)
			if code != want.code || !strings.Contains(stdout, want.text) {
				t.Errorf("exit %d, want %d with %q:\n%s%s", code, want.code, want.text, stdout, stderr)
			}
			if !strings.Contains(stderr, "proving is access: for 7 days") {
				t.Errorf("no warning: %s", stderr)
			}
			code, stdout, _ = g.Prove(g.File, "--server", g.Server.URL, "--format", "json")
			var got report.Prove
			if err := json.Unmarshal([]byte(stdout), &got); err != nil {
				t.Fatal(err)
			}
			stage.Fits(t, "prove", []byte(stdout))
			verdict := strings.Replace(says, "broken", "unreachable", 1)
			if code != want.code || got.ExitCode != want.code || got.Schema != "ackrevoke.prove/v1" || string(got.Proof.Verdict) != verdict ||
				got.Proof.Certificate.UID != "200000000000000002" {
				t.Errorf("exit %d: %+v", code, got)
			}
			if strings.Contains(stdout, "\x1b") {
				t.Error("an escape reaches the terminal")
			}
		})
	}
}

// Without --server the account says whether the server is one of its own.
func TestProveAsksTheAccount(t *testing.T) {
	t.Parallel()
	g := stage.NewGate(t, "powerless")
	code, stdout, stderr := g.Prove(g.File, "--simulate", g.Estate())
	if code != 0 || !strings.Contains(stdout, "prod-eu (c0a1000000000000000000000000000002)") {
		t.Errorf("exit %d: %s%s", code, stdout, stderr)
	}
	// One that is not is told nothing.
	other := stage.NewGate(t, "powerless")
	code, stdout, stderr = other.Prove(other.File, "--simulate", g.Estate())
	if code != 2 || stdout != "" || !strings.Contains(stderr, "none of the 8 clusters of the account") ||
		!strings.Contains(stderr, "--server") || len(other.Questions()) > 0 {
		t.Errorf("exit %d: %s%s; asked %v", code, stdout, stderr, other.Questions())
	}
}

// What the file says behind host and port is not asked: the account's URL is.
func TestProveAsksTheClusterAndNothingBehindIt(t *testing.T) {
	t.Parallel()
	g := stage.NewGate(t, "powerless")
	data, err := os.ReadFile(g.File)
	stage.NoError(t, err)
	stage.NoError(t, os.WriteFile(g.File, bytes.Replace(data, []byte(g.Server.URL),
		[]byte(g.Server.URL+"/api/v1/namespaces/x/services/mine/proxy"), 1), 0o600))
	if code, stdout, stderr := g.Prove(g.File, "--simulate", g.Estate()); code != 0 {
		t.Errorf("exit %d: %s%s", code, stdout, stderr)
	}
	for _, q := range g.Questions() {
		if strings.Contains(q, "/services/mine/") {
			t.Error(q)
		}
	}
}

func TestProveRefuses(t *testing.T) {
	t.Parallel()
	g := stage.NewGate(t, "powerless")
	server := []string{"--server", g.Server.URL}
	notes := filepath.Join(t.TempDir(), "notes.txt")
	stage.NoError(t, os.WriteFile(notes, []byte("mine"), 0o600))
	for name, c := range map[string]struct {
		args []string
		code int
		says string
	}{
		"no file":                   {[]string{}, 2, "KUBECONFIG is missing"},
		"a file that is not there":  {[]string{"none.yaml"}, 2, "cannot be read"},
		"no kubeconfig":             {append([]string{notes}, server...), 2, "hint: nothing was asked"},
		"a context that is not":     {append([]string{g.File, "--context", "x"}, server...), 2, "it has armed, leaked"},
		"a context with a program":  {append([]string{g.File, "--context", "armed"}, server...), 2, "not inline"},
		"http":                      {[]string{g.File, "--server", "http://127.0.0.1:1"}, 2, "no https:// URL"},
		"both":                      {append([]string{g.File, "--simulate", "x"}, server...), 2, "--server makes no cloud call"},
		"a format":                  {append([]string{g.File, "--format", "xml"}, server...), 2, "neither text nor json"},
		"a namespace":               {append([]string{g.File, "--namespace", "A/B"}, server...), 2, "no name of a namespace"},
		"attach to what is none":    {append([]string{g.File, "--attach", notes}, server...), 2, "not a report"},
		"attach to standard output": {append([]string{g.File, "--attach", "-"}, server...), 2, "needs the file of a report"},
		"an estate that is not":     {[]string{g.File, "--simulate", "none.yaml"}, 2, "estate cannot be read"},
	} {
		t.Run(name, func(t *testing.T) {
			code, stdout, stderr := g.Prove(c.args...)
			if code != c.code || stdout != "" || !strings.Contains(stderr, c.says) {
				t.Errorf("exit %d: %s%s", code, stdout, stderr)
			}
		})
	}
	if len(g.Questions()) > 0 {
		t.Errorf("asked %v", g.Questions())
	}
	if data, err := os.ReadFile(notes); err != nil || string(data) != "mine" {
		t.Error("a file of somebody else was changed")
	}
}

func TestProveFromStandardInput(t *testing.T) {
	t.Parallel()
	g := stage.NewGate(t, "powerless")
	data, err := os.ReadFile(g.File)
	stage.NoError(t, err)
	if code, stdout, stderr := g.ProveWith(context.Background(), string(data), "-", "--server", g.Server.URL); code != 0 {
		t.Errorf("exit %d: %s%s", code, stdout, stderr)
	}
}

func TestProveInterrupted(t *testing.T) {
	t.Parallel()
	g := stage.NewGate(t, "powerless")
	ctx, cancel := context.WithCancelCause(context.Background())
	cancel(end.SIGTERM)
	if code, stdout, stderr := g.ProveWith(ctx, "", g.File, "--server", g.Server.URL); code != 143 ||
		!strings.Contains(stdout, "unreachable:") {
		t.Errorf("exit %d: %s%s", code, stdout, stderr)
	}
}

// Revoked, proven, and the evidence in the report of the run: nothing else in
// that changes, the namespaces that it names are looked into, and it holds no key.
func TestProveAttaches(t *testing.T) {
	t.Parallel()
	g := stage.NewGate(t, "alive")
	dir := t.TempDir()
	path, estate, pol := filepath.Join(dir, "report.json"), g.Estate(), filepath.Join(dir, "policy.yaml")
	data, err := os.ReadFile(estate)
	stage.NoError(t, err)
	grant := `  - {uid: "200000000000000002", cluster: c0a1000000000000000000000000000002, role: dev}` + "\n"
	if !bytes.Contains(data, []byte(grant)) {
		t.Fatal("the estate has no such grant")
	}
	stage.NoError(t, os.WriteFile(estate, bytes.Replace(data, []byte(grant),
		[]byte(grant+strings.Replace(grant, "role: dev", "namespace: web, role: dev", 1)), 1), 0o600))
	stage.NoError(t, os.WriteFile(pol, []byte(`version: 1
account: "1234567890123456"
principals:
  - {uid: "200000000000000002", reason: departed}
`), 0o600))
	var said bytes.Buffer
	run := cli.Program{Args: []string{"run", "-p", pol, "-o", path, "--simulate", estate}, Env: []string{}, Stdin: strings.NewReader(""),
		Stdout: &said, Stderr: &said, Now: time.Now}
	if code := run.Run(context.Background()); code != 0 {
		t.Fatalf("exit %d: %s", code, said.String())
	}
	before, err := os.ReadFile(path)
	stage.NoError(t, err)

	if code, stdout, stderr := g.Prove(g.File, "--simulate", estate, "--attach", path); code != 5 {
		t.Errorf("exit %d: %s%s", code, stdout, stderr)
	}
	g.Mu.Lock()
	g.Says = "dead"
	g.Mu.Unlock()
	if code, stdout, stderr := g.Prove(g.File, "--server", g.Server.URL, "--attach", path); code != 0 {
		t.Errorf("exit %d: %s%s", code, stdout, stderr)
	}
	after, err := os.ReadFile(path)
	stage.NoError(t, err)
	g.NoKey(string(after))
	r, err := report.Decode(after)
	stage.NoError(t, err)
	stage.NoError(t, report.Check(r))
	if len(r.Proofs) != 2 {
		t.Fatalf("%+v", r.Proofs)
	}
	alive, dead := r.Proofs[0], r.Proofs[1]
	if alive.Verdict != report.ProvenAlive {
		alive, dead = dead, alive // the same second, and then by what is left of the key
	}
	if alive.Verdict != report.ProvenAlive || alive.Cluster.Name != "prod-eu" ||
		strings.Join(alive.Namespaces, " ") != "default kube-system web" || dead.Verdict != report.ProvenDead {
		t.Errorf("%+v", r.Proofs)
	}
	r.Proofs = nil
	same, err := r.Encode()
	stage.NoError(t, err)
	if !bytes.Equal(before, same) {
		t.Error("something else of the report has changed")
	}

	// The report of somebody else is left alone.
	stage.NoError(t, os.WriteFile(pol, []byte(`version: 1
account: "1234567890123456"
principals:
  - {uid: "200000000000000001", reason: departed}
`), 0o600))
	if code := run.Run(context.Background()); code != 0 {
		t.Fatal(said.String())
	}
	if code, _, stderr := g.Prove(g.File, "--server", g.Server.URL, "--attach", path); code != 2 ||
		!strings.Contains(stderr, "says nothing of the principal") {
		t.Errorf("exit %d: %s", code, stderr)
	}
}
