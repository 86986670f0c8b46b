package sight

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"ackrevoke/policy"
)

// slow is an account whose listing of people takes a second for each thousand of
// them, and every other read a second.
type slow struct {
	Reader
	people int
	mu     sync.Mutex
	reads  map[string]int
}

func (s *slow) Users(ctx context.Context, keep func(policy.Identity) bool) (all []policy.Identity, err error) {
	for i := range s.people {
		if i%firstPage == 0 {
			time.Sleep(time.Second)
		}
		if id := (policy.Identity{UID: fmt.Sprint(i)}); keep == nil || keep(id) {
			all = append(all, id)
		}
	}
	return all, nil
}

func (s *slow) Roles(context.Context, func(policy.Identity) bool) ([]policy.Identity, error) {
	return nil, nil
}

func (s *slow) Grants(_ context.Context, uid string) ([]policy.Grant, error) {
	time.Sleep(time.Second)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.reads[uid]++
	return []policy.Grant{{Cluster: "c" + uid}}, nil
}

func (s *slow) States(context.Context, string) ([]policy.State, error) { return nil, nil }

// While a long listing of people goes on, the principals are read, each once; of a
// short one, nobody is read before its end.
func TestEarly(t *testing.T) {
	uids := []string{"1", "2", "3"}
	for _, c := range []struct {
		people, atATime int
		early           int // principals that were read when the listing ended
		took            time.Duration
	}{
		{people: 1000, atATime: 4, early: 0, took: 2 * time.Second},
		{people: 5000, atATime: 4, early: 3, took: 6 * time.Second},
		{people: 1001, atATime: 2, early: 0, took: 4 * time.Second}, // begun at the end of the listing
		{people: 5000, atATime: 1, early: 0, took: 9 * time.Second}, // one call at a time is one call at a time
	} {
		synctest.Test(t, func(t *testing.T) {
			account := &slow{people: c.people, reads: map[string]int{}}
			s := &Sight{Reader: account, Concurrency: c.atATime, Now: time.Now}
			begun := time.Now()
			end := s.Early(t.Context(), uids)
			d, _ := s.Directory(t.Context(), policy.Caller{}, People)
			account.mu.Lock()
			early := len(account.reads)
			account.mu.Unlock()
			got := s.Subjects(t.Context(), append(uids, "9"))
			end()
			if took := time.Since(begun); early != c.early || took != c.took || len(d.Users) != c.people {
				t.Errorf("%+v: %d early, took %v, %d people", c, early, took, len(d.Users))
			}
			for i, uid := range append(uids, "9") {
				if got[i].UID != uid || len(got[i].Grants) != 1 || got[i].Grants[0].Cluster != "c"+uid || account.reads[uid] != 1 {
					t.Errorf("%+v: %+v, read %d times", c, got[i], account.reads[uid])
				}
			}
			if again := s.Subject(t.Context(), "1"); account.reads["1"] != 2 || again.UID != "1" {
				t.Error("a later look was answered with what was read early")
			}
		})
	}
}

// Once its end was called nothing is read any more, and nothing is under way: what a
// command says of its calls, and of what panicked, is all that there is.
func TestEarlyEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		account := &slow{people: 1002, reads: map[string]int{}}
		s := &Sight{Reader: account, Concurrency: 2, Now: time.Now}
		end := s.Early(t.Context(), []string{"1", "2", "3", "4", "5"})
		s.Directory(t.Context(), policy.Caller{}, People)
		time.Sleep(500 * time.Millisecond) // in the middle of the first two
		end()
		read := func() int {
			account.mu.Lock()
			defer account.mu.Unlock()
			return len(account.reads)
		}
		before := read()
		time.Sleep(time.Hour)
		if after := read(); before != 2 || after != before {
			t.Errorf("%d were read when it had ended, and %d an hour later", before, after)
		}
	})
}
