package job

import (
	"context"
	"fmt"
	"time"

	"ackrevoke/policy"
)

// Look is for the commands that only look at principals: it reads with the
// very steps of a run, and has no place for a Revoker.
type Look struct {
	Reader      Reader
	Account     string   // the account that it must be; "" for whichever the caller has
	Regions     []string // of a policy's scope, for where the service does not say which regions there are
	Concurrency int
	Now         func() time.Time
	Tell        func(Event)
}

// Unlooked is why looking ended before there was anything to see. It is a
// *policy.Fault, another account than the expected one, or a listing that
// cannot be believed.
type Unlooked struct {
	Fault   *policy.Fault
	Nobody  bool   // not even the caller is known
	Foreign bool   // the credentials belong to another account
	Message string // where there is no fault
}

func (u *Unlooked) Error() string {
	if u.Fault != nil {
		return u.Fault.Error()
	}
	return u.Message
}

// NothingReadable reports whether the account could not be read at all, rather
// than not in full.
func (u *Unlooked) NothingReadable() bool {
	return u.Nobody || u.Fault != nil && nothingReadable(u.Fault)
}

// People reads the caller, the users and the roles: all that it takes to know
// who is meant.
func (l Look) People(ctx context.Context) (policy.Directory, error) {
	j := l.job()
	d, err := l.caller(ctx)
	if err != nil {
		return d, err
	}
	var faults [2]*policy.Fault
	j.each(len(faults), func(i int) {
		var err error
		if i == 0 {
			d.Users, err = l.Reader.Users(ctx)
			faults[i] = fault("ListUsers", err)
			return
		}
		d.Roles, err = l.Reader.Roles(ctx)
		faults[i] = fault("ListRoles", err)
	})
	return d, l.judge(j, d, faults[:])
}

// Directory reads all that a run reads before it looks at single principals.
func (l Look) Directory(ctx context.Context) (policy.Directory, error) {
	j := l.job()
	d, err := l.caller(ctx)
	if err != nil {
		return d, err
	}
	d, faults := j.listings(ctx, d.Caller)
	return d, l.judge(j, d, faults[:])
}

// Access reads what one principal can reach. What could not be read is a gap
// in the answer; an error is a *Panic.
func (l Look) Access(ctx context.Context, r *policy.Resolution, id policy.Identity, state policy.IdentityState) (*policy.Access, error) {
	j := l.job()
	var access *policy.Access
	j.safely(func() {
		s := j.subject(ctx, id.UID)
		ids, strange := r.AccessNeeds(state, &s)
		lists := make([]policy.ClusterList, len(ids))
		j.each(len(ids), func(i int) {
			lists[i] = j.list(ctx, ids[i])
			j.tell(Event{Kind: Progress, Stage: "cluster lists read", Of: len(ids)})
		})
		strays := make([]policy.Stray, len(strange))
		j.each(len(strange), func(i int) { strays[i] = j.stray(ctx, strange[i]) })
		access = r.Access(id, state, &s, lists, strays)
	})
	if p := j.caught(); p != nil {
		return nil, p
	}
	return access, nil
}

func (l Look) job() *job {
	return &job{Config: Config{Policy: &policy.Policy{Scope: policy.Scope{Regions: l.Regions}}, Reader: l.Reader, Concurrency: l.Concurrency, Now: l.Now, Tell: l.Tell}}
}

// caller finds out who asks; under a wrong account nothing else is asked.
func (l Look) caller(ctx context.Context) (policy.Directory, error) {
	caller, err := l.Reader.Caller(ctx)
	if f := fault("GetCallerIdentity", err); f != nil {
		return policy.Directory{}, &Unlooked{Fault: f, Nobody: true}
	}
	if l.Account != "" && caller.AccountID != l.Account {
		return policy.Directory{}, &Unlooked{Foreign: true,
			Message: fmt.Sprintf("the credentials belong to account %s and the policy is for account %s: nothing else was read", caller.AccountID, l.Account)}
	}
	return policy.Directory{Caller: caller}, nil
}

// judge says whether what was read can be believed.
func (l Look) judge(j *job, d policy.Directory, faults []*policy.Fault) error {
	if p := j.caught(); p != nil {
		return p
	}
	for _, f := range faults {
		if f != nil {
			return &Unlooked{Fault: f}
		}
	}
	if ok, message := d.Complete(); !ok {
		return &Unlooked{Message: message}
	}
	return nil
}
