package ack

import (
	"context"
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"ackrevoke/ack/sim"
	"ackrevoke/policy"
)

// What the bubbles show with exact times holds over real sockets as well:
// every fault of the wire, for a read and for a write, with the calls that the
// account saw.
func TestSeamOverLoopback(t *testing.T) {
	name := filepath.Join("sim", "testdata", "estates", "small.yaml")
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	estate, err := sim.Load(name, data)
	if err != nil {
		t.Fatal(err)
	}
	const alice = "200000000000000001"
	read := func(ctx context.Context, c *Client) error { _, err := c.Users(ctx, nil); return err }
	write := func(ctx context.Context, c *Client) error { _, _, err := c.Clean(ctx, "c1", alice, true); return err }
	for _, c := range []struct {
		fault string
		kind  policy.FaultKind // of a write; a read gets over all of it
		seen  int              // calls of the write that the account saw
	}{
		{"throttle", "", 2},
		{"throttle, retryAfter: 1s", "", 2},
		{"empty500", policy.Unavailable, 1},
		{"html502", policy.Unavailable, 1},
		{"redirect", policy.Unavailable, 1},
		{"resetBefore", policy.Unavailable, 1},
		{"resetAfter", policy.Unavailable, 1},
		{"hang", policy.Timeout, 1},
		{"denied", policy.Denied, 1},
	} {
		for what, call := range map[string]func(context.Context, *Client) error{"read": read, "write": write} {
			t.Run(c.fault+"/"+what, func(t *testing.T) {
				t.Parallel()
				script, err := sim.LoadFaults("faults.yaml", fmt.Appendf(nil, "faults: [{on: %s, do: %s}]", what, c.fault))
				if err != nil {
					t.Fatal(err)
				}
				account := sim.New(estate, sim.Options{Now: time.Now, Faults: script})
				server := httptest.NewServer(account)
				defer server.Close()
				id, secret := account.Keys()
				// Long enough for a slow machine; only the hanging call waits for it.
				client, err := New(Options{Writes: true, Credential: StaticKeys(id, secret), CallTimeout: 3 * time.Second,
					Endpoints: Endpoints{CS: server.URL, RAM: server.URL, STS: server.URL}})
				if err != nil {
					t.Fatal(err)
				}
				defer client.Close()
				client.begun.Store(true) // the first call of a run has no time for a second try
				client.jitter = func(time.Duration) time.Duration { return 0 }

				err = call(t.Context(), client)
				kind, seen := c.kind, c.seen
				if what == "read" {
					if kind, seen = "", 2; c.kind == policy.Denied {
						kind, seen = policy.Denied, 1
					}
				}
				if kind == "" && err != nil || kind != "" && faultOf(t, err).Kind != kind {
					t.Errorf("%v, want %q", err, kind)
				}
				if n := len(account.Calls()); n != seen {
					t.Errorf("the account saw %d calls, want %d", n, seen)
				}
			})
		}
	}
}
