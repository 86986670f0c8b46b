package main

import (
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// plan is the benchmark of deciding alone, which package policy has.
func (b *bench) plan() error {
	b.say("## Planning and guarding alone")
	b.say("1,000 principals on 1,000 clusters, a million targets, without any call (`go test ./policy -bench " +
		"Million`). The bytes in use are those " +
		"of the whole observation with its plan; they have to be at most 16 for each target.")
	out, err := exec.Command("go", "test", "-run", "^$", "-bench", "Million", "-benchtime", "5x", "./policy").CombinedOutput()
	if err != nil {
		return fmt.Errorf("%w: %s", err, out)
	}
	rows := [][]string{{"principals", "time", "in use", "bytes a target"}}
	for line := range strings.Lines(string(out)) {
		f := strings.Fields(line)
		if len(f) < 6 || !strings.HasPrefix(f[0], "BenchmarkMillion/") {
			continue
		}
		took, err1 := strconv.ParseFloat(f[2], 64)
		used, err2 := strconv.ParseFloat(f[4], 64)
		if err := errors.Join(err1, err2); err != nil {
			return err
		}
		name, _, _ := strings.Cut(strings.TrimPrefix(f[0], "BenchmarkMillion/"), "-")
		b.must(used <= 16, "planning of %s principals: %.1f bytes a target", name, used)
		rows = append(rows, []string{name, seconds(time.Duration(took)), mb(int(used * 1e6)), fmt.Sprintf("%.1f", used)})
	}
	if len(rows) != 3 {
		return fmt.Errorf("the benchmark said %s", out)
	}
	b.table(rows)
	return nil
}

// commands are those beside run, at the size of a large estate.
func (b *bench) commands() error {
	b.say("## Other commands")
	b.say("At 200 leavers × 1,000 clusters × 50,000 users; start-up is the middle of 21.")
	e := estate{users: 50_000, clusters: 1000, leavers: 200, each: 2}
	s, err := b.serve(e)
	if err != nil {
		return err
	}
	defer s.stop()
	policy, err := b.policy(e)
	if err != nil {
		return err
	}
	rows := [][]string{{"command", "wall", "memory", "processor", "output"}}
	add := func(name string, r ran, output int) {
		rows = append(rows, []string{name, seconds(r.wall), mb(r.peak), seconds(r.cpu), fmt.Sprintf("%.2f MB", float64(output)/1e6)})
	}
	r, err := b.run(s, e, unlimited...)
	if err != nil {
		return err
	}
	add(fmt.Sprintf("`run` dry, %s calls; output: its report", number(r.report.Calls.Reads)), r, r.wrote)
	at := []string{"--cs-endpoint", s.address, "--ram-endpoint", s.address, "--sts-endpoint", s.address, "--log-level", "error"}
	r, err = command(s.env, append([]string{"audit", "-p", policy, "--format", "json", "--read-qps", "100000",
		"--concurrency", "16"}, at...)...)
	if err != nil {
		return err
	}
	add("`audit`, of which all are listed", r, r.printed)
	for _, format := range []string{"html", "markdown", "csv"} {
		r, err := command(nil, "report", filepath.Join(b.folder, "report.json"), "--format", format)
		if err != nil {
			return err
		}
		add("`report --format "+format+"`", r, r.printed)
	}
	for _, args := range [][]string{{"version"}, {"validate", "policy.yaml"}} {
		var last ran
		took, err := middle(21, func() (time.Duration, error) {
			r, err := command(nil, args...)
			last = r
			return r.wall, err
		})
		if err != nil {
			return err
		}
		last.wall = took
		add("`"+strings.Join(args, " ")+"`", last, last.printed)
	}
	b.table(rows)
	return nil
}
