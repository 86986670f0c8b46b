package stage

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"ackrevoke/ack"
	"ackrevoke/ack/sim"
	"ackrevoke/cmd/cli"
	"ackrevoke/job/end"
	"ackrevoke/job/report"
)

// Audited is what one audit left behind.
type Audited struct {
	Code           int
	Audit          *report.Audit // where JSON was asked for
	Stdout, Stderr string
	Calls          []sim.Call
}

// Audit audits the world, and holds the audit to its first promise: it makes no
// call but the reads that its RAM policy allows.
func (w *World) Audit(args ...string) Audited {
	w.T.Helper()
	return w.AuditIn(context.Background(), args...)
}

func (w *World) AuditIn(ctx context.Context, args ...string) Audited {
	w.T.Helper()
	w.Account.Reset()
	var stdout, stderr bytes.Buffer
	p := cli.Program{
		Args: append([]string{"audit", "--cs-endpoint", "http://127.0.0.1:1", "--ram-endpoint", "http://127.0.0.1:1", "--sts-endpoint",
			"http://127.0.0.1:1"}, args...),
		Env: []string{}, Stdin: strings.NewReader(""), Stdout: &stdout, Stderr: &stderr, Now: w.Now, Dial: w.Pipe.Dial,
	}
	a := Audited{Code: p.Run(ctx), Stdout: stdout.String(), Stderr: stderr.String(), Calls: w.Account.Calls()}
	for _, c := range a.Calls {
		known := slices.ContainsFunc(ack.AuditReads(), func(r ack.Read) bool { return r.Operation == c.Operation })
		if c.Write || !known {
			w.T.Errorf("audit %v called %s %s %s", args, c.Operation, c.Cluster, c.UID)
		}
	}
	if !slices.Contains(args, "json") || a.Code == end.CodeInvalid {
		return a
	}
	a.Audit = &report.Audit{}
	if err := json.Unmarshal([]byte(a.Stdout), a.Audit); err != nil {
		w.T.Fatalf("%v\n%s\n%s", err, a.Stdout, a.Stderr)
	}
	Fits(w.T, "audit", []byte(a.Stdout))
	if got := a.Audit.Verdict.ExitCode; got != a.Code {
		w.T.Errorf("the verdict says exit %d, and it is %d", got, a.Code)
	}
	if a.Audit.Verdict.Name == end.NoneFound && (a.Code != 0 || a.Audit.Open() || len(a.Audit.Coverage.Unread) > 0) {
		w.T.Errorf("none found, and something was not seen: %+v", a.Audit.Unknown)
	}
	return a
}

// Claims are the findings as "kind uid cluster".
func Claims(a *report.Audit) []string {
	var out []string
	for _, f := range a.Findings {
		for _, p := range f.Places {
			out = append(out, fmt.Sprintf("%s %s %s", f.Kind, f.UID, p.Cluster.ID))
		}
		if len(f.Places) == 0 {
			out = append(out, fmt.Sprintf("%s %s ", f.Kind, f.UID))
		}
	}
	return Lines(out, strings.Clone)
}

func Unknowns(a *report.Audit) []string {
	return Lines(a.Unknown, func(u report.Unknown) string {
		return fmt.Sprintf("%s %s %s accepted %v", u.UID, u.Cluster, u.Why, u.Accepted)
	})
}

var EveryKind = "deleted,locked,residual,all-clusters,expired-granted,owner,no-certificate,no-grant,not-revokable"

// Full are the flags that look at everything.
func Full(policy string, more ...string) []string {
	return append([]string{"--policy", policy, "--grants", "--residual", "--format", "json"}, more...)
}

func Counts(calls []sim.Call) map[string]int {
	n := map[string]int{}
	for _, c := range calls {
		n[c.Operation]++
	}
	return n
}

// Findable has one of each kind.
const Findable = `
account: "1234567890123456"
caller: {type: RAMUser, uid: "290000000000000001"}
users:
  - {uid: "290000000000000001", name: auditor, created: 2024-01-01T00:00:00Z}
  - {uid: "200000000000000001", name: alice, created: 2024-01-01T00:00:00Z}
  - {uid: "200000000000000002", name: bob, created: 2024-01-01T00:00:00Z, locked: true}
  - {uid: "200000000000000003", name: carol, created: 2024-01-01T00:00:00Z, login: true, accessKeys: [Active, Inactive]}
  - {uid: "200000000000000004", name: dave, created: 2024-01-01T00:00:00Z}
  - {uid: "200000000000000005", name: erin, created: 2024-01-01T00:00:00Z}
  - {uid: "200000000000000006", name: frank, created: 2024-01-01T00:00:00Z}
  - {uid: "200000000000000007", name: grace, created: 2024-01-01T00:00:00Z}
roles: [{uid: "300000000000000001", name: role, created: 2024-01-01T00:00:00Z}]
deleted: [{uid: "200000000000000009", name: mallory, kind: user}]
clusters:
  - {id: c1, name: one, region: r, created: 2024-01-01T00:00:00Z}
  - {id: c2, name: two, region: r, created: 2024-01-01T00:00:00Z}
credentials:
  - {uid: "1234567890123456", cluster: c1, expires: 2028-01-01T00:00:00Z}
  - {uid: "290000000000000001", cluster: c2, expires: 2028-01-01T00:00:00Z}
  - {uid: "200000000000000001", cluster: c1, expires: 2028-01-01T00:00:00Z}
  - {uid: "200000000000000002", cluster: c1, expires: 2028-01-01T00:00:00Z}
  - {uid: "200000000000000004", cluster: c2, expires: 2025-01-01T00:00:00Z}
  - {uid: "200000000000000005", cluster: c1, expires: 2028-01-01T00:00:00Z}
  - {uid: "200000000000000006", cluster: c1, expires: 2028-01-01T00:00:00Z}
  - {uid: "200000000000000007", cluster: c1, expires: 2028-01-01T00:00:00Z}
  - {uid: "200000000000000009", cluster: c1, expires: 2028-01-01T00:00:00Z}
  - {uid: "200000000000000009", cluster: c2, expires: 2025-01-01T00:00:00Z}
grants:
  - {uid: "290000000000000001", allClusters: true, role: admin}
  - {uid: "200000000000000001", cluster: c1, role: dev}
  - {uid: "200000000000000001", cluster: c2, namespace: payments, role: dev}
  - {uid: "200000000000000002", cluster: c1, role: dev}
  - {uid: "200000000000000003", cluster: c1, owner: true}
  - {uid: "200000000000000004", cluster: c2, role: dev}
  - {uid: "200000000000000006", allClusters: true, role: restricted}
  - {uid: "200000000000000007", cluster: c1, role: dev}
cloudServices: [{uid: "380000000000000001", name: AliyunCSManagedLogRole, service: log, cluster: c1}]
`
