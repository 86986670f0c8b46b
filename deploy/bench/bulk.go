package main

import (
	"fmt"
	"time"
)

// bulk shows what one call for several clusters saves.
func (b *bench) bulk() error {
	b.say("## Several clusters in one call")
	b.say("Leavers who hold something on each of 100 clusters, revoked and proven: calls beyond those of a dry run, " +
		"and the least time that they and the " +
		"dry run's need at the default rates of 10 reads and 2 writes a second. At most 12 for each leaver; more than one may share the " +
		"lists of the clusters, which are evidence for those who are deleted from RAM.")
	rows := [][]string{{"leavers", "dry run", "beyond it", "with `--no-bulk`", "time at least", "with `--no-bulk`"}}
	for _, x := range []struct {
		leavers, from int
		what          string
	}{{1, 0, "1"}, {200, 0, "200"}, {200, 1000, "200, deleted"}} {
		leavers := x.leavers
		e := estate{users: 1000, clusters: 100, leavers: leavers, from: x.from, each: 100}
		var dry int
		row := []string{x.what}
		var times []string
		for _, more := range [][]string{{"--dry-run=true"}, {"--dry-run=false"}, {"--dry-run=false", "--no-bulk"}} {
			r, err := b.alone(e, append(more, unlimited...)...)
			if err != nil {
				return err
			}
			n := r.report.Calls.Reads + r.report.Calls.Writes
			if more[0] == "--dry-run=true" {
				dry = n
				row = append(row, number(n))
				continue
			}
			if r.report.Summary.Revoked != 100*leavers {
				return fmt.Errorf("%d of %d revoked", r.report.Summary.Revoked, 100*leavers)
			}
			b.must(len(more) > 1 || n-dry <= 12*leavers, "%s on 100 clusters: %d calls beyond a dry run", x.what, n-dry)
			row = append(row, number(n-dry))
			least := max(float64(r.report.Calls.Reads-10)/10, float64(r.report.Calls.Writes-2)/2)
			times = append(times, time.Duration(max(0, least)*float64(time.Second)).Round(time.Second).String())
		}
		rows = append(rows, append(row, times...))
	}
	b.table(rows)
	return nil
}
