// Command demo shows the whole product against a simulated account, for make
// demo: a dry run, a run that revokes, and a third one; and, for make demo-leak,
// the way from a leaked file to a dead one. It believes no report: after each
// command it asks the simulated account which calls it saw.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http/httptest"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"

	"ackrevoke/ack/sim"
)

func main() {
	show := (*demonstration).revoked
	if len(os.Args) == 2 && os.Args[1] == "leak" {
		show = (*demonstration).leaked
	}
	if err := demo(show); err != nil {
		fmt.Fprintln(os.Stderr, "demo:", err)
		os.Exit(1)
	}
}

// demonstration is the program at work on an account that is served in this
// process, so that somebody can do in the middle what people do.
type demonstration struct {
	account    *sim.Account
	env, flags []string
}

func demo(show func(*demonstration) error) error {
	const file = "testdata/estate.yaml"
	if err := errors.Join(os.RemoveAll("demo"), os.Mkdir("demo", 0o755)); err != nil {
		return err
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	estate, err := sim.Load(file, text)
	if err != nil {
		return err
	}
	d := &demonstration{account: sim.New(estate, sim.Options{Now: time.Now})}
	server := httptest.NewServer(d.account)
	defer server.Close()
	d.flags = []string{"--log-format", "console", "--cs-endpoint", server.URL, "--ram-endpoint", server.URL, "--sts-endpoint", server.URL}
	id, secret := d.account.Keys()
	d.env = slices.DeleteFunc(os.Environ(), func(kv string) bool { // nothing of a real account is left
		return strings.HasPrefix(kv, "ALIBABA_CLOUD_") || strings.HasPrefix(kv, "ACKREVOKE_")
	})
	d.env = append(d.env, "ALIBABA_CLOUD_ACCESS_KEY_ID="+id, "ALIBABA_CLOUD_ACCESS_KEY_SECRET="+secret)
	return show(d)
}

// revoked is a run, from what it would do to nothing left to do.
func (d *demonstration) revoked() error {
	args := func(report string, more ...string) []string {
		return append([]string{"run", "--report", report, "--journal", "demo/journal"}, more...)
	}
	if err := d.steps(step{"1. Dry run: what policy.yaml asks for against what the account holds. Nothing is written.", nil,
		args("demo/1-dry-run.json")}); err != nil {
		return err
	}
	plan, err := planOf("demo/1-dry-run.json")
	if err != nil {
		return err
	}
	if len(plan.Actions) == 0 {
		return errors.New("the plan is empty, so there is nothing to show")
	}
	if err := d.steps(
		step{"2. Revoke: exactly the plan that was just shown, then proof on both surfaces.", plan.writes(),
			args("demo/2-revoke.json", "--dry-run=false", "--expect-plan", plan.Digest)},
		step{"3. Once more: nothing is left to do, so nothing is written.", nil, args("demo/3-again.json", "--dry-run=false")}); err != nil {
		return err
	}
	fmt.Println("Reports: demo/1-dry-run.json, demo/2-revoke.json, demo/3-again.json. Journal: demo/journal.")
	return nil
}

// step is one command, which must exit 0 and make these writes, each once.
type step struct {
	title  string
	writes []string
	args   []string
}

func (d *demonstration) steps(all ...step) error {
	for _, s := range all {
		if err := d.play(s.title, s.writes, s.args); err != nil {
			return err
		}
	}
	return nil
}

func (d *demonstration) play(title string, writes, args []string) error {
	fmt.Printf("== %s\n$ ackrevoke %s\n", title, strings.Join(args, " "))
	d.account.Reset()
	c := exec.Command("bin/ackrevoke", append(args, d.flags...)...)
	c.Env, c.Stdout, c.Stderr = d.env, os.Stdout, os.Stdout // one stream, in order
	if err := c.Run(); err != nil {
		return fmt.Errorf("%s: %w", args[0], err)
	}
	seen, wrote := d.account.Calls(), []string(nil)
	for _, call := range seen {
		if call.Write {
			wrote = append(wrote, strings.TrimSpace(call.Operation+" "+call.UID+" "+call.Cluster))
		}
	}
	slices.Sort(wrote)
	slices.Sort(writes)
	if !slices.Equal(wrote, writes) {
		return fmt.Errorf("%s: the account saw the writes %q, and wanted are %q", args[0], wrote, writes)
	}
	fmt.Printf("-- The account's own record of calls: %d reads; %d writes, exactly the planned ones.\n\n", len(seen)-len(wrote), len(wrote))
	return nil
}

// plan is the plan of a report, as far as it is compared here.
type plan struct {
	Digest  string
	Actions []struct {
		Operation, UID string
		Cluster        struct{ ID string }
	}
}

func planOf(report string) (plan, error) {
	var r struct{ Plan plan }
	data, err := os.ReadFile(report)
	if err == nil {
		err = json.Unmarshal(data, &r)
	}
	return r.Plan, err
}

// writes are the calls that the plan comes to, one for each action.
func (p plan) writes() []string {
	names := map[string]string{"clean": "CleanClusterUserPermissions", "revoke-grant": "UpdateUserPermissions"}
	var out []string
	for _, a := range p.Actions {
		out = append(out, strings.TrimSpace(names[a.Operation]+" "+a.UID+" "+a.Cluster.ID))
	}
	return out
}
