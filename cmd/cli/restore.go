package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"

	"github.com/spf13/cobra"

	"ackrevoke/ack"
	"ackrevoke/ack/apiserver"
	"ackrevoke/cmd/cli/voice"
	"ackrevoke/job/end"
	"ackrevoke/job/report"
	"ackrevoke/job/restore"
	"ackrevoke/job/write"
	"ackrevoke/policy"
)

// restoring are the options of restore: some of those of a run, and its own.
type restoring struct {
	options
	source, uid, cluster, run string
	older                     bool
	to                        string // of the report, "" for none
	leaked, server            string
}

func (p Program) restoreCommand() *cobra.Command {
	var o restoring
	c := &cobra.Command{
		Use:   "restore REPORT|JOURNAL --uid U --cluster C",
		Short: "Give back what a run took from one principal on one cluster; writes to the account",
		Long: `restore gives back what a run took away from one principal on one cluster (or its
all-clusters grants: --cluster all-clusters), and reads it back. The source is
the report of a run that revoked, or its journal, also that of a run that was
killed. It is a dry run unless --dry-run=false is given on the command line.

Only what is missing now is given, and only to the very same identity. It waits
until what was taken away has been gone for 10 s. A certificate cannot be given
back: the principal fetches a new kubeconfig. With --prove-with the cluster is
asked about the leaked file before and after; if it is alive, the same rows are
taken away again. Exit codes as those of run: 0 given, or nothing missing; 4
refused; 5 failed, not proven, or the leaked file is alive; 6 something cannot
be seen.`,
		Example: "  ackrevoke restore report.json --uid 200000000000000002 --cluster c0a1000000000000000000000000000002",
		Args:    cobra.ExactArgs(1),
	}
	f := c.Flags()
	o.take(f, append(writing, ofPolicy)...)
	reword(f, "policy", "the policy `FILE` in force: who is listed there as departed gets nothing back",
		"dry-run", "say only what would be given; --dry-run=false, on the command line alone, gives it",
		"journal", "`DIR` of the journal (default that of the source)",
		"verify-timeout", "of each wait: until it may be given, and until it is read back")
	own(f, o.flags()...)
	c.RunE = func(c *cobra.Command, args []string) error {
		o.source = args[0]
		if err := applyEnvironment(c.Flags(), p.Env); err != nil {
			return err
		}
		if err := o.check(c); err != nil {
			return err
		}
		return p.restore(c.Context(), &o)
	}
	return c
}

func (o *restoring) flags() []flag {
	return []flag{
		{name: "uid", at: &o.uid, help: "the `UID` of the principal"},
		{name: "cluster", at: &o.cluster, help: "the `ID` of the cluster, or all-clusters"},
		{name: "run", at: &o.run, help: "the `ID` of the run, where a journal has several"},
		{name: "older", at: &o.older, help: fmt.Sprintf("give back a snapshot that is older than %d days", policy.SnapshotAge)},
		{name: "report", short: "o", variable: fromEnvironment, at: &o.to, help: "write a report to this `FILE`, - for standard output (default none)"},
		{name: "prove-with", at: &o.leaked, help: "the leaked kubeconfig `FILE`: prove that it stays without power"},
		{name: "server", at: &o.server,
			help: "the `URL` of the API server that --prove-with asks (default what the account has for the cluster)"},
	}
}

func (o *restoring) check(c *cobra.Command) error {
	if err := obey(
		rule{!uidForm.MatchString(o.uid), fmt.Sprintf("--uid %q is no uid", o.uid), "the uid of the action in the report: digits"},
		rule{o.cluster == "", "--cluster is missing", "the id of the cluster of the action in the report, or all-clusters"},
		rule{slices.Contains([]string{"json", "yaml", "table"}, o.to), "--report " + o.to + ": this flag names a file", "the report is always JSON: give a file such as restore.json, or - for standard output"},
		rule{sameFile(o.to, o.source), "--report would overwrite the source", "give another file: the source is the only record of what was taken away"},
		rule{o.to != "-" && (sameFile(o.to, o.policy) || sameFile(o.to, o.leaked)), "--report would overwrite a file that is read", "give another file"},
		rule{o.server != "" && o.leaked == "", "--server is about --prove-with", "give both, or neither"},
		rule{o.leaked == "-", "--prove-with - is no file", "the file is read when it is needed: give its name"},
	); err != nil {
		return err
	}
	if o.server != "" {
		if _, err := apiserver.ParseServer(o.server); err != nil {
			return hinted(usage("--server: %w", err), "for example --server https://203.0.113.7:6443")
		}
	}
	return o.validate(c)
}

// sameFile reports whether two names are one file.
func sameFile(a, b string) bool {
	if a == "" || b == "" {
		return false
	}
	x, errX := os.Stat(a)
	y, errY := os.Stat(b)
	return filepath.Clean(a) == filepath.Clean(b) || errX == nil && errY == nil && os.SameFile(x, y)
}

