// Package look is the commands that only look: audit (everybody who holds
// something), doctor (what is in the way of a run), show (what one principal can
// reach) and inspect (what a leaked file opens). It cannot import what writes.
//
// Begin with doctor.go, which makes the very reads of a run; diagnose.go says what
// they mean, and place.go for which cluster a leaked certificate is.
package look

import (
	"context"
	"fmt"
	"sync"
	"time"

	"ackrevoke/job/end"
	"ackrevoke/job/report"
	"ackrevoke/job/sight"
	"ackrevoke/policy"
	"ackrevoke/policy/audit"
)

// Auditor is what an audit may look at, beside what every command may.
type Auditor interface {
	sight.Reader
	Services(ctx context.Context, cluster string) ([]policy.Holder, error)
	Login(ctx context.Context, user string) (bool, error)
	ActiveKeys(ctx context.Context, user string) (int, error)
}

// AuditConfig is what an audit works with. It has no place for a Revoker.
type AuditConfig struct {
	Policy      *policy.Policy // nil: nobody is listed
	Reader      Auditor
	Grants      bool                // ask for the grants of every holder
	Residual    bool                // ask what listed users can still get in with
	FailOn      []audit.FindingKind // kinds that are not to be found
	Concurrency int
	Now         func() time.Time
	Calls       func() report.Calls
	Tell        func(sight.Event)
}

// auditor is one audit under way.
type auditor struct {
	AuditConfig
	sight *sight.Sight
	*report.Audit

	mu     sync.Mutex // of the survey
	survey *audit.Survey
	held   end.Held
}

// Audit looks at the whole account in this order, and writes nothing:
//
//	who asks                  GetCallerIdentity; under another account nothing else is asked
//	the directory             users, roles, clusters region by region; with grants the caller's own
//	the caller's credentials  for clusters that the listing lacks
//	each cluster              its list of principals and that of cloud services
//	the directory again       only where RAM and the lists contradict each other
//	the grants of each holder and the access of each leaver, where asked for
//
// The directory comes before the lists: who is in a list and not in it was
// deleted before, or created since. What the lists show is folded away cluster
// by cluster, so that the size of an account does not matter. An error is a
// *Panic: then the audit says so too.
func Audit(ctx context.Context, q AuditConfig) (*report.Audit, error) {
	a := &auditor{AuditConfig: q, Audit: report.NewAudit()}
	a.sight = &sight.Sight{Reader: q.Reader, Concurrency: q.Concurrency, Now: q.Now, Tell: q.Tell}
	if q.Policy != nil {
		info := report.NewPolicyInfo(q.Policy)
		a.Audit.Policy = &info
	}
	a.StartedAt = report.At(q.Now())
	a.Asked = report.Asked{Grants: q.Grants, Residual: q.Residual, FailOn: q.FailOn}
	a.sight.Net.Safely(func() { a.look(ctx) })
	p := a.sight.Net.Caught()
	if p != nil {
		a.held.Error = true
		a.Errors = append(a.Errors, report.Defect(p.Error()))
	}
	if a.survey != nil {
		a.sight.Net.Safely(func() { a.Fill(a.survey.Inventory()) })
	}
	a.end(ctx)
	if p = a.sight.Net.Caught(); p != nil {
		return a.Audit, p
	}
	return a.Audit, nil
}

// look makes the reads. It ends early where nothing can be said without what
// could not be had.
func (a *auditor) look(ctx context.Context) {
	caller, unseen := a.sight.Caller(ctx)
	if unseen != nil {
		a.stop(unseen)
		return
	}
	a.Account = report.NewAccount(caller)
	if a.AuditConfig.Policy != nil && a.AuditConfig.Policy.Account != caller.AccountID {
		a.held.Error = true
		a.Errors = append(a.Errors, report.Error{Kind: policy.Denied,
			Message: fmt.Sprintf("the credentials belong to account %s and the policy is for account %s: nothing was read", caller.AccountID,
				a.AuditConfig.Policy.Account),
			Hint: "audit with credentials of the policy's account, or without --policy"})
		return
	}
	parts := sight.People | sight.Clusters
	if a.Grants {
		parts = sight.All
	}
	d, faults := a.sight.Directory(ctx, caller, parts)
	if f := sight.First(faults); f != nil {
		a.stop(&sight.Unseen{Fault: f})
		return
	}
	survey := audit.NewSurvey(d, a.AuditConfig.Policy, a.Grants, a.Now())
	if wrong := survey.Listing(); len(wrong) > 0 {
		a.held.Incomplete = true
		for _, g := range wrong {
			a.Errors = append(a.Errors, report.Error{Kind: policy.Unavailable, Message: g.Message,
				Hint: "correct this and audit again: nothing was looked for"})
		}
		return
	}
	if a.sight.Net.Caught() != nil {
		return // what was read is not to be judged
	}
	a.survey = survey
	a.own(ctx, caller)
	a.lists(ctx)
	a.confirm(ctx)
	a.grants(ctx)
	a.strays(ctx)
	a.access(ctx)
}

