package restore

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"ackrevoke/job/report"
	"ackrevoke/job/write"
	"ackrevoke/policy"
)

// Source is where a restore takes the rows from: one action of a report of an
// applying run, or of a journal, whether that run ended well or was killed.
//
//	outcome of the action                              rows
//	revoked, absent, unverified, collateral, accepted  of its snapshot
//	none (journal): the run died in between            of its snapshot
//	failed, blocked after a call of several clusters   of its snapshot: that one may have done it meanwhile
//	planned, failed, blocked, skipped                  refused: nothing was taken away
//
// A row that went missing beside the actions (collateral) stands under its own
// cluster, and is given back by naming that cluster. Where an action of that
// cluster came to nothing, its certificate is the one that must be gone.
type Source struct {
	policy.Taken
	Path      string
	From      string // report or journal
	Run       string
	Action    string
	Status    string
	Simulated bool
	LastWrite time.Time // of the run
	Journal   string    // the folder of the run's journal, as the run named it; "" where the source does not say

	bulk bool // a call that named several clusters was made before its own
}

var (
	errNothingTaken     = errors.New("nothing was taken away from this principal there")
	errCertificateAlone = errors.New("a certificate went missing there beside the actions, and no grant: a certificate cannot be given " +
		"back, its holder fetches a new kubeconfig")
)

// FromReport finds what an applying run took away from a principal on a
// cluster, or on policy.AllClusters.
func FromReport(path string, r *report.Report, uid, cluster string) (*Source, error) {
	if r.Run.Mode != report.Apply {
		return nil, errors.New("this is the report of a dry run: it took nothing away")
	}
	s := &Source{Path: path, From: "report", Run: r.Run.ID, Simulated: r.Run.Simulated, Journal: r.Run.Journal}
	s.Account, s.At = r.Account.ID, r.Run.StartedAt.Time
	outcomes := map[string]report.Outcome{}
	for _, o := range r.Outcomes {
		outcomes[o.Action] = o
		if o.EndedAt.After(s.LastWrite) {
			s.LastWrite = o.EndedAt.Time
		}
	}
	identify := func(a report.Action) {
		s.Action, s.UID, s.Kind, s.Name, s.CreatedAt = a.ID, a.UID, a.Kind, a.Name, a.CreatedAt.Time
		s.Status, s.bulk = string(outcomes[a.ID].Status), outcomes[a.ID].Bulk
	}
	for _, a := range r.Plan.Actions {
		if a.ID != cluster+"/"+uid {
			continue
		}
		identify(a)
		s.Cluster = policy.Cluster{ID: a.Cluster.ID, Name: a.Cluster.Name, Region: a.Cluster.Region}
		s.Certificate = policy.Certificate{State: a.Before.Certificate.State, Expires: a.Before.Certificate.Expires.Time}
		s.GrantsSeen = a.Before.GrantsSeen
		for _, g := range a.Before.Grants {
			s.Grants = append(s.Grants, asGrant(a.Cluster.ID, g))
		}
		err := s.settle()
		if a.RefusedBy != "" {
			err = fmt.Errorf("%w: %s was refused by %s", errNothingTaken, a.ID, a.RefusedBy)
		}
		if lost := lostBeside(r, uid, cluster); err != nil && len(lost) > 0 {
			s.Grants, err = lost, nil // it took nothing, and yet something went with another action
		}
		return s, err
	}
	if lost := lostBeside(r, uid, cluster); len(lost) > 0 {
		i := slices.IndexFunc(r.Plan.Actions, func(a report.Action) bool { return a.UID == uid && len(outcomes[a.ID].Collateral) > 0 })
		identify(r.Plan.Actions[i])
		s.beside(cluster, lost)
	}
	if s.Action == "" && slices.ContainsFunc(r.Outcomes, func(o report.Outcome) bool {
		return strings.HasSuffix(o.Action, "/"+uid) && slices.Contains(o.CollateralCertificates, cluster)
	}) {
		return nil, errCertificateAlone
	}
	if s.Action == "" {
		return nil, fmt.Errorf("%w; the report tells of %s", errNothingTaken, some(r.Plan.Actions, func(a report.Action) string { return a.ID }))
	}
	return s, nil
}

