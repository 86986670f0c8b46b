package cli_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ackrevoke/ack/sim"
	"ackrevoke/cmd/cli"
	"ackrevoke/cmd/test/stage"
	"ackrevoke/job/end"
	"ackrevoke/job/report"
	"ackrevoke/policy"
)

// leaky is the account that the leaked files open.
const leaky = `
account: "1234567890123456"
caller: {type: RAMUser, uid: "290000000000000001"}
users:
  - {uid: "290000000000000001", name: runner, created: 2024-01-01T00:00:00Z}
  - {uid: "200000000000000001", name: alice, created: 2024-05-06T07:08:09Z}
roles: [{uid: "300000000000000001", name: deploy, created: 2024-01-01T00:00:00Z}]
deleted: [{uid: "200000000000000009", name: gone, kind: role}]
clusters:
  - id: c1
    name: prod
    region: eu-central-1
    created: 2024-01-01T00:00:00Z
    masterURL: '{"api_server_endpoint":"https://203.0.113.7:6443","intranet_api_server_endpoint":"https://10.0.0.7:6443"}'
  - {id: c2, name: two, region: r, created: 2024-01-01T00:00:00Z, masterURL: '{"intranet_api_server_endpoint":"https://10.0.0.7:6443"}'}
  - {id: c3, name: three, region: r, created: 2024-01-01T00:00:00Z, masterURL: "no JSON"}
  - {id: c4, name: four, region: r, created: 2024-01-01T00:00:00Z, state: initial}
credentials:
  - {uid: "200000000000000001", cluster: c1, expires: 2028-09-10T11:12:13Z}
  - {uid: "200000000000000001", cluster: c3, expires: 2028-09-10T11:12:13Z}
  - {uid: "300000000000000001", cluster: c1, expires: 2028-09-10T11:12:13Z}
  - {uid: "200000000000000009", cluster: c1, expires: 2028-09-10T11:12:13Z}
grants:
  - {uid: "290000000000000001", allClusters: true, role: admin}
  - {uid: "200000000000000009", cluster: c1, role: dev}
`

func inspectLive(w *stage.World, ctx context.Context, file string, args ...string) (inspected, []sim.Call) {
	w.T.Helper()
	w.Account.Reset()
	var stdout, stderr bytes.Buffer
	p := cli.Program{
		Args: append([]string{"inspect", "--live", "--format", "json", "--cs-endpoint", "http://127.0.0.1:1", "--ram-endpoint",
			"http://127.0.0.1:1", "--sts-endpoint", "http://127.0.0.1:1", "-"}, args...),
		Env: []string{}, Stdin: strings.NewReader(file), Stdout: &stdout, Stderr: &stderr, Now: w.Now, Dial: w.Pipe.Dial,
	}
	code := p.Run(ctx)
	calls := w.Account.Calls()
	for _, c := range calls {
		if c.Write || c.Operation == "DescribeClusterUserKubeconfig" {
			w.T.Errorf("an inspection called %s", c.Operation)
		}
	}
	return inspected{code, stdout.String(), stderr.String()}, calls
}

