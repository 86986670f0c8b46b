package browser

import (
	"bufio"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
)

// document is a stored document, and its page.
type document struct{ name, stored, page string }

// stored are documents that tests of the program hold it to.
var stored = map[string]string{
	"audit, found": "testdata/audit/everything.json", "audit, none-found": "testdata/audit/nothing.json",
	"audit, incomplete": "testdata/audit/unread.json", "audit of hostile names": "testdata/audit/hostile.json",
	"doctor, ready": "testdata/doctor/healthy.json", "doctor, incomplete": "testdata/doctor/denied.json",
	"doctor of hostile names": "testdata/doctor/hostile.json",
	"run, every row":          "job/report/testdata/incomplete.json",
}

// fresh are those that the program makes here: what it is called with (FILE is
// where its document goes), and its exit code. A + begins the next call.
var fresh = []struct {
	name, words string
	exit        int
}{
	{"run, planned", "run -p policy.yaml --simulate testdata/estate.yaml -o FILE", 0},
	{"run, converged", "run -p policy.yaml --simulate testdata/estate.yaml -o FILE --dry-run=false", 0},
	{"run, failed", "run -p SHOW/unreachable-cluster/policy.yaml --simulate SHOW/unreachable-cluster/estate.yaml -o FILE --dry-run=false", 5},
	{"run, incomplete", "run -p SHOW/every-credential-state/policy.yaml --simulate SHOW/every-credential-state/estate.yaml -o FILE", 6},
	{"run, refused", "run -p SHOW/caps-principals/policy.yaml --simulate SHOW/caps-principals/estate.yaml -o FILE", 4},
	{"run, invalid", "run -p SHOW/invalid-policy/policy.yaml --simulate SHOW/invalid-policy/estate.yaml -o FILE", 2},
	{"run, error", "run -p policy.yaml -o FILE", 1},
	{"show, complete", "show alice --simulate testdata/estate.yaml --format json", 0},
	{"inspect", "inspect testdata/leaked.yaml --simulate testdata/estate.yaml --format json", 0},
}

// made makes all documents and their pages, once.
var made = sync.OnceValues(makeAll)

func documents(t *testing.T) []document {
	t.Helper()
	all, err := made()
	must(t, err)
	return all
}

// named returns one of them.
func named(t *testing.T, name string) document {
	t.Helper()
	for _, d := range documents(t) {
		if d.name == name {
			return d
		}
	}
	t.Fatalf("no document is called %s", name)
	return document{}
}

func makeAll() ([]document, error) {
	var all []document
	add := func(name, path string, err error) error {
		d := document{name, path, filepath.Join(scratch, slug(name)+".html")}
		all = append(all, d)
		if err == nil {
			err = pageOf(d.page, path)
		}
		return err
	}
	for _, f := range fresh {
		path, err := storedBy(f.name, f.words, f.exit)
		if err := add(f.name, path, err); err != nil {
			return nil, err
		}
	}
	for _, more := range []struct {
		name string
		make func(name string) (string, error)
	}{{"restore, given", restored}, {"run, interrupted", interrupted}, {"summary", summarised}} {
		path, err := more.make(more.name)
		if err := add(more.name, path, err); err != nil {
			return nil, err
		}
	}
	for name, path := range stored {
		if err := add(name, filepath.Join(repository, path), nil); err != nil {
			return nil, err
		}
	}
	d := document{name: "several at once", page: filepath.Join(scratch, "several.html")}
	return append(all, d), pageOf(d.page, all[0].stored, all[2].stored, all[7].stored)
}

func slug(name string) string { return regexp.MustCompile(`\W+`).ReplaceAllString(name, "-") }

// storedBy has the program make a document.
func storedBy(name, words string, exit int) (string, error) {
	path, err := filepath.Abs(filepath.Join(scratch, slug(name)+".json"))
	if err != nil {
		return "", err
	}
	words = strings.NewReplacer("FILE", path, "SHOW", "testdata/showcase").Replace(words)
	said, err := play(exit, nil, strings.Fields(words)...)
	if err == nil && strings.Contains(words, "--format json") {
		err = os.WriteFile(path, said, 0o600)
	}
	return path, err
}

// pageOf has the program write the page of documents.
func pageOf(to string, documents ...string) error {
	for i, d := range documents {
		var err error
		if documents[i], err = filepath.Abs(d); err != nil {
			return err
		}
	}
	_, err := play(0, nil, append(append([]string{"report"}, documents...), "--format", "html", "--output", to)...)
	return err
}