// restore makes one restore, from the source to the last words.
func (p Program) restore(ctx context.Context, o *restoring) error {
	v := p.voice(&o.options)
	pol, err := p.load(&o.options)
	if err != nil {
		v.Problems(err)
		return exit(end.CodeInvalid)
	}
	if err := o.probe(); err != nil {
		return hinted(&status{code: end.CodeError, err: err}, "nothing was called; give another name with --report, or leave it out")
	}
	source, err := o.read()
	var journal *write.Journal
	folder := ""
	if err == nil && !o.dryRun {
		var err error
		if folder, err = o.folder(source); err == nil {
			journal, err = write.OpenJournal(folder)
		}
		if err != nil {
			return hinted(&status{code: end.CodeError, err: err}, "nothing was called; name the folder of the journal with --journal")
		}
		defer func() { _ = journal.Close() }()
		source, err = o.read() // nobody writes to it any more
	}
	if err != nil {
		return hinted(usage("%s: %w", o.source, err), "give the report or the journal of a run that revoked, and a uid and cluster of its actions")
	}
	open, err := p.leakedFile(o, source, v)
	if err != nil {
		return err
	}
	a, err := p.connectAs(&o.options, func(c *ack.Options) { c.Grants = !o.dryRun })
	if err != nil {
		return err
	}
	defer a.close()
	ctx, cancel := context.WithTimeoutCause(ctx, o.timeout, end.ErrTimeLimit)
	defer cancel()
	c := restore.Config{Source: source, Current: pol, Older: o.older, Reader: a.Client, Leaked: open, Journal: journal,
		Concurrency: o.concurrency, VerifyTimeout: o.verifyTimeout, Now: p.Now, Calls: a.calls, Tell: v.Hear, Run: p.about(&o.options)}
	c.Run.Endpoints = report.Endpoints{CS: a.endpoints.CS, RAM: a.endpoints.RAM, STS: a.endpoints.STS}
	c.Run.Journal = folder
	if !o.dryRun {
		c.Granter = a.Client
	}
	r, panicked := restore.Run(ctx, c)
	if panicked != nil {
		v.Panicked(panicked)
	}
	v.CloseRestore(r, o.to)
	if err := p.deliver(o, r); err != nil {
		v.FailedToWrite(err)
		return exit(end.CodeError)
	}
	if journal != nil && panicked == nil {
		if err := journal.PutAway(r.Run.ID); err != nil {
			v.Warn().Say(err.Error())
		}
	}
	return exit(r.Verdict.ExitCode)
}

// read finds in the source what was taken away.
func (o *restoring) read() (*restore.Source, error) {
	const most = 64 << 20
	f, err := os.Open(o.source)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, most+1))
	if err != nil {
		return nil, err
	}
	if len(data) > most {
		return nil, fmt.Errorf("larger than %d MiB: neither a report nor a journal", most>>20)
	}
	s, err := o.sourceOf(data)
	if err != nil {
		return nil, err
	}
	if s.Simulated && o.simulate == "" {
		return nil, errors.New("it is of a simulated account: nothing of it is given back in a real one")
	}
	return s, nil
}

// sourceOf tells a report, one object with a schema, from a journal, lines.
func (o *restoring) sourceOf(data []byte) (*restore.Source, error) {
	var head struct {
		Schema *string `json:"schema"`
	}
	if json.NewDecoder(bytes.NewReader(data)).Decode(&head) == nil && head.Schema != nil {
		r, err := report.Decode(data)
		if err != nil {
			return nil, err
		}
		return restore.FromReport(o.source, r, o.uid, o.cluster)
	}
	lines := write.ReadLines(data)
	if len(lines) == 0 {
		return nil, errors.New("neither a report nor a journal")
	}
	return restore.FromJournal(o.source, lines, o.uid, o.cluster, o.run)
}

// keptForm is the end of the name of a report that is kept: its run id.
var keptForm = regexp.MustCompile(`-[0-9]{8}T[0-9]{6}Z-[0-9a-f]{8}(\.[^.]*)$`)

// folder is that of the journal of the source. A restore must hold it: a run
// that is at work with it may be about to take away what is given.
//
//	--journal                      that
//	the source lies in a journal   its own folder
//	the report names a folder      that one, as the run named it, or beside or around the report where that has been moved
//	an older report                the one that a run takes for a report of this name
func (o *restoring) folder(s *restore.Source) (string, error) {
	beside := filepath.Dir(o.source)
	switch {
	case o.journal != "":
		return o.journal, nil
	case s.From == "journal":
		return beside, nil
	case s.Journal == "":
		return keptForm.ReplaceAllString(o.source, "$1") + ".journal", nil
	}
	var found []string
	places := []string{s.Journal, filepath.Join(beside, filepath.Base(s.Journal))}
	if whole, err := filepath.Abs(beside); err == nil && filepath.Base(whole) == filepath.Base(s.Journal) {
		places = append(places, beside) // a run without a report file keeps it in the folder itself
	}
	for _, dir := range places {
		info, err := os.Stat(dir)
		if err == nil && info.IsDir() && !slices.ContainsFunc(found, func(other string) bool { return sameFile(dir, other) }) {
			found = append(found, dir)
		}
	}
	switch len(found) {
	case 0:
		return "", fmt.Errorf("the run kept its journal in %s, and that folder is not there", voice.Name(s.Journal))
	case 1:
		return found[0], nil
	}
	return "", fmt.Errorf("the run kept its journal in %s, and both %s and %s are there", voice.Name(s.Journal), voice.Name(found[0]), voice.Name(found[1]))
}

// probe finds out whether the report can be written afterwards, and keeps it
// off whatever is no report of a restore.
func (o *restoring) probe() error {
	if o.to == "" || o.to == "-" {
		return nil
	}
	if err := report.Probe(o.to); err != nil {
		return err
	}
	data, err := os.ReadFile(o.to)
	if errors.Is(err, os.ErrNotExist) || err == nil && len(data) == 0 {
		return nil
	}
	if err == nil {
		_, err = report.DecodeRestore(data)
	}
	if err != nil {
		return fmt.Errorf("report %s: the file is there and is no report of a restore", o.to)
	}
	return nil
}

func (p Program) deliver(o *restoring, r *report.Restore) error {
	switch o.to {
	case "":
		return nil
	case "-":
		data, err := r.Encode()
		if err != nil {
			return err
		}
		_, err = p.Stdout.Write(data)
		return err
	}
	return report.Write(o.to, r)
}
