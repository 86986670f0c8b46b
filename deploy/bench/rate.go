package main

import (
	"fmt"
	"math"
	"strings"
	"time"
)

// settled is how long a run may take to find the service's rate.
const settled = 10 * time.Second

// rate shows that an undisclosed quota is found and kept to.
func (b *bench) rate() error {
	b.say("## The service's rate")
	b.say("A quota that no answer states, and a run that may make 1,000 calls a second of each kind, 16 at a time. "+
		"Counted by the account, from %.0f s after "+
		"the first call on. With `--max-share 1` at least 90 %% has to be used and less than 2 %% throttled; by default "+
		"the half of it is left to "+
		"people.", settled.Seconds())
	rows := [][]string{{"quota", "share", "found", "used", "throttled after 10 s", "throttled before, calls"}}
	for _, qps := range []int{20, 50, 100} {
		for _, share := range []float64{1, 0.5} {
			row, err := b.throttled(qps, share)
			if err != nil {
				return err
			}
			rows = append(rows, row)
		}
	}
	b.table(rows)
	return nil
}

// throttled is one run of some 40 seconds against a quota.
func (b *bench) throttled(qps int, share float64) ([]string, error) {
	e := estate{users: 1000, clusters: 10, each: 2, leavers: int(float64(qps) * share * 40 / 6)}
	s, err := b.serve(e, "--qps", fmt.Sprint(qps), "--latency", "20ms")
	if err != nil {
		return nil, err
	}
	defer s.stop()
	r, err := b.run(s, e, "--dry-run=false", "--read-qps", "1000", "--write-qps", "1000", "--concurrency", "16",
		"--max-share", fmt.Sprint(share))
	if err != nil {
		return nil, err
	}
	all, err := s.calls()
	if err != nil {
		return nil, err
	}
	from, to := all[0].At.Add(settled), all[len(all)-1].At
	good, refused, before := 0, 0, 0
	for _, c := range all {
		switch late := !c.At.Before(from); {
		case strings.HasPrefix(c.Code, "Throttling") && late:
			refused++
		case strings.HasPrefix(c.Code, "Throttling"):
			before++
		case late:
			good++
		}
	}
	used := float64(good) / to.Sub(from).Seconds() / float64(qps)
	part := float64(refused) / math.Max(1, float64(good+refused))
	found := 0.0
	if x := r.report.Calls.Rate; x != nil {
		found = x.Found
	}
	b.must(math.Abs(found/float64(qps)-1) <= 0.1, "a quota of %d: found %.1f", qps, found)
	b.must(part < 0.02, "a quota of %d, share %g: %.1f %% throttled after %v", qps, share, 100*part, settled)
	b.must(used >= 0.9*share && used <= share+0.05, "a quota of %d, share %g: %.0f %% used", qps, share, 100*used)
	return []string{fmt.Sprintf("%d a second", qps), fmt.Sprint(share), fmt.Sprintf("%.1f", found), fmt.Sprintf("%.0f %%", 100*used),
		fmt.Sprintf("%.1f %%", 100*part), number(before)}, nil
}

// accounts shows that two runs of two accounts side by side take as long as one.
func (b *bench) accounts() error {
	b.say("## Two accounts side by side")
	b.say("Each with a service of its own that allows 50 calls a second: the longer of two runs at the same time "+
		"against one alone. It has to be at most "+
		"%.2f x.", slack)
	one, err := b.bound(usual)
	if err != nil {
		return err
	}
	type end struct {
		took time.Duration
		err  error
	}
	ends := make(chan end, 2)
	for _, account := range []string{usual, "1234567890123457"} {
		go func() {
			took, err := b.bound(account)
			ends <- end{took, err}
		}()
	}
	first, second := <-ends, <-ends
	if first.err != nil || second.err != nil {
		return fmt.Errorf("%w, %w", first.err, second.err)
	}
	both := max(first.took, second.took)
	ratio := both.Seconds() / one.Seconds()
	b.must(ratio <= slack, "two accounts side by side take %.2f x the time of one", ratio)
	b.table([][]string{{"alone", "side by side", "ratio"}, {seconds(one), seconds(both), fmt.Sprintf("%.2f", ratio)}})
	return nil
}

// bound is the wall time of a run that its service's rate bounds.
func (b *bench) bound(account string) (time.Duration, error) {
	e := estate{users: 100, clusters: 10, each: 2, leavers: 150, account: account}
	s, err := b.serve(e, "--qps", "50", "--latency", "20ms")
	if err != nil {
		return 0, err
	}
	defer s.stop()
	r, err := b.run(s, e, "--dry-run=false", "--read-qps", "100", "--write-qps", "100", "--concurrency", "8", "--max-share", "1")
	return r.wall, err
}
