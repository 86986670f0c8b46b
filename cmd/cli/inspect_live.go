package cli

import (
	"context"
	"errors"
	"slices"

	"ackrevoke/job/end"
	"ackrevoke/job/look"
	"ackrevoke/job/report"
	"ackrevoke/job/sight"
	"ackrevoke/policy"
)

// trace asks the account about the certificates of an inspected file. What the
// file says stands whatever becomes of that; an error is one of the command
// line.
func (p Program) trace(ctx context.Context, o *options, i *report.Inspect) ([]ending, error) {
	a, err := p.connectToLook(o, nil)
	if err != nil {
		return nil, err
	}
	defer a.close()
	i.Live, i.Simulated = true, a.simulated
	v := p.voice(o)
	ctx, cancel := context.WithTimeoutCause(ctx, o.timeout, end.ErrTimeLimit)
	defer cancel()
	leaked := make([]look.Leaked, len(i.Contexts))
	for n, c := range i.Contexts {
		leaked[n].Server = c.Server
		if pinnable(c) {
			leaked[n].UID, leaked[n].Expires = c.Certificate.UID, c.Certificate.ExpiresAt.Time
		}
	}
	caller, traced, err := look.Inspect(ctx, &sight.Sight{Reader: a.Client, Concurrency: o.concurrency, Now: p.Now, Tell: v.Hear}, leaked)
	v.Quiet()
	if caller.AccountID != "" {
		i.Account = report.NewAccount(caller)
	}
	all := untraced(i, err)
	if len(all) > 0 {
		v.Panicked(err)
	}
	for n, t := range traced {
		i.Contexts[n].Account = inspectedLive(t)
		if t.Fault != nil && t.Why == policy.ReadFailed || t.Fault != nil && t.Pin == "" {
			all = append(all, ending{end.CodeIncomplete, "incomplete"})
			note(i, t.Fault, "")
		}
	}
	switch by, cause := end.BySignal(ctx), context.Cause(ctx); {
	case by != nil:
		all = append(all, ending{by.Code, by.Error()})
	case errors.Is(cause, end.ErrTimeLimit):
		all = append(all, ending{end.CodeIncomplete, cause.Error()})
	}
	return all, nil
}

// untraced notes why nothing could be asked; nil for no error.
func untraced(i *report.Inspect, err error) []ending {
	var not *sight.Unseen
	switch {
	case err == nil:
		return nil
	case !errors.As(err, &not):
		note(i, &policy.Fault{Kind: policy.Internal, Message: err.Error()}, "this is a defect of ackrevoke: report it")
		return []ending{{end.CodeError, "error"}}
	case not.Fault == nil:
		note(i, &policy.Fault{Kind: policy.Denied, Message: not.Message},
			"give the caller ram:ListUsers, ram:ListRoles and cs:GetClusters on everything")
	case not.Nothing():
		note(i, not.Fault, "")
		return []ending{{end.CodeError, "error"}}
	default:
		note(i, not.Fault, "")
	}
	return []ending{{end.CodeIncomplete, "incomplete"}}
}

// note puts an error into the answer, once.
func note(i *report.Inspect, f *policy.Fault, hint string) {
	e := *report.NewError(f, hint)
	if !slices.ContainsFunc(i.Errors, func(o report.Error) bool { return o.Message == e.Message }) {
		i.Errors = append(i.Errors, e)
	}
}

func inspectedLive(t look.Inspected) *report.InspectedLive {
	l := &report.InspectedLive{
		PlacedBy: string(t.Placed), UID: t.Who.UID, Identity: t.Identity, Kind: t.Who.Kind, Name: t.Who.Name, Created: report.At(t.Who.CreatedAt),
		Shows: report.Certificate{State: t.Shows.State, Expires: report.At(t.Shows.Expires)}, Pin: string(t.Pin), Why: t.Why, Reason: t.Reason,
	}
	for _, c := range t.Clusters {
		l.Clusters = append(l.Clusters, report.Cluster{ID: c.ID, Name: c.Name, Region: c.Region})
	}
	for _, s := range t.Also {
		l.Also = append(l.Also, s.Cluster)
	}
	slices.Sort(l.Also)
	return l
}
