package tools

import (
	"slices"
	"strings"
	"testing"
)

// A URL with a password comes from a Secret, to the runs alone, and is on no command line.
func TestPushSecret(t *testing.T) {
	o := rendered(t, "audit-only.yaml", "--set", "metrics.pushSecret.name=gateway,metrics.pushSecret.key=address,prometheusRule.enabled=true")
	pod, _ := o.pod(t, "ackrevoke")
	if got := environment(pod)["ACKREVOKE_PUSH"]; got != "gateway/address" {
		t.Errorf("ACKREVOKE_PUSH is %q", got)
	}
	args := strings.Join(pod.Containers[0].Args, " ")
	if strings.Contains(args, "--push=") || !strings.Contains(args, " --push-source=ackrevoke.ackrevoke") {
		t.Errorf("arguments: %s", args)
	}
	audit, _ := o.pod(t, "ackrevoke-audit")
	if _, has := environment(audit)["ACKREVOKE_PUSH"]; has {
		t.Error("the audit has the password of the Pushgateway")
	}
	i := slices.IndexFunc(o.rules["ackrevoke"].Spec.Groups[0].Rules, func(a alert) bool { return a.Alert == "AckrevokeNoSuccess" })
	if expr := o.rules["ackrevoke"].Spec.Groups[0].Rules[i].Expr; !strings.Contains(expr, "ackrevoke_last_success_timestamp_seconds") {
		t.Errorf("runs push, and the alert does not look there: %s", expr)
	}
	pod, _ = rendered(t, "audit-only.yaml", "--set", "metrics.pushSecret.name=gateway").pod(t, "ackrevoke")
	if got := environment(pod)["ACKREVOKE_PUSH"]; got != "gateway/url" {
		t.Errorf("without a key: %q", got)
	}
	pod, _ = rendered(t, "audit-only.yaml").pod(t, "ackrevoke")
	if args := strings.Join(pod.Containers[0].Args, " "); strings.Contains(args, "--push") || len(environment(pod)) != 0 {
		t.Errorf("nothing is pushed: %s %v", args, environment(pod))
	}
	p := rendered(t, "audit-only.yaml", "--set", "metrics.pushSecret.name=gateway,networkPolicy.enabled=true,networkPolicy.pushPort=9091").
		policies["ackrevoke"].Spec
	if got := egress(p.Egress[len(p.Egress)-1]); got != "TCP/9091" {
		t.Errorf("the way to the gateway is %s", got)
	}
}

func TestPushIsRefused(t *testing.T) {
	for set, says := range map[string]string{
		"metrics.pushSecret.name=gateway,metrics.push=http://gateway":     "metrics.push and metrics.pushSecret.name are both set",
		"metrics.push=https://robot:hunter2@gateway":                      "--set metrics.pushSecret.name=NAME",
		"metrics.push=https://token@gateway/base":                         "--set metrics.pushSecret.name=NAME",
		"metrics.pushSecret.name=gateway,networkPolicy.enabled=true":      "--set networkPolicy.pushPort=9091",
		"metrics.pushSecret.key=x y":                                      "at '/metrics/pushSecret/key'",
		"metrics.pushSecret.secret=gateway":                               "additional properties 'secret' not allowed",
		"networkPolicy.pushPort=65536":                                    "at '/networkPolicy/pushPort'",
		"env.ACKREVOKE_PUSH=http://gateway,metrics.pushSecret.name=other": "env has ACKREVOKE_PUSH",
	} {
		err := inProcess(t, "audit-only.yaml", set)
		if err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s\nwant: %s\n got: %v", set, says, err)
		}
		if err != nil && strings.Contains(err.Error(), "hunter2") {
			t.Errorf("the password is told: %v", err)
		}
	}
}

// An account of the policy is looked for by its alert; others, and what is none, are not.
func TestAccountsOfTheRules(t *testing.T) {
	for file, want := range map[string]int{"everything.yaml": 1, "accounts.yaml": 3, "existing-accounts.yaml": 0, "existing.yaml": 0} {
		for _, r := range rules(t, file, "--set", "metrics.push=http://gateway") {
			if r.Alert == "AckrevokeNoSuccess" && strings.Count(r.Expr, "absent(ackrevoke_last_attempt_timestamp_seconds{account=") != want {
				t.Errorf("%s: %s", file, r.Expr)
			}
		}
	}
}
