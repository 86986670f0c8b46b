package main

import (
	"fmt"
	"os"
	"path/filepath"
	"time"

	"ackrevoke/job/report"
)

// faultsOf is the fault script of a case, "" where nothing goes wrong.
func faultsOf(folder string) string {
	path := filepath.Join(folder, "faults.yaml")
	if _, err := os.Stat(path); err != nil {
		return ""
	}
	return path
}

// left is what is so in the account now: the certificates in force, each with
// the day on which it ends, and the grants.
func (w *world) left() []string {
	lines, truth := []string{}, w.account.Truth()
	for _, c := range truth.Certificates {
		if c.State == "Unexpired" {
			lines = append(lines, fmt.Sprintf("%s %s %s", c.UID, c.Cluster, c.Expires.Format(time.DateOnly)))
		}
	}
	for _, g := range truth.Grants {
		where := g.Cluster
		if g.AllClusters {
			where = "all-clusters"
		}
		lines = append(lines, fmt.Sprintf("%s %s %s", g.UID, where, g.Role))
	}
	return sorted(lines)
}

// collateralLines are the rows that outcomes name beside their action.
func collateralLines(r *report.Report) []string {
	lines := []string{}
	for _, o := range r.Outcomes {
		for _, row := range o.Collateral {
			lines = append(lines, fmt.Sprintf("%s: %s %s", o.Action, row.Cluster, row.Role))
		}
	}
	return lines
}
