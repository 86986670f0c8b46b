package node

import (
	"encoding/json"
	"fmt"
	"net/http"
	"path/filepath"
	"testing"

	"ackrevoke/e2e/plane"
)

// account is ackrevoke simulate on the node. It listens on loopback alone, as
// the program wants it; the pods get there because they use the node's network.
type account struct {
	t       *testing.T
	address string
}

// call is one that the account saw.
type call struct {
	Operation, UID, Cluster, Fault string
	Write                          bool
	Status                         int
}

// simulate serves these estates of testdata, and goes wrong by a script.
func simulate(t *testing.T, faults string, estates ...string) *account {
	t.Helper()
	dir := t.TempDir()
	a := &account{t: t, address: fmt.Sprintf("127.0.0.1:%d", plane.FreePorts(t, 1)[0])}
	args := []string{plane.Program, "simulate", "--listen", a.address}
	for _, estate := range estates {
		args = append(args, "--estate", estate)
	}
	if faults != "" {
		script := filepath.Join(dir, "faults.yaml")
		plane.Write(t, script, []byte(faults))
		args = append(args, "--faults", script)
	}
	p := plane.Start(t, dir, "simulate", nil, args...)
	plane.Await(t, "the simulated account", func() (bool, string) {
		_, err := a.read()
		return err == nil, fmt.Sprint(err, p.Tail())
	})
	return a
}

func (a *account) read() ([]call, error) {
	res, err := http.Get("http://" + a.address + "/-/calls")
	if err != nil {
		return nil, err
	}
	defer func() { _ = res.Body.Close() }()
	var all []call
	return all, json.NewDecoder(res.Body).Decode(&all)
}

// writes are the calls from there on that would change the account.
func (a *account) writes(from int) []call {
	a.t.Helper()
	var out []call
	for _, c := range a.calls()[from:] {
		if c.Write {
			out = append(out, c)
		}
	}
	return out
}

func (a *account) calls() []call {
	a.t.Helper()
	all, err := a.read()
	plane.Must(a.t, err)
	return all
}

// hangs waits until the script holds a call up, so that whoever made it is in
// the middle of its work.
func (a *account) hangs(t *testing.T) {
	t.Helper()
	plane.Await(t, "a call that hangs", func() (bool, string) {
		all, err := a.read()
		for _, c := range all {
			if c.Fault == "hang" {
				return true, ""
			}
		}
		return false, fmt.Sprintf("%d calls, none hangs, %v", len(all), err)
	})
}

// flags point the program at it.
func (a *account) flags() []string {
	at := "http://" + a.address
	return []string{"--cs-endpoint=" + at, "--ram-endpoint=" + at, "--sts-endpoint=" + at}
}