func TestInspectLive(t *testing.T) {
	stage.Keys(t, "1234567890123456")
	for _, c := range []struct {
		name, server, uid string
		expires           time.Time
		code              int
		live              report.InspectedLive
		entry             string // a line that it has, or "" for no entry
	}{
		{"found", server, alice, leakExpires, 0, report.InspectedLive{Clusters: []report.Cluster{{ID: "c1", Name: "prod",
			Region: "eu-central-1"}}, Identity: policy.Live, Kind: policy.User, Name: "alice",
			Created: report.At(time.Date(2024, 5, 6, 7, 8, 9, 0, time.UTC)),
			Shows:   report.Certificate{State: policy.Unexpired, Expires: report.At(leakExpires)}, Pin: "acts", Also: []string{"c3"}},
			`- cluster: "c1"`},
		{"a role", server, "300000000000000001", leakExpires, 0,
			report.InspectedLive{Clusters: []report.Cluster{{ID: "c1", Name: "prod", Region: "eu-central-1"}}, Identity: policy.Live,
				Kind: policy.Role, Name: "deploy",
				Created: report.At(time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)),
				Shows:   report.Certificate{State: policy.Unexpired, Expires: report.At(leakExpires)}, Pin: "acts"}, "kind: role"},
		{"deleted", server, "200000000000000009", leakExpires, 0,
			report.InspectedLive{Clusters: []report.Cluster{{ID: "c1", Name: "prod", Region: "eu-central-1"}}, Identity: policy.Deleted,
				Kind: policy.Role, Name: "gone",
				Shows: report.Certificate{State: policy.Unexpired, Expires: report.At(leakExpires)}, Pin: "acts"}, "kind: role"},
		{"another expiry", server, alice, leakExpires.AddDate(0, -2, 0), 0,
			report.InspectedLive{Clusters: []report.Cluster{{ID: "c1", Name: "prod", Region: "eu-central-1"}}, Identity: policy.Live,
				Kind: policy.User, Name: "alice",
				Created: report.At(time.Date(2024, 5, 6, 7, 8, 9, 0, time.UTC)),
				Shows:   report.Certificate{State: policy.Unexpired, Expires: report.At(leakExpires)}, Pin: "settled"}, `- cluster: "c1"`},
		{"a later expiry", server, alice, leakExpires.AddDate(0, 2, 0), 6,
			report.InspectedLive{Clusters: []report.Cluster{{ID: "c1", Name: "prod", Region: "eu-central-1"}}, Identity: policy.Live,
				Kind: policy.User, Name: "alice",
				Created: report.At(time.Date(2024, 5, 6, 7, 8, 9, 0, time.UTC)),
				Shows:   report.Certificate{State: policy.Unexpired, Expires: report.At(leakExpires)}, Pin: "unknown", Why: policy.PinNotShown},
			`- cluster: "c1"`},
		{"an address of two networks", "https://10.0.0.7:6443", alice, leakExpires, 0,
			report.InspectedLive{Clusters: []report.Cluster{{ID: "c1", Name: "prod", Region: "eu-central-1"}}, PlacedBy: "address and expiry",
				Identity: policy.Live, Kind: policy.User, Name: "alice", Created: report.At(time.Date(2024, 5, 6, 7, 8, 9, 0, time.UTC)),
				Shows: report.Certificate{State: policy.Unexpired, Expires: report.At(leakExpires)},
				Pin:   "acts", Also: []string{"c3"}}, `- cluster: "c1" # known by the address and expiry`},
		{"an address of two networks, and another expiry", "https://10.0.0.7:6443", alice, leakExpires.Add(time.Second), 6,
			report.InspectedLive{Clusters: []report.Cluster{{ID: "c1", Name: "prod", Region: "eu-central-1"}, {ID: "c2", Name: "two", Region: "r"}},
				Identity: policy.Live, Kind: policy.User, Name: "alice", Created: report.At(time.Date(2024, 5, 6, 7, 8, 9, 0, time.UTC)),
				Also: []string{"c1", "c3"}}, "- cluster: # missing: no single cluster"},
		{"nobody's server, and the expiry of one certificate", "https://203.0.113.70:6443", "300000000000000001", leakExpires, 0,
			report.InspectedLive{Clusters: []report.Cluster{{ID: "c1", Name: "prod", Region: "eu-central-1"}}, PlacedBy: "expiry",
				Identity: policy.Live, Kind: policy.Role, Name: "deploy", Created: report.At(time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)),
				Shows: report.Certificate{State: policy.Unexpired, Expires: report.At(leakExpires)}, Pin: "acts"},
			`- cluster: "c1" # known by the expiry`},
		{"no server, deleted, and the expiry of one certificate", "", "200000000000000009", leakExpires, 0,
			report.InspectedLive{Clusters: []report.Cluster{{ID: "c1", Name: "prod", Region: "eu-central-1"}}, PlacedBy: "expiry",
				Identity: policy.Deleted, Kind: policy.Role, Name: "gone",
				Shows: report.Certificate{State: policy.Unexpired, Expires: report.At(leakExpires)}, Pin: "acts"},
			`- cluster: "c1" # known by the expiry`},
		{"no server, and nobody's expiry", "", "200000000000000009", leakExpires.AddDate(0, 1, 0), 6,
			report.InspectedLive{Identity: policy.Deleted, Kind: policy.Role, Name: "gone"},
			"- cluster: # missing: no single listed cluster shows a certificate"},
		{"nobody's server", "https://203.0.113.70:6443", alice, leakExpires, 6,
			report.InspectedLive{Identity: policy.Live, Kind: policy.User, Name: "alice",
				Created: report.At(time.Date(2024, 5, 6, 7, 8, 9, 0, time.UTC)), Also: []string{"c1", "c3"}},
			"- cluster: # missing: no single cluster"},
		{"still coming", "https://c4.invalid:6443", alice, leakExpires, 6,
			report.InspectedLive{Clusters: []report.Cluster{{ID: "c4", Name: "four", Region: "r"}}, Identity: policy.Live, Kind: policy.User,
				Name:    "alice",
				Created: report.At(time.Date(2024, 5, 6, 7, 8, 9, 0, time.UTC)), Also: []string{"c1", "c3"}, Pin: "unknown",
				Why: policy.MatchesNothing}, `- cluster: "c4"`},
		{"the root account", server, "1234567890123456", leakExpires, 4,
			report.InspectedLive{Clusters: []report.Cluster{{ID: "c1", Name: "prod", Region: "eu-central-1"}}, Identity: policy.Live,
				Name: "root", Pin: "refused"}, ""},
		{"nobody", server, "200000000000000777", leakExpires, 6,
			report.InspectedLive{Clusters: []report.Cluster{{ID: "c1", Name: "prod", Region: "eu-central-1"}}, Identity: policy.Deleted,
				Pin: "unknown", Why: policy.NoTrace}, `- cluster: "c1"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			file := leakFile(leaked(t, "a", c.server, c.uid, c.expires))
			stage.Bubble(t, []byte(leaky), leakNow, func(w *stage.World) {
				got, _ := inspectLive(w, context.Background(), file)
				i := got.decode(t)
				live := *i.Contexts[0].Account
				c.live.UID = c.uid
				if len(c.live.Clusters) == 1 && c.live.PlacedBy == "" {
					c.live.PlacedBy = "address"
				}
				for _, l := range []*report.InspectedLive{&live, &c.live} {
					if l.Clusters == nil {
						l.Clusters = []report.Cluster{}
					}
					if l.Also == nil {
						l.Also = []string{}
					}
				}
				if c.live.Pin == "refused" != (live.Reason != "") {
					t.Errorf("reason %q", live.Reason)
				}
				live.Reason = ""
				if c.live.Pin == "refused" || c.live.Why == policy.NoTrace || c.live.Why == policy.MatchesNothing {
					live.Shows = report.Certificate{}
				}
				if diff := cmp.Diff(c.live, live); diff != "" || got.code != c.code || i.Verdict.ExitCode != c.code {
					t.Errorf("exit %d, %+v (-want +got):\n%s%s", got.code, i.Verdict, diff, got.stderr)
				}
				if (c.entry == "") != (i.PolicyYAML == "") || !strings.Contains(i.PolicyYAML, c.entry) {
					t.Errorf("entry:\n%s", i.PolicyYAML)
				}
				if _, err := policy.Load("p", []byte("version: 1\naccount: \"1234567890123456\"\nprincipals:\n"+strings.ReplaceAll(i.PolicyYAML,
					"cluster: #", "cluster: c1 #"))); c.entry != "" && err != nil {
					t.Errorf("%v\n%s", err, i.PolicyYAML)
				}
			})
		})
	}
}

// What the entry says, a run does: the pin that was foreseen to act acts.
func TestInspectThenRun(t *testing.T) {
	stage.Keys(t, "1234567890123456")
	file := leakFile(leaked(t, "a", server, alice, leakExpires))
	stage.Bubble(t, []byte(leaky), leakNow, func(w *stage.World) {
		got, _ := inspectLive(w, context.Background(), file)
		i := got.decode(t)
		path := filepath.Join(w.Dir, "policy.yaml")
		if err := os.WriteFile(path, []byte("version: 1\naccount: \"1234567890123456\"\nprincipals:\n"+i.PolicyYAML), 0o600); err != nil {
			t.Fatal(err)
		}
		r := w.Run(context.Background(), "-p", path, "--dry-run=false")
		if diff := cmp.Diff([]string{"CleanClusterUserPermissions c1 " + alice}, r.Writes()); diff != "" || r.Code != 0 {
			t.Errorf("exit %d (-want +got):\n%s%s", r.Code, diff, r.Stderr)
		}
		got, _ = inspectLive(w, context.Background(), file)
		if i := got.decode(t); got.code != 0 || i.Contexts[0].Account.Pin != "settled" {
			t.Errorf("afterwards: exit %d, %+v", got.code, i.Contexts[0].Account)
		}
	})
}

// What becomes of the account never takes the answer about the file away.
func TestInspectLiveFails(t *testing.T) {
	stage.Keys(t, "1234567890123456")
	file := leakFile(leaked(t, "a", server, alice, leakExpires))
	for _, c := range []struct {
		fault  string
		code   int
		reason string
	}{
		{"{on: GetCallerIdentity, do: error, code: InvalidAccessKeyId.NotFound, status: 404}", 1, "error"},
		{"{on: ListUsers, do: error, code: NoPermission, status: 403}", 6, "incomplete"},
		{"{on: DescribeClustersForRegion, region: eu-central-1, do: wrongTotal}", 6, "incomplete"},
		{"{on: ListUserKubeConfigStates, do: error, code: NoPermission, status: 403}", 6, "incomplete"},
	} {
		t.Run(c.fault, func(t *testing.T) {
			faults, err := sim.LoadFaults("faults", []byte("faults: ["+c.fault+"]"))
			if err != nil {
				t.Fatal(err)
			}
			stage.BubbleWith(t, []byte(leaky), faults, leakNow, func(w *stage.World) {
				got, _ := inspectLive(w, context.Background(), file)
				i := got.decode(t)
				if got.code != c.code || i.Verdict.Reasons[0] != c.reason || len(i.Errors) == 0 || i.Errors[0].Hint == "" ||
					!strings.Contains(got.stderr, "hint: ") ||
					i.Contexts[0].Certificate.UID != alice || i.PolicyYAML == "" {
					t.Errorf("exit %d, %+v\n%s%s", got.code, i.Verdict, got.stdout, got.stderr)
				}
			})
		})
	}
}

// A signal and the time limit end the asking; the answer about the file stands.
func TestInspectLiveStopped(t *testing.T) {
	stage.Keys(t, "1234567890123456")
	file := leakFile(leaked(t, "a", server, alice, leakExpires))
	faults, err := sim.LoadFaults("faults", []byte("faults: [{on: ListUserKubeConfigStates, do: hang}]"))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		args   []string
		code   int
		reason string
	}{
		{nil, 143, "interrupted by SIGTERM"},
		{[]string{"--timeout", "2s"}, 6, end.ErrTimeLimit.Error()},
	} {
		stage.BubbleWith(t, []byte(leaky), faults, leakNow, func(w *stage.World) {
			ctx, cancel := context.WithCancelCause(context.Background())
			defer cancel(nil)
			go func() {
				select {
				case <-time.After(3 * time.Second):
					cancel(end.SIGTERM)
				case <-ctx.Done():
				}
			}()
			got, _ := inspectLive(w, ctx, file, c.args...)
			i := got.decode(t)
			if got.code != c.code || !slices.Contains(i.Verdict.Reasons, c.reason) || i.Contexts[0].Certificate.UID != alice {
				t.Errorf("exit %d, %+v\n%s", got.code, i.Verdict, got.stderr)
			}
		})
	}
}

// The account of an estate file is asked as well, over loopback.
func TestInspectSimulate(t *testing.T) {
	estate := filepath.Join(t.TempDir(), "estate.yaml")
	if err := os.WriteFile(estate, []byte(leaky), 0o600); err != nil {
		t.Fatal(err)
	}
	got := inspect(t, leakFile(leaked(t, "a", server, alice, leakExpires)), "--simulate", estate)
	for _, want := range []string{"account       prod (c1), eu-central-1 has this server",
		"principal     alice, a live RAM user created 2024-05-06T07:08:09Z",
		"shown as      Unexpired, expires 2028-09-10T11:12:13Z", "the pin       will act", `    name: "alice"`} {
		if !strings.Contains(got.stdout, want) {
			t.Errorf("it does not say %q:\n%s%s", want, got.stdout, got.stderr)
		}
	}
	if got.code != 0 {
		t.Errorf("exit %d", got.code)
	}
}

// The example of the help works, and its entry is the one of the policy that
// lies beside it.
func TestInspectExample(t *testing.T) {
	var stdout, stderr bytes.Buffer
	p := cli.Program{Args: []string{"inspect", "--simulate", "../../testdata/estate.yaml", "../../testdata/leaked.yaml"}, Env: []string{},
		Stdout: &stdout, Stderr: &stderr, Now: func() time.Time { return leakNow }}
	if code := p.Run(context.Background()); code != 0 || stderr.Len() > 0 {
		t.Errorf("exit %d\n%s", code, stderr.String())
	}
	for _, want := range []string{"principal     bob, a live RAM user", "the pin       will act",
		"  - uid: \"200000000000000002\"\n    name: \"bob\"",
		"- cluster: \"c0a1000000000000000000000000000002\"\n        expires: 2034-09-10T11:12:13Z\n"} {
		if !strings.Contains(stdout.String(), want) {
			t.Errorf("it does not say %q:\n%s", want, stdout.String())
		}
	}
}