// FromJournal finds the same in the lines of a journal. A journal may hold
// several runs; where they saw different rows, one must be named.
func FromJournal(path string, lines []write.Line, uid, cluster, run string) (*Source, error) {
	status := map[[2]string]write.Line{} // by run and action, the last word
	for _, l := range lines {
		if l.Type == "outcome" {
			status[[2]string{l.Run, l.Action}] = l
		}
	}
	found := map[string]*Source{} // by run
	var refused error
	for _, l := range lines {
		if l.Type != "intent" || l.UID != uid || l.Operation != policy.Clean && l.Operation != policy.RevokeGrant || run != "" && l.Run != run {
			continue
		}
		word := status[[2]string{l.Run, l.Action}]
		s := sourceOf(l, word)
		s.Path, s.LastWrite = path, lastOf(lines, l.Run)
		if l.Action != cluster+"/"+uid {
			if slices.Contains(word.CollateralCertificates, cluster) && len(on(cluster, word.Collateral)) == 0 {
				refused = errCertificateAlone
			}
			if found[l.Run] != nil || !s.lost(cluster, word.Collateral) {
				continue
			}
		} else if err := s.settle(); err != nil {
			lost := on(cluster, word.Collateral)
			if len(lost) == 0 {
				refused = err
				continue
			}
			s.Grants = lost
		}
		if had := found[l.Run]; had == nil || had.Action != l.Action && l.Action == cluster+"/"+uid {
			found[l.Run] = s // of several tries of one run, the first saw it all
		}
	}
	runs := slices.Sorted(maps.Keys(found))
	switch {
	case len(runs) == 0 && refused != nil:
		return nil, refused
	case len(runs) == 0:
		return nil, fmt.Errorf("%w; the journal tells of %s", errNothingTaken,
			some(write.Intents(lines), func(l write.Line) string { return l.Action }))
	}
	newest := found[runs[len(runs)-1]]
	for _, id := range runs {
		if a, b := found[id].rows(), newest.rows(); !slices.Equal(a, b) {
			return nil, fmt.Errorf("the journal has several runs that took something away there, and not the same rows: name one of %s with --run",
				strings.Join(runs, ", "))
		}
	}
	return newest, nil
}

func sourceOf(l, word write.Line) *Source {
	s := &Source{From: "journal", Run: l.Run, Action: l.Action, Status: word.Status, Simulated: l.Simulated, bulk: word.Bulk}
	s.Account, s.UID, s.Kind, s.Name, s.At, s.GrantsSeen = l.Account, l.UID, l.Kind, l.Name, l.At, l.GrantsSeen
	if l.CreatedAt != nil {
		s.CreatedAt = *l.CreatedAt
	}
	if l.Cluster != nil {
		s.Cluster = policy.Cluster{ID: l.Cluster.ID, Name: l.Cluster.Name, Region: l.Cluster.Region}
	}
	s.Certificate = l.Before()
	for _, g := range l.Grants { // of the principal everywhere
		s.Grants = append(s.Grants, g.Row())
	}
	s.Grants = s.On(s.Grants)
	return s
}

// lostBeside are the rows of a principal that went missing on a cluster beside the
// actions of a report: each of its outcomes names them.
func lostBeside(r *report.Report, uid, cluster string) []policy.Grant {
	var rows []policy.Grant
	for _, o := range r.Outcomes {
		for _, l := range o.Collateral {
			if strings.HasSuffix(o.Action, "/"+uid) && l.Cluster == clusterID(cluster) {
				rows = append(rows, asGrant(l.Cluster, l.Grant))
			}
		}
	}
	return rows
}

// on are the rows of a journal on one cluster.
func on(cluster string, rows []write.JournalGrant) []policy.Grant {
	var here []policy.Grant
	for _, g := range rows {
		if g.Cluster == clusterID(cluster) {
			here = append(here, g.Row())
		}
	}
	return here
}

// lost turns the source into one of the rows that went missing on a cluster
// without an action, and reports whether there are any.
func (s *Source) lost(cluster string, rows []write.JournalGrant) bool {
	here := on(cluster, rows)
	if len(here) > 0 {
		s.beside(cluster, here)
	}
	return len(here) > 0
}

// beside makes it a source of rows that went missing beside an action. That they
// went missing was seen, so they had been seen; of a certificate nothing is known.
func (s *Source) beside(cluster string, rows []policy.Grant) {
	s.Cluster, s.Certificate, s.GrantsSeen, s.Grants = policy.Cluster{ID: clusterID(cluster)}, policy.Certificate{}, true, rows
}

// settle refuses an action that took nothing away.
func (s *Source) settle() error {
	switch report.Status(s.Status) {
	case report.WasRevoked, report.WasAbsent, report.WasCollateral:
		s.Ended = true
	case report.WasUnverified, write.Accepted, write.Gone:
	case report.WasFailed, report.WasBlocked:
		if !s.bulk {
			return fmt.Errorf("%w: %s is %s", errNothingTaken, s.Action, s.Status)
		}
	case "":
		if s.From == "report" {
			return fmt.Errorf("%w: %s has no outcome", errNothingTaken, s.Action)
		}
	default:
		return fmt.Errorf("%w: %s is %s", errNothingTaken, s.Action, report.Plain(s.Status))
	}
	return nil
}

func (s *Source) rows() []policy.Grant {
	give, _ := s.Rows()
	return give
}

// lastOf is when a run wrote its last line.
func lastOf(lines []write.Line, run string) time.Time {
	var last time.Time
	for _, l := range lines {
		if l.Run == run && l.At.After(last) {
			last = l.At
		}
	}
	return last
}

// clusterID is the id that a cluster of the command line has in a row.
func clusterID(cluster string) string {
	if cluster == policy.AllClusters {
		return ""
	}
	return cluster
}

func asGrant(cluster string, g report.Grant) policy.Grant {
	return policy.Grant{Cluster: cluster, Scope: g.Scope, Namespace: g.Namespace, Role: g.Role, Custom: g.Custom, Owner: g.Owner}
}

// some names the first few of what there is.
func some[T any](rows []T, name func(T) string) string {
	const most = 5
	var names []string
	for _, r := range rows {
		names = append(names, report.Plain(name(r)))
	}
	slices.Sort(names)
	names = slices.Compact(names)
	return cmp.Or(report.First(most, names), "no action at all")
}
