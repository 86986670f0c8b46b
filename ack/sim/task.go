package sim

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// tasking is how the task of a CleanUserPermissions goes, which is not documented.
type tasking struct {
	ends   string
	after  time.Duration
	refuse string
	reach  string
}

// The ways a task ends.
const (
	endsWell    = "success"
	endsFail    = "fail"    // the word of the Chinese page [DOC]
	endsFailed  = "failed"  // the word of the English page [DOC]
	endsNever   = "never"   // it goes on running
	endsHalfway = "halfway" // it fails when half of the clusters are done
	endsNothing = "nothing" // it says success and has done nothing
)

const (
	refuseWhole   = "whole"
	refuseCluster = "cluster"

	reachNamed = "named"
	reachAll   = "all" // it cleans every cluster, whichever are named
)

func (s *source) tasking(f fields) tasking {
	g := s.object(f.nodes["task"], "task", "ends", "after", "refuse", "reach")
	t := tasking{
		ends:   g.choice("ends", endsWell, endsFail, endsFailed, endsNever, endsHalfway, endsNothing),
		after:  g.duration("after", 3*time.Second),
		refuse: g.blank("refuse"),
		reach:  g.choice("reach", reachNamed, reachAll),
	}
	if !slices.Contains([]string{"", refuseWhole, refuseCluster}, t.refuse) {
		s.fail(g.nodes["refuse"], "refuse is %q; it can be %s, %s or empty", t.refuse, refuseWhole, refuseCluster)
	}
	return t
}

// task is a CleanUserPermissions under way, or ended.
type task struct {
	id, uid string
	force   bool
	state   string    // when it has ended
	ends    time.Time // by the ledger; zero: never
	created time.Time // by the account's calendar
	after   time.Duration
	results []taskResult
}

// taskResult is what has become of one cluster when the task has ended.
type taskResult struct {
	cluster string
	status  string // success, or why not
	message string
}

const (
	resultDone    = "success"
	resultSkipped = "skipped"
	resultLeft    = "fail"
)

// newTask makes the task of a clean of several clusters, and says which of them it will end.
func (a *Account) newTask(q *request, force bool, clusters []string, skipped []taskResult) (t *task, ending []string) {
	a.tasks.serial++
	b := a.estate.behaviour.task
	t = &task{id: fmt.Sprintf("clean-user-permissions-%s-%016x", q.UID, a.tasks.serial), uid: q.UID, force: force, state: b.ends,
		created: a.options.Now(), after: b.after, ends: a.options.Ledger().Add(b.after)}
	ending, said := clusters, len(clusters)
	switch b.ends {
	case endsHalfway:
		t.state, said = endsFail, (len(clusters)+1)/2
		ending = clusters[:said]
	case endsFail, endsFailed:
		ending, said = nil, 0
	case endsNothing:
		t.state, ending = endsWell, nil
	case endsNever:
		t.ends, ending = time.Time{}, nil
	}
	for i, id := range clusters {
		result := taskResult{cluster: id, status: resultDone}
		if i >= said {
			result.status, result.message = resultLeft, "the task ended before it came to this cluster"
		}
		t.results = append(t.results, result)
	}
	t.results = append(t.results, skipped...)
	slices.SortFunc(t.results, func(x, y taskResult) int { return strings.Compare(x.cluster, y.cluster) })
	a.tasks.byID[t.id] = t
	return t, ending
}

// tasks are all there were.
type tasks struct {
	byID   map[string]*task
	serial uint64
}

// ended says whether a task has come to its end.
func (a *Account) ended(t *task) bool { return !t.ends.IsZero() && !a.options.Ledger().Before(t.ends) }
