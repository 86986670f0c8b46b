package cli_test

import (
	"slices"
	"strings"
	"testing"

	"ackrevoke/cmd/test/stage"
)

// A world small enough to see through, with one of each kind.
func TestAuditFindsOneOfEachKind(t *testing.T) {
	stage.Keys(t, stage.Account)
	policy := stage.PolicyFile(t, []string{`{uid: "200000000000000003", reason: departed}`})
	stage.Bubble(t, []byte(stage.Findable), stage.Noon, func(w *stage.World) {
		a := w.Audit(stage.Full(policy, "--fail-on", stage.EveryKind)...)
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
		if got := stage.Claims(a.Audit); !slices.Equal(got, want) || a.Code != 3 {
			t.Errorf("exit %d, found\n%s\nwant\n%s\n%s", a.Code, strings.Join(got, "\n"), strings.Join(want, "\n"), a.Stderr)
		}
		if s := a.Audit.ServiceRoles; len(s) != 1 || s[0].UID != "380000000000000001" || s[0].Service != "log" {
			t.Errorf("services %+v", s)
		}
		for _, f := range a.Audit.Findings {
			if f.Means == "" || f.Hint == "" || f.Severity == "" || f.Entry == nil && f.Listed == nil && f.Kind != "not-revokable" {
				t.Errorf("incomplete: %+v", f)
			}
		}
	})
}
