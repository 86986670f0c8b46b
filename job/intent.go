package job

import (
	"time"

	"ackrevoke/job/sight"
	"ackrevoke/policy"
)

// intent puts on disk what is about to be taken away, and tells it. Without
// it the write must not be made.
func (j *job) intent(a *policy.Action, try int) error {
	l := Line{Type: "intent", Run: j.Run.ID, At: j.Now().UTC(), Account: j.Policy.Account, Action: a.ID, Try: try, Simulated: j.Run.Simulated,
		Operation: a.Operation, UID: a.UID, Kind: a.Kind, Name: a.Name, CreatedAt: moment(a.CreatedAt), Reason: a.Reason, Force: a.Force,
		Cluster:     &JournalCluster{ID: a.Cluster.ID, Name: a.Cluster.Name, Region: a.Cluster.Region},
		Certificate: &JournalCertificate{State: a.Before.Certificate.State, Expires: moment(a.Before.Certificate.Expires)},
		GrantsSeen:  a.Before.GrantsSeen}
	l.Grants = journalGrants(j.before[a.UID])
	return j.put(l)
}

// put appends an intent to the journal, or fails: no line, no write.
func (j *job) put(l Line) error {
	if j.Journal == nil {
		return errNoJournal
	}
	if err := j.Journal.Append(l); err != nil {
		return err
	}
	j.sight.Say(Intended{&l})
	return nil
}

func journalGrants(rows []policy.Grant) []JournalGrant {
	var out []JournalGrant
	for _, g := range policy.SortedGrants(rows) {
		out = append(out, JournalGrant{Cluster: g.Cluster, Scope: g.Scope, Namespace: g.Namespace, Role: g.Role, Custom: g.Custom, Owner: g.Owner})
	}
	return out
}

// note puts the outcome of an action on disk. That it fails loses nothing: the
// intent stands, and the next run looks anew.
func (j *job) note(o *Outcome) {
	if j.Journal == nil {
		return
	}
	l := Line{Type: "outcome", Run: j.Run.ID, At: j.Now().UTC(), Account: j.Policy.Account, Action: o.Action.ID, Status: string(o.Status), RequestID: o.RequestID,
		Collateral: journalGrants(o.Collateral)}
	if o.Fault != nil {
		l.Message = o.Fault.Error()
	}
	if err := j.Journal.Append(l); err != nil {
		j.sight.Say(sight.Warned(err.Error()))
	}
}

func moment(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}
