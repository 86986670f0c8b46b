package showcase

import (
	"fmt"
	"os"
	"path/filepath"
	"time"

	"ackrevoke/ack/sim"
	"ackrevoke/cmd/test/stage"
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
func left(w *stage.World) []string {
	lines, truth := []string{}, w.Account.Truth()
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
	return stage.Sorted(lines)
}

// loadFaults reads a fault script; no name is no faults.
func loadFaults(path string) (*sim.Faults, error) {
	if path == "" {
		return nil, nil
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	return sim.LoadFaults(path, data)
}
