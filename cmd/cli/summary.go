package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"ackrevoke/job/end"
	"ackrevoke/job/report"
)

// summaryFlags are the flags of summary beside those of the log.
type summaryFlags struct {
	options
	output, against string
	maxAge          time.Duration
	proof           bool
}

func (p Program) summaryCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "summary DIR...",
		Short: "Put the summaries of many accounts together, and prove that no policy file was left out",
		Long: `summary reads the summaries that run --policy-dir left in the folders DIR, of all
shards, and the report of every row. It proves that every policy file of one set
was handled exactly once, shows how each ended, and ends with the weightiest exit
code of all. What speaks against it is named, and is exit code 6: a shard or file
that is missing, doubled or foreign; another set of policy files, number of
shards or mode; a report that is not there, or not that of its row. Summaries of
another number of shards that were there before this one are passed over. Nothing
is called. Exit codes: as run, over all accounts; 2 also a folder that cannot be
read; 6 also where the summaries do not prove it.`,
		Example: "  ackrevoke summary reports",
	}
	o := &summaryFlags{}
	o.take(c.Flags(), ofLog, ofTables)
	own(c.Flags(),
		flag{name: "output", short: "o", at: &o.output, help: "also write the merged summary to this `FILE`, - for standard output"},
		flag{name: "policy-dir", at: &o.against, help: "the policy files must be those of this `DIR` as they are now"},
		flag{name: "max-age", at: &o.maxAge, preset: 12 * time.Hour,
			help: "refuse a summary of a run that began longer ago, 0 for none"},
		flag{name: "proof-only", at: &o.proof,
			help: "exit 0 where every file was handled exactly once, however the runs of them ended"})
	c.Args = func(_ *cobra.Command, args []string) error {
		if len(args) == 0 || slices.Contains(args, "") {
			return hinted(usage("DIR is missing"), "give the folder of the reports, such as reports")
		}
		return nil
	}
	c.RunE = func(c *cobra.Command, args []string) error {
		if err := p.environment(c); err != nil {
			return err
		}
		rules := append(o.callRules(), rule{o.maxAge < 0, "--max-age is negative", "for example 6h, or leave it out"},
			rule{o.against == "" && c.Flags().Changed("policy-dir"), "--policy-dir is empty", "name the folder of the policy files"},
			rule{o.output == "" && c.Flags().Changed("output"), "--output is empty", "give a file name, or - for standard output"})
		if err := obey(rules...); err != nil {
			return err
		}
		return p.summary(o, args)
	}
	return c
}

// summary reads, proves, and says how all ended.
func (p Program) summary(o *summaryFlags, dirs []string) error {
	parts, wrong, err := readSummaries(dirs)
	if err != nil {
		return err
	}
	if err := o.probe(parts); err != nil {
		return err
	}
	v := p.voice(&o.options)
	parts, before := report.Superseded(parts)
	for _, b := range before {
		v.Superseded(b.Path, b.Shard.Count, parts[0].Shard.Count)
	}
	merged, more := report.Merge(parts)
	wrong = slices.Concat(wrong, more, o.old(parts, p.Now()), reportsOf(parts))
	if o.proof {
		wrong = append(wrong, notStartedIn(parts)...)
	}
	if o.against != "" && len(parts) > 0 {
		changed, err := setChanged(parts[0].Set, o.against)
		if err != nil {
			return err
		}
		wrong = append(wrong, changed...)
	}
	if len(wrong) > 0 {
		v.Unproven(wrong, "run what is missing again, and take away what is old")
		return exit(end.CodeIncomplete)
	}
	if err := p.leave(o, merged); err != nil {
		return &status{code: end.CodeError, err: err, hint: "free the path, or give another --output"}
	}
	v.CloseSummary(merged, o.output)
	if o.proof {
		return nil
	}
	return exit(merged.Verdict.ExitCode)
}

var summaryName = regexp.MustCompile(`^summary(-[0-9]+-of-[0-9]+)?\.json$`)

// readSummaries reads those that runs wrote; one that was merged is none of them.
func readSummaries(dirs []string) (parts []report.SummaryAt, wrong []string, err error) {
	for _, dir := range dirs {
		entries, err := os.ReadDir(dir)
		if err != nil {
			return nil, nil, unreadable(noFolder("the folder cannot be read:", dir, err, "give the folder of the reports: that of run --report"), "")
		}
		for _, e := range entries {
			if !summaryName.MatchString(e.Name()) {
				continue
			}
			path := filepath.Join(dir, e.Name())
			a, err := readSummary(path)
			switch {
			case err != nil:
				wrong = append(wrong, fmt.Sprintf("damaged: %s: %v", path, err))
			case len(a.MergedFrom) == 0:
				parts = append(parts, report.SummaryAt{Path: path, Accounts: a})
			}
		}
	}
	return parts, wrong, nil
}

