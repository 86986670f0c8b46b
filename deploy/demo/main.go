// Command demo shows the whole product against a simulated account, for make
// demo: a dry run, a run that revokes, and a third one; and, for make demo-leak,
// the way from a leaked file to a dead one. It believes no report: after each
// run it asks the simulated account which calls it saw.
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strings"
)

func main() {
	show := demo
	if len(os.Args) == 2 && os.Args[1] == "leak" {
		show = leaked
	}
	if err := show(); err != nil {
		fmt.Fprintln(os.Stderr, "demo:", err)
		os.Exit(1)
	}
}

func demo() error {
	if err := errors.Join(os.RemoveAll("demo"), os.Mkdir("demo", 0o755)); err != nil {
		return err
	}
	a, err := simulate()
	if err != nil {
		return err
	}
	defer a.stop()

	plan, err := a.run("1. Dry run: what policy.yaml asks for against what the account holds. Nothing is written.",
		"demo/1-dry-run.json", nil)
	if err != nil {
		return err
	}
	if len(plan.Actions) == 0 {
		return errors.New("the plan is empty, so there is nothing to show")
	}
	if _, err := a.run("2. Revoke: exactly the plan that was just shown, then proof on both surfaces.",
		"demo/2-revoke.json", plan.writes(), "--dry-run=false", "--expect-plan", plan.Digest); err != nil {
		return err
	}
	if _, err := a.run("3. Once more: nothing is left to do, so nothing is written.",
		"demo/3-again.json", nil, "--dry-run=false"); err != nil {
		return err
	}
	fmt.Println("Reports: demo/1-dry-run.json, demo/2-revoke.json, demo/3-again.json. Journal: demo/journal.")
	return nil
}

// account is the simulated account, served by a process of its own.
type account struct {
	env, flags []string // its keys and endpoints
	url        string
	looked     int // calls looked at so far
	stop       func()
}

// own is an environment in which nothing of a real account is left.
func own(environ []string) []string {
	return slices.DeleteFunc(environ, func(kv string) bool {
		return strings.HasPrefix(kv, "ALIBABA_CLOUD_") || strings.HasPrefix(kv, "ACKREVOKE_")
	})
}

// simulate starts the account and reads the variables and flags it prints.
func simulate() (*account, error) {
	a := &account{env: own(os.Environ())}
	c := exec.Command("bin/ackrevoke", "simulate", "--estate", "testdata/estate.yaml", "--listen", "127.0.0.1:0")
	c.Stderr = os.Stderr
	out, err := c.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := c.Start(); err != nil {
		return nil, err
	}
	a.stop = func() { _ = c.Process.Kill(); _ = c.Wait() }
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if kv, ok := strings.CutPrefix(lines.Text(), "export "); ok {
			a.env = append(a.env, kv)
		}
		if flags, ok := strings.CutPrefix(lines.Text(), "# ackrevoke run --cs-endpoint "); ok {
			a.flags = strings.Fields("--cs-endpoint " + flags)
			a.url = a.flags[1]
			return a, nil
		}
	}
	a.stop()
	return nil, errors.New("ackrevoke simulate ended without saying where it listens")
}

// run makes one run, which must exit 0 and make these writes, and returns the plan in its report.
func (a *account) run(title, report string, writes []string, more ...string) (plan, error) {
	args := append([]string{"run", "--report", report, "--journal", "demo/journal", "--log-format", "console"}, more...)
	fmt.Printf("== %s\n$ ackrevoke %s --cs-endpoint ...\n", title, strings.Join(args, " "))
	c := exec.Command("bin/ackrevoke", append(args, a.flags...)...)
	c.Env, c.Stdout, c.Stderr = a.env, os.Stdout, os.Stdout // one stream, in order
	if err := c.Run(); err != nil {
		return plan{}, fmt.Errorf("the run of %s: %w", report, err)
	}
	made, err := planOf(report)
	return made, errors.Join(err, a.saw(writes))
}

func planOf(report string) (plan, error) {
	var r struct{ Plan plan }
	data, err := os.ReadFile(report)
	if err == nil {
		err = json.Unmarshal(data, &r)
	}
	return r.Plan, err
}

type plan struct {
	Digest  string
	Actions []struct {
		Operation, UID string
		Cluster        struct{ ID string }
	}
}

// writes are the calls that the plan comes to, one for each action.
func (p plan) writes() []string {
	names := map[string]string{"clean": "CleanClusterUserPermissions", "revoke-grant": "UpdateUserPermissions"}
	var out []string
	for _, a := range p.Actions {
		out = append(out, names[a.Operation]+" "+a.UID+" "+a.Cluster.ID)
	}
	return out
}

// saw fails unless the account saw these writes since the last look, each once.
func (a *account) saw(want []string) error {
	response, err := http.Get(a.url + "/-/calls")
	if err != nil {
		return err
	}
	defer response.Body.Close()
	var calls []struct {
		Operation, UID, Cluster string
		Write                   bool
	}
	if err := json.NewDecoder(response.Body).Decode(&calls); err != nil {
		return err
	}
	fresh, writes := calls[a.looked:], []string(nil)
	a.looked = len(calls)
	for _, c := range fresh {
		if c.Write {
			writes = append(writes, c.Operation+" "+c.UID+" "+c.Cluster)
		}
	}
	slices.Sort(writes)
	slices.Sort(want)
	if !slices.Equal(writes, want) {
		return fmt.Errorf("the account saw the writes %q, and wanted are %q", writes, want)
	}
	fmt.Printf("-- The account's own record of calls: %d reads; %d writes, exactly the planned ones.\n\n", len(fresh)-len(writes), len(writes))
	return nil
}
