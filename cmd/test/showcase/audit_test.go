package showcase

import (
	"fmt"
	"path/filepath"

	"ackrevoke/cmd/test/stage"
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
func (s step) audits(w *stage.World, name, folder string) {
	t := w.T
	t.Helper()
	args := s.Args
	if s.Policy != "" {
		args = append([]string{"--policy", filepath.Join(folder, s.Policy)}, args...)
	}
	got := w.Audit(append([]string{"--format", "json"}, args...)...)
	if got.Code != s.Exit || got.Audit == nil {
		t.Fatalf("%s: exit %d, want %d\n%s", name, got.Code, s.Exit, got.Stderr)
	}
	if s.Verdict != "" && string(got.Audit.Verdict.Name) != s.Verdict {
		t.Errorf("%s: verdict %s, want %s", name, got.Audit.Verdict.Name, s.Verdict)
	}
	a := got.Audit
	if s.Calls != nil {
		same(t, name+" calls", s.Calls, stage.Counts(got.Calls))
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
	proposal := w.Audit(append([]string{"--emit-policy"}, args...)...)
	drafted, err := policy.Load("proposal", []byte(proposal.Stdout))
	if err != nil || proposal.Code != s.Exit {
		t.Fatalf("%s: the proposal does not load, exit %d: %v\n%s", name, proposal.Code, err, proposal.Stdout)
	}
	for _, l := range []struct {
		what string
		want *[]string
		got  []string
	}{
		{"findings", s.Audit.Findings, found},
		{"unknown", s.Audit.Unknown, stage.Unknowns(a)},
		{"services", s.Audit.Services, stage.Each(a.ServiceRoles, func(r report.ServiceRole) string { return r.UID + " " + r.Service })},
		{"notes", s.Audit.Notes, stage.Each(a.Notes,
			func(n report.AuditNote) string { return fmt.Sprintf("%s %s %s", n.UID, n.Cluster, n.What) })},
		{"retirable", s.Audit.Retirable, stage.Each(a.Retirable, func(r report.RetirableRow) string { return r.UID })},
		{"proposed", s.Audit.Proposed, stage.Each(drafted.Principals, func(p policy.Principal) string { return p.UID })},
		{"unread", s.Audit.Unread, a.Coverage.Unread},
		{"deferred", s.Audit.Deferred, a.Coverage.Deferred},
	} {
		same(t, name+" "+l.what, l.want, l.got)
	}
}