// lists reads both lists of every cluster, and folds them in as they come.
func (a *auditor) lists(ctx context.Context) {
	clusters := a.survey.Clusters()
	a.sight.Stage("clusters read", len(clusters), func(i int) {
		id := clusters[i]
		list, services := a.sight.List(ctx, id), policy.ClusterList{Cluster: id}
		if list.Err == nil {
			rows, err := a.Reader.Services(ctx, id)
			services.Holders, services.Err = sight.Rows("ListClusterKubeconfigStates", rows, err)
		}
		// What is not found was there a moment ago: it is asked for by name.
		gone := false
		if f := list.Err; f != nil && f.Kind == policy.NotFound {
			gone = a.sight.Stray(ctx, id).Gone
		}
		a.fold(func(s *audit.Survey) {
			if gone {
				s.Gone(id)
				return
			}
			s.List(list, services)
		})
	})
}

func (a *auditor) fold(in func(*audit.Survey)) {
	a.mu.Lock()
	defer a.mu.Unlock()
	in(a.survey)
}

// confirm looks at RAM once more, where one witness is not enough.
func (a *auditor) confirm(ctx context.Context) {
	if !a.survey.Doubtful() {
		return
	}
	d, faults := a.sight.Directory(ctx, policy.Caller{}, sight.People)
	if f := sight.First(faults); f != nil {
		e := report.NewError(f, "audit again: it could not be told who was created or deleted meanwhile")
		e.Message = f.Op + ", the second time: " + e.Message
		a.Errors = append(a.Errors, *e)
		return
	}
	a.survey.Confirm(d.Users, d.Roles)
}

func (a *auditor) grants(ctx context.Context) {
	holders := a.survey.Holders()
	a.sight.Stage("grants read", len(holders), func(i int) {
		rows, err := a.Reader.Grants(ctx, holders[i])
		rows, f := sight.Rows("DescribeUserPermission", rows, err)
		a.fold(func(s *audit.Survey) { s.Granted(holders[i], rows, f) })
	})
}

// own reads the caller's own credentials: they may name clusters that the
// listing lacks.
func (a *auditor) own(ctx context.Context, caller policy.Caller) {
	states, err := a.Reader.States(ctx, caller.UID)
	states, f := sight.Rows("ListUserKubeConfigStates", states, err)
	a.fold(func(s *audit.Survey) { s.Own(states, f) })
}

// strays asks for each cluster that rows name and the listing lacks.
func (a *auditor) strays(ctx context.Context) {
	strays := a.survey.Strays()
	a.sight.Stage("clusters asked for by name", len(strays), func(i int) {
		x := a.sight.Stray(ctx, strays[i])
		a.fold(func(s *audit.Survey) { s.Stray(x) })
	})
}

func (a *auditor) access(ctx context.Context) {
	if !a.Residual {
		return
	}
	leavers := a.survey.Leavers()
	a.sight.Stage("access read", len(leavers), func(i int) {
		var got audit.WayIn
		var err error
		id := leavers[i]
		got.Login, err = a.Reader.Login(ctx, id.Name)
		f := sight.Fault("GetLoginProfile", err)
		if f == nil {
			got.ActiveKeys, err = a.Reader.ActiveKeys(ctx, id.Name)
			f = sight.Fault("ListAccessKeys", err)
		}
		a.fold(func(s *audit.Survey) { s.Access(id.UID, got, f) })
	})
}

// stop ends an audit for want of a read that everything else hangs on.
func (a *auditor) stop(u *sight.Unseen) {
	a.Errors = append(a.Errors, report.Stopping(u.Fault))
	if u.Fault.Kind != policy.Canceled {
		a.held.Error, a.held.Incomplete = u.Nothing(), !u.Nothing()
	}
}

// end adds what every audit has, whatever became of it.
func (a *auditor) end(ctx context.Context) {
	if late := a.held.Cut(ctx); late != nil {
		a.Errors = append(a.Errors, report.Error{Kind: policy.Timeout, Message: late.Error(),
			Hint: "audit again with a longer --timeout or a higher --read-qps: what was not reached is not known"})
	}
	if a.AuditConfig.Calls != nil {
		a.Audit.Calls = a.AuditConfig.Calls()
	}
	a.FinishedAt = report.At(a.Now())
	a.Complete()
	a.Verdict = AuditVerdict(a.Audit, a.held)
}

// AuditVerdict says how an audit ended, from what it found and what else holds:
//
//	6 incomplete   something could not be seen and is not accepted, or the time ran out
//	3 found        a finding of a kind that --fail-on names, and not accepted
//	0 found        there are others
//	0 none-found   there is none
func AuditVerdict(r *report.Audit, held end.Held) end.Verdict {
	held.Incomplete = held.Incomplete || r.Open()
	held.Left = r.Fails() > 0
	clean := end.NoneFound
	if len(r.Findings) > 0 {
		clean = end.FoundSome
	}
	return held.Verdict(clean, end.FoundSome)
}
