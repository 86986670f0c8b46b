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
		"dry run's need at the default rates of 10 reads and 2 writes a second. One leaver has to need at most 12.")
	rows := [][]string{{"leavers", "dry run", "beyond it", "with `--no-bulk`", "time at least", "with `--no-bulk`"}}
	for _, leavers := range []int{1, 200} {
		e := estate{users: 1000, clusters: 100, leavers: leavers, each: 100}
		var dry int
		row := []string{number(leavers)}
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
			b.must(leavers > 1 || len(more) > 1 || n-dry <= 12, "one leaver on 100 clusters: %d calls beyond a dry run", n-dry)
			row = append(row, number(n-dry))
			least := max(float64(r.report.Calls.Reads-10)/10, float64(r.report.Calls.Writes-2)/2)
			times = append(times, time.Duration(max(0, least)*float64(time.Second)).Round(time.Second).String())
		}
		rows = append(rows, append(row, times...))
	}
	b.table(rows)
	return nil
}
