package main

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"time"
)

// unlimited are the flags of runs of which time is not the question.
var unlimited = []string{"--read-qps", "100000", "--write-qps", "100000", "--concurrency", "16", "--timeout", "30m"}

// most is the memory that a large run may take.
const most = 48e6

// calls shows that no call is made that is not needed.
func (b *bench) calls() error {
	b.say("## Calls against the bound")
	b.say("The fewest calls that the interface allows: the caller, people by 1,000, regions, clusters by 100; of each " +
		"principal its grants and its " +
		"states by 100 clusters, once before and once after the writes; one write for each place. Leavers hold something " +
		"on two clusters " +
		"each, and no call is made for several.")
	rows := [][]string{{"leavers × clusters × users", "bound, dry run", "calls", "ratio", "bound, with proof", "calls", "ratio"}}
	for _, e := range []estate{{users: 50, clusters: 10, leavers: 1, each: 2}, {users: 1000, clusters: 100, leavers: 50, each: 2},
		{users: 5000, clusters: 1000, leavers: 50, each: 2}} {
		s, err := b.serve(e)
		if err != nil {
			return err
		}
		row := []string{fmt.Sprintf("%s × %s × %s", number(e.leavers), number(e.clusters), number(e.users))}
		w := e.work()
		for i, bound := range []int{w.head + w.before, w.reads() + w.writes} {
			flags := append([]string{"--dry-run=" + fmt.Sprint(i == 0)}, unlimited...)
			r, err := b.run(s, e, flags...)
			if err != nil {
				s.stop()
				return err
			}
			n := r.report.Calls.Reads + r.report.Calls.Writes
			b.must(n <= bound, "%s: %d calls where %d are enough", e.name(), n, bound)
			row = append(row, number(bound), number(n), fmt.Sprintf("%.2f", float64(n)/float64(bound)))
		}
		s.stop()
		rows = append(rows, row)
	}
	b.table(rows)
	return nil
}

// memory shows what a run takes that revokes and proves.
func (b *bench) memory() error {
	b.say("## Memory and processor")
	b.say("A run that revokes and proves, with each leaver on two clusters: the peak of its memory, and the "+
		"processor's time, which grows with calls. "+
		"Leavers beyond the number of users are deleted from RAM; of those the list of each cluster, 50 rows a call, is read as well. At "+
		"200 × 1,000 × 50,000 "+
		"it has to be less than %s.", mb(most))
	rows := [][]string{{"clusters × users", "1 leaver", "200 leavers", "5,000 leavers"}}
	for _, clusters := range []int{10, 100, 1000} {
		for _, users := range []int{1000, 50_000, 100_000} {
			row, err := b.sizes(clusters, users, []int{1, 200, 5000})
			if err != nil {
				return err
			}
			rows = append(rows, row)
			fmt.Fprintln(os.Stderr, "bench:", strings.Join(row, " | "))
		}
	}
	b.table(rows)
	return nil
}

// sizes are runs with so many leavers each on one account.
func (b *bench) sizes(clusters, users int, leavers []int) ([]string, error) {
	all := estate{users: users, clusters: clusters, each: 2}
	for _, n := range leavers {
		all.leavers += n
	}
	s, err := b.serve(all)
	if err != nil {
		return nil, err
	}
	defer s.stop()
	row := []string{fmt.Sprintf("%s × %s", number(clusters), number(users))}
	from := 0
	for _, n := range leavers {
		e := estate{users: users, clusters: clusters, each: 2, from: from, leavers: n}
		from += n
		r, err := b.run(s, e, append([]string{"--dry-run=false"}, unlimited...)...)
		if err != nil {
			return nil, err
		}
		if r.report.Summary.Revoked != 2*n {
			return nil, fmt.Errorf("%d of %d revoked", r.report.Summary.Revoked, 2*n)
		}
		if clusters == 1000 && users == 50_000 && n == 200 {
			b.must(r.peak < most, "200 leavers, 1,000 clusters, 50,000 users: %s", mb(r.peak))
		}
		row = append(row, fmt.Sprintf("%s, %s, %s calls", mb(r.peak), seconds(r.cpu), number(r.report.Calls.Reads+r.report.Calls.Writes)))
	}
	return row, nil
}

// growth doubles one size at a time.
func (b *bench) growth() error {
	b.say("## Growth")
	b.say("The same run with one size doubled, as a multiple of the first row. Memory grows with actions, not with " +
		"targets: what is settled takes 8 bytes a target, and lists that are under way are longer where there are more clusters. " +
		"So twice the clusters or users must not take more than 1.15 x. The least of three runs each.")
	base := estate{users: 20_000, clusters: 400, leavers: 300, each: 2}
	users, clusters, leavers := base, base, base
	users.users *= 2
	clusters.clusters *= 2
	leavers.leavers *= 2
	rows := [][]string{{"what", "leavers × clusters × users", "memory", "processor", "calls"}}
	var first ran
	for i, x := range []struct {
		what string
		e    estate
		most float64
	}{{"at first", base, 1}, {"twice the users", users, 1.15}, {"twice the clusters", clusters, 1.15}, {"twice the leavers", leavers, 2}} {
		r, err := b.least(x.e)
		if err != nil {
			return err
		}
		size := fmt.Sprintf("%s × %s × %s", number(x.e.leavers), number(x.e.clusters), number(x.e.users))
		n := r.report.Calls.Reads + r.report.Calls.Writes
		if i == 0 {
			first = r
			rows = append(rows, []string{x.what, size, mb(r.peak), seconds(r.cpu), number(n)})
			continue
		}
		memory := float64(r.peak) / float64(first.peak)
		b.must(memory <= x.most, "%s: %.2f x the memory", x.what, memory)
		rows = append(rows, []string{x.what, size, fmt.Sprintf("%.2f x", memory), fmt.Sprintf("%.2f x", r.cpu.Seconds()/first.cpu.Seconds()),
			fmt.Sprintf("%.2f x", float64(n)/float64(first.report.Calls.Reads+first.report.Calls.Writes))})
	}
	b.table(rows)
	return nil
}

// least is the run of three that took the least memory: when the collector begins
// is a matter of chance.
func (b *bench) least(e estate) (best ran, err error) {
	for i := range 3 {
		r, err := b.alone(e, append([]string{"--dry-run=false"}, unlimited...)...)
		if err != nil {
			return best, err
		}
		if i == 0 || r.peak < best.peak {
			best = r
		}
	}
	return best, nil
}

// alone is one run on an account of its own.
func (b *bench) alone(e estate, flags ...string) (ran, error) {
	s, err := b.serve(e)
	if err != nil {
		return ran{}, err
	}
	defer s.stop()
	return b.run(s, e, flags...)
}

// middle is the one in the middle of some times.
func middle(n int, measure func() (time.Duration, error)) (time.Duration, error) {
	all := make([]time.Duration, n)
	for i := range all {
		var err error
		if all[i], err = measure(); err != nil {
			return 0, err
		}
	}
	slices.Sort(all)
	return all[n/2], nil
}
