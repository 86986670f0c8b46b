package main

import (
	"fmt"
	"path/filepath"

	"ackrevoke/job/report"
	"ackrevoke/policy"
)

// auditStep is what a step that audits promises. A policy is given where the
// step names one. Whatever is promised, the proposal of an audit loads.
type auditStep struct {
	Findings  *[]string `yaml:"findings"` // "kind uid cluster", ", listed" where the policy covers all of it
	Unknown   *[]string `yaml:"unknown"`  // "uid cluster why accepted false"
	Services  *[]string `yaml:"services"` // "uid service"
	Notes     *[]string `yaml:"notes"`    // "uid cluster what"
	Retirable *[]string `yaml:"retirable"`
	Proposed  *[]string `yaml:"proposed"` // uids of the entries that --emit-policy makes
	Unread    *[]string `yaml:"unread"`
	Deferred  *[]string `yaml:"deferred"`
}

// audits plays a step that audits: once for the JSON and once for the policy.
func (s step) audits(w *world, name, folder string) {
	t := w.t
	t.Helper()
	args := s.Args
	if s.Policy != "" {
		args = append([]string{"--policy", filepath.Join(folder, s.Policy)}, args...)
	}
	got := w.audit(append([]string{"--format", "json"}, args...)...)
	if got.code != s.Exit || got.audit == nil {
		t.Fatalf("%s: exit %d, want %d\n%s", name, got.code, s.Exit, got.stderr)
	}
	if s.Verdict != "" && string(got.audit.Verdict.Name) != s.Verdict {
		t.Errorf("%s: verdict %s, want %s", name, got.audit.Verdict.Name, s.Verdict)
	}
	a := got.audit
	if s.Calls != nil {
		same(t, name+" calls", s.Calls, counts(got.calls))
	}
	found := []string{}
	for _, f := range a.Findings {
		listed := ""
		if f.Listed != nil && f.Listed.Covers {
			listed = ", listed"
		}
		for _, p := range f.Places {
			found = append(found, fmt.Sprintf("%s %s %s%s", f.Kind, f.UID, p.Cluster.ID, listed))
		}
		if len(f.Places) == 0 {
			found = append(found, fmt.Sprintf("%s %s%s", f.Kind, f.UID, listed))
		}
	}
	proposal := w.audit(append([]string{"--emit-policy"}, args...)...)
	drafted, err := policy.Load("proposal", []byte(proposal.stdout))
	if err != nil || proposal.code != s.Exit {
		t.Fatalf("%s: the proposal does not load, exit %d: %v\n%s", name, proposal.code, err, proposal.stdout)
	}
	for _, l := range []struct {
		what string
		want *[]string
		got  []string
	}{
		{"findings", s.Audit.Findings, found},
		{"unknown", s.Audit.Unknown, unknowns(a)},
		{"services", s.Audit.Services, each(a.ServiceRoles, func(r report.ServiceRole) string { return r.UID + " " + r.Service })},
		{"notes", s.Audit.Notes, each(a.Notes, func(n report.AuditNote) string { return fmt.Sprintf("%s %s %s", n.UID, n.Cluster, n.What) })},
		{"retirable", s.Audit.Retirable, each(a.Retirable, func(r report.RetirableRow) string { return r.UID })},
		{"proposed", s.Audit.Proposed, each(drafted.Principals, func(p policy.Principal) string { return p.UID })},
		{"unread", s.Audit.Unread, a.Coverage.Unread},
		{"deferred", s.Audit.Deferred, a.Coverage.Deferred},
	} {
		same(t, name+" "+l.what, l.want, l.got)
	}
}
