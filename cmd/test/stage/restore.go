package stage

import (
	"bytes"
	"context"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"ackrevoke/ack/sim"
	"ackrevoke/cmd/cli"
	"ackrevoke/job/report"
)

// Wronged is the account in which the wrong one was revoked: alice on two
// clusters, with grants of every kind, and bob, who is none of it.
const Wronged = `
account: "1234567890123456"
caller: {type: Account}
users:
  - {uid: "200000000000000001", name: alice, created: 2024-01-01T00:00:00Z}
  - {uid: "200000000000000002", name: bob, created: 2024-01-01T00:00:00Z}
roles: [{uid: "300000000000000001", name: role, created: 2024-01-01T00:00:00Z}]
clusters:
  - {id: c1, name: one, region: r, created: 2024-01-01T00:00:00Z}
  - {id: c2, name: two, region: r, created: 2024-01-01T00:00:00Z}
  - {id: c3, name: other, region: r, created: 2024-01-01T00:00:00Z}
credentials:
  - {uid: "200000000000000001", cluster: c1, expires: 2028-01-01T00:00:00Z}
  - {uid: "200000000000000001", cluster: c2, expires: 2028-01-01T00:00:00Z}
  - {uid: "300000000000000001", cluster: c1, expires: 2028-01-01T00:00:00Z}
grants:
  - {uid: "200000000000000001", cluster: c1, role: dev}
  - {uid: "200000000000000001", cluster: c1, namespace: payments, role: restricted}
  - {uid: "200000000000000001", cluster: c1, role: my-view, custom: true}
  - {uid: "200000000000000001", cluster: c2, role: dev}
  - {uid: "200000000000000001", cluster: c3, role: ops}
  - {uid: "200000000000000002", cluster: c1, role: admin}
  - {uid: "300000000000000001", cluster: c1, role: ops}
`

var AliceLeft = []string{`{uid: "200000000000000001", reason: departed, clusters: [one, two]}`}

// Restored is what one restore left behind.
type Restored struct {
	Ran
	Restore *report.Restore
}

// Gives are the writes of a restore, as the account saw them.
func (r Restored) Gives() []string {
	var w []string
	for _, c := range r.Calls {
		if c.Write {
			w = append(w, c.Operation+" "+c.Query.Get("mode")+" "+c.UID)
		}
	}
	return w
}

// Waited is how long a restore looked before it wrote.
func (r Restored) Waited() time.Duration {
	first := slices.IndexFunc(r.Calls, func(c sim.Call) bool { return c.Operation == "DescribeUserPermission" && c.UID == AliceUID })
	write := slices.IndexFunc(r.Calls, func(c sim.Call) bool { return c.Write })
	if first < 0 || write < 0 {
		return 0
	}
	return r.Calls[write].At.Sub(r.Calls[first].At)
}

// Command makes the program do something against the world's account.
func (w *World) Command(ctx context.Context, with func(*cli.Program), args ...string) Ran {
	w.T.Helper()
	w.Account.Reset()
	var stdout, stderr bytes.Buffer
	p := cli.Program{
		Args: append(slices.Clone(args), "--cs-endpoint", "http://127.0.0.1:1", "--ram-endpoint", "http://127.0.0.1:1", "--sts-endpoint",
			"http://127.0.0.1:1"),
		Env: []string{}, Stdin: strings.NewReader(""), Stdout: &stdout, Stderr: &stderr, Now: w.Now, Dial: w.Pipe.Dial,
	}
	if with != nil {
		with(&p)
	}
	return Ran{Code: p.Run(ctx), Stdout: stdout.String(), Stderr: stderr.String(), Calls: w.Account.Calls()}
}

// Restore gives alice back what the report of the world's last run took from
// her on a cluster, unless the arguments say something else.
func (w *World) Restore(ctx context.Context, policy, cluster string, args ...string) Restored {
	w.T.Helper()
	return w.RestoreFrom(ctx, nil, filepath.Join(w.Dir, "report.json"), policy, cluster, args...)
}

func (w *World) RestoreFrom(ctx context.Context, with func(*cli.Program), source, policy, cluster string, args ...string) Restored {
	w.T.Helper()
	r := Restored{Ran: w.Command(ctx, with, append([]string{"restore", source, "-p", policy, "--uid", AliceUID, "--cluster", cluster,
		"-o", "-", "--log-format", "json"}, args...)...)}
	if r.Stdout == "" {
		return r
	}
	var err error
	if r.Restore, err = report.DecodeAs[report.Restore]([]byte(r.Stdout), report.RestoreSchemaName); err != nil {
		w.T.Fatalf("report: %v\n%s", err, r.Stdout)
	}
	if r.Restore.Verdict.ExitCode != r.Code {
		w.T.Errorf("exit %d, and the report says %+v", r.Code, r.Restore.Verdict)
	}
	Fits(w.T, "restore", []byte(r.Stdout))
	return r
}

// Grants are the true permissions of a principal, of those on some clusters.
func (w *World) Grants(uid string, clusters ...string) []sim.Grant {
	out := []sim.Grant{}
	for _, g := range w.Account.Truth().Grants {
		if g.UID == uid && (len(clusters) == 0 || slices.Contains(clusters, g.Cluster)) {
			out = append(out, g)
		}
	}
	return out
}

func (w *World) Must(got Ran, code int) {
	w.T.Helper()
	if got.Code != code {
		w.T.Fatalf("exit %d, want %d\n%s", got.Code, code, got.Stderr)
	}
}