// command is the program in the folder of the repository, without credentials of
// anybody's, and without waiting for a budget of calls that is nobody's here.
func command(variables []string, args ...string) *exec.Cmd {
	if args[0] == "run" || args[0] == "restore" {
		args = append(args, "--read-qps=1000", "--write-qps=1000")
	}
	c := exec.Command(program, args...)
	c.Dir = repository
	c.Env = append([]string{"HOME=" + scratch, "PATH=" + os.Getenv("PATH"), "ALIBABA_CLOUD_ECS_METADATA_DISABLED=true"}, variables...)
	return c
}

// play calls the program once, and expects its exit code.
func play(exit int, variables []string, args ...string) ([]byte, error) {
	c := command(variables, args...)
	var said strings.Builder
	c.Stderr = &said
	out, err := c.Output()
	return out, ended(err, exit, args, said.String())
}

func ended(err error, exit int, args []string, said string) error {
	got := 0
	var other *exec.ExitError
	switch {
	case errors.As(err, &other):
		got = other.ExitCode()
	case err != nil:
		return err
	}
	if got != exit {
		return fmt.Errorf("ackrevoke %s: exit code %d, not %d: %s", strings.Join(args, " "), got, exit,
			said[max(0, len(said)-900):])
	}
	return nil
}

// restored gives back what a run has taken.
func restored(name string) (string, error) {
	run, err := storedBy("to be restored", "run -p policy.yaml --simulate testdata/estate.yaml -o FILE --dry-run=false", 0)
	if err != nil {
		return "", err
	}
	return storedBy(name, "restore "+run+" -p policy.yaml --uid 200000000000000002 --cluster c0a1000000000000000000000000000002"+
		" --simulate testdata/estate.yaml -o FILE", 0)
}

// served is a simulated account behind an address.
type served struct {
	at        string
	variables []string
	stop      func()
}

// serve starts one. It says what points the program at it.
func serve() (*served, error) {
	c := command(nil, "simulate", "--estate", "testdata/estate.yaml", "--listen", "127.0.0.1:0")
	out, err := c.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := c.Start(); err != nil {
		return nil, err
	}
	s := &served{stop: func() { _ = c.Process.Kill(); _ = c.Wait() }}
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if variable, is := strings.CutPrefix(lines.Text(), "export "); is {
			s.variables = append(s.variables, variable)
		}
		if m := regexp.MustCompile(`--cs-endpoint (\S+)`).FindStringSubmatch(lines.Text()); m != nil {
			s.at = m[1]
			return s, nil
		}
	}
	s.stop()
	return nil, errors.New("ackrevoke simulate does not say where it is")
}

func endpoints(at string) []string {
	return []string{"--cs-endpoint=" + at, "--ram-endpoint=" + at, "--sts-endpoint=" + at}
}

// interrupted is a run that is interrupted at its second write.
func interrupted(name string) (string, error) {
	s, err := serve()
	if err != nil {
		return "", err
	}
	defer s.stop()
	target, err := url.Parse(s.at)
	if err != nil {
		return "", err
	}
	path := filepath.Join(scratch, slug(name)+".json")
	var c *exec.Cmd
	writes, started, onward := 0, make(chan struct{}), httputil.NewSingleHostReverseProxy(target)
	var mutex sync.Mutex
	between := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		<-started
		mutex.Lock()
		if r.Method == http.MethodDelete {
			if writes++; writes == 2 {
				_ = c.Process.Signal(os.Interrupt)
			}
		}
		mutex.Unlock()
		onward.ServeHTTP(w, r)
	}))
	defer between.Close()
	args := append([]string{"run", "-p", "policy.yaml", "-o", path, "--dry-run=false", "--concurrency=1"}, endpoints(between.URL)...)
	c = command(s.variables, args...)
	var said strings.Builder
	c.Stderr = &said
	if err := c.Start(); err != nil {
		return "", err
	}
	close(started)
	return path, ended(c.Wait(), 130, args, said.String())
}

// summarised is the summary of a folder of policies, one of which is not valid.
func summarised(string) (string, error) {
	s, err := serve()
	if err != nil {
		return "", err
	}
	defer s.stop()
	policies, reports := filepath.Join(scratch, "policies"), filepath.Join(scratch, "reports")
	if err := os.MkdirAll(policies, 0o700); err != nil {
		return "", err
	}
	policy, err := os.ReadFile(filepath.Join(repository, "policy.yaml"))
	if err != nil {
		return "", err
	}
	for name, text := range map[string]string{"one.yaml": string(policy), "two.yaml": "version: 1\n"} {
		if err := os.WriteFile(filepath.Join(policies, name), []byte(text), 0o600); err != nil {
			return "", err
		}
	}
	_, err = play(2, s.variables, append([]string{"run", "--policy-dir", policies, "-o", reports}, endpoints(s.at)...)...)
	return filepath.Join(reports, "summary.json"), err
}