func readSummary(path string) (*report.Accounts, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	return report.DecodeAccounts(data)
}

// old names summaries that are of another night: where a pod never began, that of
// its last run is still there.
func (o *summaryFlags) old(parts []report.SummaryAt, now time.Time) (wrong []string) {
	for _, p := range parts {
		if age := now.Sub(p.Run.StartedAt.Time); o.maxAge > 0 && age > o.maxAge {
			wrong = append(wrong, fmt.Sprintf("old: %s is of a run that began at %s", p.Path, p.Run.StartedAt))
		}
	}
	return wrong
}

// notStartedIn names files whose turn did not come: nobody has looked at them, which
// else only the exit code says that --proof-only does not have.
func notStartedIn(parts []report.SummaryAt) (wrong []string) {
	for _, p := range parts {
		for _, row := range p.Files {
			if row.Verdict == end.Interrupted && row.RunID == "" {
				wrong = append(wrong, fmt.Sprintf("missing: %s was not handled: %s", row.File, row.Error))
			}
		}
	}
	return wrong
}

// reportsOf names reports that are not there, that do not add up, or that are not
// those of their rows.
func reportsOf(parts []report.SummaryAt) (wrong []string) {
	for _, p := range parts {
		for _, row := range p.Files {
			if row.Report == "" && row.ExitCode != end.CodeClean && row.ExitCode != end.CodeLeft {
				continue // it was not run, and says so
			}
			path := filepath.Join(filepath.Dir(p.Path), row.Report)
			if row.Report == "" || filepath.Base(row.Report) != row.Report {
				wrong = append(wrong, fmt.Sprintf("damaged: %s: the row of %s names no report beside it", p.Path, row.File))
			} else if why := reportOf(path, row); why != "" {
				wrong = append(wrong, fmt.Sprintf("report %s of %s: %s", path, row.File, why))
			}
		}
	}
	return wrong
}

func reportOf(path string, row report.AccountRow) string {
	r, err := report.Read(path)
	if errors.Is(err, fs.ErrNotExist) {
		return "it is missing"
	}
	if err == nil {
		err = report.Check(r)
	}
	if err != nil {
		return err.Error()
	}
	return row.Disagrees(r)
}

// setChanged says in what the policy files of a folder are others than the set.
func setChanged(set report.PolicySet, dir string) (wrong []string, err error) {
	names, err := listPolicies(dir)
	if err != nil {
		return nil, hinted(usage("--policy-dir %s: %w", dir, err), "name the folder of the policy files, or leave it out")
	}
	was := map[string]string{}
	for _, f := range set.Files {
		was[f.File] = f.SHA256
	}
	for _, name := range names {
		sum, known := was[name]
		delete(was, name)
		_, now, err := readWhole(filepath.Join(dir, name))
		switch {
		case !known:
			wrong = append(wrong, fmt.Sprintf("missing: %s is in %s now, and was not when it was run", name, dir))
		case err != nil || now != sum:
			wrong = append(wrong, fmt.Sprintf("another state: %s changed since it was run", filepath.Join(dir, name)))
		}
	}
	for _, f := range set.Files {
		if _, gone := was[f.File]; gone {
			wrong = append(wrong, fmt.Sprintf("foreign: %s was run, and is not in %s now", f.File, dir))
		}
	}
	return wrong, nil
}

// probe finds out before anything is said whether the merged summary has a place.
func (o *summaryFlags) probe(parts []report.SummaryAt) error {
	if o.output == "" || o.output == "-" {
		return nil
	}
	for _, p := range parts {
		if sameFile(o.output, p.Path) {
			return hinted(usage("--output would overwrite %s, which is merged", p.Path), "give another file")
		}
	}
	err := report.Probe(o.output)
	if err == nil {
		_, err = readSummary(o.output)
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err == nil { // where this one is refused, nobody takes an earlier one for it
			return os.Remove(o.output)
		}
		err = fmt.Errorf("%s: the file is there and is no summary of ackrevoke", o.output)
	}
	return &status{code: end.CodeError, err: err, hint: "give another name with --output"}
}

func (p Program) leave(o *summaryFlags, a *report.Accounts) error {
	switch o.output {
	case "":
		return nil
	case "-":
		return p.print(a)
	}
	return report.Write(o.output, a)
}
