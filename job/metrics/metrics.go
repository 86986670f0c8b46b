// Package metrics says in numbers what became of runs, in the form that
// Prometheus takes: who is paged when something is left, unknown or overdue
// needs no report for it.
//
//	report --Add--> Set --Gatherer--> the families of all accounts, with the label account
//	                 ^  \--Of-------> those of one account, without it
//	past ------------+---Past-------> what the next Set must know
//
// The rules of what is said:
//
//   - No label holds what others control: a uid, a name or a cluster is in none.
//     What a label can hold is a short list in families.go, and the account,
//     which the policy states.
//   - What a run did not find out has no sample. A run without a plan says that
//     it failed, and not that nothing is left; zero is said only of what was seen.
//   - Every number is about the last run, so a family is a gauge, also where it
//     counts; the one histogram is of the last run, too.
//   - When a run succeeded last is known from the run, or from before it: see
//     [Past].
//
// It is pure: it neither opens, sends nor serves anything, and has no clock.
// Begin with the table in families.go.
package metrics

import (
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"ackrevoke/job/end"
	"ackrevoke/job/report"
	"ackrevoke/policy"
)

// Attempt is one run over one account, whatever became of it.
type Attempt struct {
	Account string         // that the policy is for; "" where nobody could tell
	Policy  *policy.Policy // nil where it could not be read
	Report  *report.Report

	success time.Time // when the last run that succeeded ended; zero for none that is known
}

// Moments are when an account was tried last, and with success.
type Moments struct{ Attempt, Success time.Time }

// Past are the moments of each account, as an earlier set had them.
type Past map[string]Moments

// Set is what the metrics of one or many accounts are made of. It keeps numbers
// and no report, so that thousands of accounts fit into one. It may be used by
// several goroutines.
type Set struct {
	past Past

	mu       sync.Mutex
	accounts map[string]*account
	forget   []string
}

// account is what is said of one.
type account struct {
	Moments
	code    int
	samples []sample
}

// New returns an empty set; past is what the set before it said, nil for
// nothing.
func New(past Past) *Set { return &Set{past: past, accounts: map[string]*account{}} }

// Add takes the run of one account into the set. Of several runs of one account
// (of several policies, say, of which none could be read, so that all have the
// account "") the one with the weightiest ending is kept.
func (s *Set) Add(a Attempt) {
	s.mu.Lock()
	defer s.mu.Unlock()
	code := a.Report.Verdict.ExitCode
	if known := s.accounts[a.Account]; known != nil && end.Rank(known.code) <= end.Rank(code) {
		return
	}
	now := Moments{Attempt: a.Report.Run.FinishedAt.Time, Success: s.past[a.Account].Success}
	if code == end.CodeClean {
		now.Success = now.Attempt
	}
	a.success = now.Success
	s.accounts[a.Account] = &account{Moments: now, code: code, samples: samples(a)}
}

// Gone says of an account that a policy was about it and none is any more. When it
// was tried last stays known.
func (s *Set) Gone(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.accounts[id] != nil {
		return
	}
	past := s.past[id]
	s.accounts[id] = &account{Moments: past, samples: slices.Concat(moment(lastAttempt, past.Attempt), moment(lastSuccess, past.Success),
		[]sample{{name: policyGone, value: 1}})}
}

// Forget says that an account without a policy is meant to have none: what an earlier
// set said of it elsewhere is to be taken away.
func (s *Set) Forget(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.accounts[id] == nil {
		s.forget = append(s.forget, id)
	}
}

// Forgotten are those.
func (s *Set) Forgotten() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.forget)
}

// Accounts are those that were tried, and those that are gone, in order.
func (s *Set) Accounts() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Sorted(maps.Keys(s.accounts))
}

// Past returns what a later set must know of this one. An account that nobody
// tried is forgotten, for its policy is gone; but not while there is a run of
// which nobody knows the account, for it may be that one's.
func (s *Set) Past() Past {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.moments()
}

func (s *Set) moments() Past {
	out := Past{}
	if s.accounts[""] != nil {
		maps.Copy(out, s.past)
	}
	for id, a := range s.accounts {
		out[id] = a.Moments
	}
	return out
}

// Gatherer gives the families of all accounts, each sample with the label
// account. What is gathered is what the set holds by then.
func (s *Set) Gatherer() prometheus.Gatherer { return gatherer(&collector{set: s, label: true}) }

// Of gives the families of one account, without that label, for where it is
// said otherwise: in the grouping key of a push.
func (s *Set) Of(account string) prometheus.Gatherer {
	return gatherer(&collector{set: s, only: account})
}
