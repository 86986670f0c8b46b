package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"ackrevoke/ack"
	"ackrevoke/ack/sim"
	"ackrevoke/job/end"
	"ackrevoke/job/report"
)

// audited is what one audit left behind.
type audited struct {
	code           int
	audit          *report.Audit // where JSON was asked for
	stdout, stderr string
	calls          []sim.Call
}

// audit audits the world, and holds the audit to its first promise: it makes no
// call but the reads that its RAM policy allows.
func (w *world) audit(args ...string) audited {
	w.t.Helper()
	return w.auditIn(context.Background(), args...)
}

func (w *world) auditIn(ctx context.Context, args ...string) audited {
	w.t.Helper()
	w.account.Reset()
	var stdout, stderr bytes.Buffer
	p := Program{
		Args: append([]string{"audit", "--cs-endpoint", "http://127.0.0.1:1", "--ram-endpoint", "http://127.0.0.1:1", "--sts-endpoint", "http://127.0.0.1:1"}, args...),
		Env:  []string{}, Stdin: strings.NewReader(""), Stdout: &stdout, Stderr: &stderr, Now: w.now, Dial: w.pipe.dial,
	}
	a := audited{code: p.Run(ctx), stdout: stdout.String(), stderr: stderr.String(), calls: w.account.Calls()}
	for _, c := range a.calls {
		known := slices.ContainsFunc(ack.AuditReads(), func(r ack.Read) bool { return r.Operation == c.Operation })
		if c.Write || !known {
			w.t.Errorf("audit %v called %s %s %s", args, c.Operation, c.Cluster, c.UID)
		}
	}
	if !slices.Contains(args, "json") || a.code == end.CodeInvalid {
		return a
	}
	a.audit = &report.Audit{}
	if err := json.Unmarshal([]byte(a.stdout), a.audit); err != nil {
		w.t.Fatalf("%v\n%s\n%s", err, a.stdout, a.stderr)
	}
	fits(w.t, "audit", []byte(a.stdout))
	if got := a.audit.Verdict.ExitCode; got != a.code {
		w.t.Errorf("the verdict says exit %d, and it is %d", got, a.code)
	}
	if a.audit.Verdict.Name == end.NoneFound && (a.code != 0 || a.audit.Open() || len(a.audit.Coverage.Unread) > 0) {
		w.t.Errorf("none found, and something was not seen: %+v", a.audit.Unknown)
	}
	return a
}

// claims are the findings as "kind uid cluster".
func claims(a *report.Audit) []string {
	var out []string
	for _, f := range a.Findings {
		for _, p := range f.Places {
			out = append(out, fmt.Sprintf("%s %s %s", f.Kind, f.UID, p.Cluster.ID))
		}
		if len(f.Places) == 0 {
			out = append(out, fmt.Sprintf("%s %s ", f.Kind, f.UID))
		}
	}
	return lines(out, strings.Clone)
}

func unknowns(a *report.Audit) []string {
	return lines(a.Unknown, func(u report.Unknown) string {
		return fmt.Sprintf("%s %s %s accepted %v", u.UID, u.Cluster, u.Why, u.Accepted)
	})
}

var everyKind = "deleted,locked,residual,all-clusters,expired-granted,owner,no-certificate,no-grant,not-revokable"

// full are the flags that look at everything.
func full(policy string, more ...string) []string {
	return append([]string{"--policy", policy, "--grants", "--residual", "--format", "json"}, more...)
}

func counts(calls []sim.Call) map[string]int {
	n := map[string]int{}
	for _, c := range calls {
		n[c.Operation]++
	}
	return n
}

// A world small enough to see through, with one of each kind.
func TestAuditFindsOneOfEachKind(t *testing.T) {
	keys(t, showcaseAccount)
	policy := policyFile(t, []string{`{uid: "200000000000000003", reason: departed}`})
	bubble(t, []byte(findable), noon, func(w *world) {
		a := w.audit(full(policy, "--fail-on", everyKind)...)
		want := []string{
			"all-clusters 200000000000000006 ",
			"deleted 200000000000000009 c1",
			"expired-granted 200000000000000004 c2",
			"locked 200000000000000002 c1",
			"no-certificate 200000000000000001 c2",
			"no-grant 200000000000000005 c1",
			"not-revokable 1234567890123456 c1",
			"not-revokable 290000000000000001 c2",
			"owner 200000000000000003 c1",
			"residual 200000000000000003 ",
		}
		if got := claims(a.audit); !slices.Equal(got, want) || a.code != 3 {
			t.Errorf("exit %d, found\n%s\nwant\n%s\n%s", a.code, strings.Join(got, "\n"), strings.Join(want, "\n"), a.stderr)
		}
		if s := a.audit.ServiceRoles; len(s) != 1 || s[0].UID != "380000000000000001" || s[0].Service != "log" {
			t.Errorf("services %+v", s)
		}
		for _, f := range a.audit.Findings {
			if f.Means == "" || f.Hint == "" || f.Severity == "" || f.Entry == nil && f.Listed == nil && f.Kind != "not-revokable" {
				t.Errorf("incomplete: %+v", f)
			}
		}
	})
}

// findable has one of each kind.
const findable = `
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
