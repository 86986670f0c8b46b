package stage

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ackrevoke/ack/sim"
	"ackrevoke/cmd/cli"
)

// Accounts are several accounts behind one address; the account of the world is
// the hub, whose keys the default chain has.
type Accounts struct {
	*World
	All *sim.Accounts
	By  map[string]*sim.Account // by id
}

// BubbleOfAccounts runs f in a world of the hub and of member accounts.
func BubbleOfAccounts(t *testing.T, hub []byte, members [][]byte, faults *sim.Faults, f func(w *Accounts)) {
	t.Helper()
	Keys(t, Account)
	a := &Accounts{By: map[string]*sim.Account{}}
	BubbleBehind(t, hub, sim.Options{Faults: faults}, Noon, func(h http.Handler) http.Handler {
		began := time.Now()
		all := []*sim.Account{h.(*sim.Account)}
		a.By[Account] = all[0]
		for _, text := range members {
			e := Must(sim.Load("member.yaml", text))
			x := sim.New(e, sim.Options{Faults: faults, Now: func() time.Time { return Noon.Add(time.Since(began)) }})
			all, a.By[e.AccountID()] = append(all, x), x
		}
		a.All = Must(sim.Together(all...))
		return a.All
	}, func(w *World) { a.World = w; f(a) })
}

// HubEstate is an account with nothing in it but the user whose keys are used.
func HubEstate() []byte {
	return City{Caller: `{type: RAMUser, uid: "290000000000000001"}`,
		Users: []string{`{uid: "290000000000000001", name: fleet, created: 2024-05-06T07:08:09Z}`}}.Yaml()
}

// MemberRole is the ARN of the role that works on a member account.
func MemberRole(id string) string { return "acs:ram::" + id + ":role/ackrevoke" }

// MemberEstate is an account with two clusters on which alice holds a
// certificate and a grant each; the role ackrevoke is administrator of all.
func MemberEstate(id, more string) []byte {
	city := City{Caller: "{type: Account}",
		Users: []string{`{uid: "200000000000000001", name: alice, created: 2024-05-06T07:08:09Z}`},
		Roles: []string{fmt.Sprintf(`{uid: "300000000000000001", name: ackrevoke, created: 2024-05-06T07:08:09Z%s}`, more)},
		Clusters: []string{"{id: c1, name: one, region: cn-hangzhou, created: 2024-02-01T10:20:30Z}",
			"{id: c2, name: two, region: cn-hangzhou, created: 2024-02-01T10:20:30Z}"},
		Creds:  []string{`{uid: "200000000000000001", cluster: c1, expires: 2035-01-01T00:00:00Z}`},
		Grants: []string{`{uid: "300000000000000001", allClusters: true, role: admin}`, `{uid: "200000000000000001", cluster: c1, role: dev}`}}
	return bytes.Replace(city.Yaml(), []byte(Account), []byte(id), 1)
}

// MemberPolicy lists alice in a member account.
func MemberPolicy(id, more string) string {
	return fmt.Sprintf("version: 1\naccount: %q\nassumeRole: %s\n%sprincipals: [{uid: %q, reason: departed}]\n", id, MemberRole(id), more,
		AliceUID)
}

// Put writes files into a new folder, and returns it.
func Put(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
	}
	return dir
}

// Enter makes one command line against the accounts.
func (w *Accounts) Enter(ctx context.Context, env []string, args ...string) Ran {
	w.T.Helper()
	for _, a := range w.By {
		a.Reset()
	}
	if args[0] != "summary" { // which asks nobody
		const at = "http://127.0.0.1:1"
		args = append(args, "--cs-endpoint", at, "--ram-endpoint", at, "--sts-endpoint", at)
	}
	var stdout, stderr bytes.Buffer
	p := cli.Program{Args: args, Env: env, Stdin: strings.NewReader(""), Stdout: &stdout, Stderr: &stderr, Now: w.Now, Dial: w.Pipe.Dial}
	return Ran{Code: p.Run(ctx), Args: args, Stdout: stdout.String(), Stderr: stderr.String(), Calls: w.All.Calls()}
}

// In are the operations that one account saw, each with how often.
func (r Ran) In(account string) map[string]int {
	n := map[string]int{}
	for _, c := range r.Calls {
		if c.Account == account {
			n[c.Operation]++
		}
	}
	return n
}
