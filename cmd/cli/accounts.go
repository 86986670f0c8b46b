package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime/debug"
	"sync"

	"github.com/spf13/cobra"

	"ackrevoke/cmd/cli/voice"
	"ackrevoke/job/end"
	"ackrevoke/job/report"
	"ackrevoke/job/sight"
)

const tryAgain = "run again: it reads the file anew"

// accounts is a run over a folder of policy files, one account each.
//
//	files --read--> set --shard--> a run of its own for each, so many at a time --> rows --> summary
//
// Each is exactly the run that the file would have alone, with a client, a report
// and a journal of its own; nothing that happens to one stops another. Between two
// steps nothing is kept but a row a file.
type accounts struct {
	Program
	o     *options
	shard report.Shard
	words []string // of the command line that each of the runs has as well
}

// accounts prepares rounds over the folder.
func (p Program) accounts(c *cobra.Command, o *options) (*accounts, error) {
	shard, err := shardOf(o.shard, p.Env)
	if err != nil {
		return nil, err
	}
	o.meter.ofShard(shard)
	return &accounts{Program: p, o: o, shard: shard, words: o.words(c)}, nil
}

// round runs every file of the shard once, and leaves the summary. The second
// result is a panic, after which a resident process must not go on.
func (a *accounts) round(ctx context.Context) (int, error) {
	crowd := voice.NewCrowd(a.Stderr, a.Terminal && a.o.logFormat != "json")
	all := a.Program
	all.Stderr = crowd.Member("")
	v := all.voice(a.o)
	files, to, err := a.begin()
	if err != nil {
		a.o.meter.begin(a.Now())
		a.besides(v, codeOf(err))
		return complained(all.Stderr, err), nil
	}
	v.Exposed(exposedOf(a.o.report))
	sum := report.NewAccounts()
	sum.Run = report.AccountsRun{ID: runID(a.Now()), Mode: report.DryRun, Version: a.version(), StartedAt: report.At(a.Now())}
	if !a.o.dryRun {
		sum.Run.Mode = report.Apply
	}
	sum.Shard, sum.Set = a.shard, setOf(a.o.policyDir, files)
	missing, unheard := a.lost(files, v)
	sum.Gone = missing
	var panicked error
	sum.Files, panicked = a.all(ctx, crowd, files)
	sum.Run.FinishedAt, sum.Run.Interrupted = report.At(a.Now()), end.BySignal(ctx) != nil
	held := end.Held{Error: unheard}
	_ = held.Cut(ctx) // the time limit is of each run, and its report says so
	sum.Complete(held)
	if err := report.Write(to, sum); err != nil {
		v.FailedToWrite(err)
		held.Error = true
		sum.Complete(held)
	}
	a.o.meter.gone(missing, a.meant(files))
	a.besides(v, sum.Verdict.ExitCode, sum.Files...)
	v.CloseAccounts(sum, to, a.next(v, sum))
	return sum.Verdict.ExitCode, panicked
}

// begin reads the files, and makes sure of the place of reports and summary. The
// summary of an earlier round is taken away: where this process is killed, none
// is there, and nobody takes yesterday's for today's.
func (a *accounts) begin() (files []policyFile, to string, err error) {
	files, err = readPolicies(a.o.policyDir)
	const hint = "name a folder with one policy file for each account, *.yaml or *.yml; nothing was called"
	if errors.Is(err, errNoFiles) {
		return nil, "", hinted(usage("--policy-dir %s: %w", a.o.policyDir, err), hint)
	}
	if err != nil {
		return nil, "", unreadable(noFolder("--policy-dir", a.o.policyDir, err, hint), "")
	}
	to = filepath.Join(a.o.report, a.shard.Name())
	if err := a.probe(to); err != nil {
		return nil, "", hinted(&status{code: end.CodeError, err: err}, "nothing was called; name another folder with --report")
	}
	if a.o.meter != nil {
		a.o.meter.together = true
	}
	a.o.meter.begin(a.Now())
	if err := a.o.meter.fit(); err != nil {
		return nil, "", hinted(&status{code: end.CodeError, err: err}, "nothing was called; give another file with --metrics-file")
	}
	return files, to, nil
}

// probe finds out whether the folder of the reports takes them, and that no file
// of anybody's is in the place of the summary.
func (a *accounts) probe(to string) error {
	if err := os.MkdirAll(a.o.report, 0o700); err != nil {
		return fmt.Errorf("the folder of the reports: %w", err)
	}
	if err := report.Probe(to); err != nil {
		return err
	}
	if foreign(to, report.SummaryName) {
		return fmt.Errorf("%s: the file is there and is no summary of ackrevoke", to)
	}
	if err := os.Remove(to); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// setOf is the set that the files are.
func setOf(dir string, files []policyFile) report.PolicySet {
	set := report.PolicySet{Folder: dir}
	for _, f := range files {
		set.Files = append(set.Files, f.PolicyFile)
	}
	set.SHA256 = set.Digest()
	return set
}

// all runs the files of the shard, so many at a time. Rows are in order.
func (a *accounts) all(ctx context.Context, crowd *voice.Crowd, files []policyFile) ([]report.AccountRow, error) {
	var mine []policyFile
	for i := a.shard.Index; i < len(files); i += a.shard.Count {
		mine = append(mine, files[i])
	}
	rows := make([]report.AccountRow, len(mine))
	next := make(chan int)
	var mu sync.Mutex
	var panicked error
	done := 0
	var wait sync.WaitGroup
	for range min(a.o.atATime, len(mine)) {
		wait.Go(func() {
			for i := range next {
				row, by := a.one(ctx, crowd, mine[i])
				mu.Lock()
				rows[i] = row
				done++
				if by != nil {
					panicked = by
				}
				crowd.Progress("accounts", done, len(mine))
				mu.Unlock()
			}
		})
	}
	for i := range mine {
		next <- i
	}
	close(next)
	wait.Wait()
	crowd.Quiet()
	return rows, panicked
}

// one makes the run of one file, and says in a row how it ended.
func (a *accounts) one(ctx context.Context, crowd *voice.Crowd, f policyFile) (row report.AccountRow, panicked error) {
	row = report.AccountRow{PolicyFile: f.PolicyFile, Account: f.account}
	defer a.o.meter.at(a.Now)()
	member := crowd.Member(f.File)
	defer member.Close()
	p, o := a.alone(f)
	p.Stderr = member
	out := &outputs{o: o, stdout: p.Stdout}
	defer func() { // what onceTo did not catch, for one account must not end the others
		if value := recover(); value != nil {
			panicked = &sight.Panic{Value: value, Stack: debug.Stack()}
			row.Verdict, row.ExitCode, row.Error = end.Errored, end.CodeError, panicked.Error()
		}
	}()
	if ctx.Err() != nil {
		notStarted(ctx, &row)
		p.untried(o, row.ExitCode)
		return row, nil
	}
	switch {
	case f.wrong != "":
		row.Verdict, row.ExitCode, row.Error = end.Invalid, end.CodeInvalid, f.wrong
		voice.Complain(member, errors.New(f.wrong), f.hint)
		if f.unnamed {
			p.untried(o, row.ExitCode)
			return row, nil
		}
		p.notRun(o, out, p.voice(o), nil, end.Held{Invalid: true}, []string{f.wrong}, f.hint)
	default:
		row.Verdict, row.ExitCode = end.Errored, end.CodeError
		_, panicked = p.onceTo(ctx, o, out)
	}
	if out.last != nil {
		row.Tell(out.last)
	}
	if out.written {
		row.Report = f.stem + ".json"
	}
	return row, panicked
}

// notStarted is the row of a file whose turn did not come before a signal did.
func notStarted(ctx context.Context, row *report.AccountRow) {
	row.Verdict, row.ExitCode = end.Interrupted, end.CodeError
	if by := end.BySignal(ctx); by != nil {
		row.ExitCode = by.Code
	}
	row.Error = fmt.Sprintf("not started: %v", context.Cause(ctx))
}

// alone is the program, and its flags, as if the file were run by itself.
func (a *accounts) alone(f policyFile) (Program, *options) {
	o := *a.o
	o.policyDir, o.shard, o.schedule, o.stated = "", "", "", f.SHA256
	o.policy = filepath.Join(a.o.policyDir, f.File)
	o.report = filepath.Join(a.o.report, f.stem+".json")
	p := a.Program
	p.Args = append([]string{"run", "--policy=" + o.policy, "--report=" + o.report}, a.words...)
	// The journal is the account's and not the file's: whatever the file is called
	// next, its lock keeps a second writer out, and what it tells is found again.
	name := cmp.Or(f.account, f.stem)
	if o.ofAccount = filepath.Join(a.o.report, name+".journal"); a.o.journal != "" {
		o.journal = filepath.Join(a.o.journal, name)
	}
	p.Args = append(p.Args, "--journal="+o.journalDir())
	return p, &o
}

// next is the command that goes on: the same again where something was not done,
// else the proof over all shards.
func (a *accounts) next(v *voice.Voice, sum *report.Accounts) string {
	switch {
	case sum.Run.Interrupted || sum.Verdict.ExitCode == end.CodeError:
		return v.Again()
	case a.shard.Count > 1:
		return voice.Command("summary", a.o.report)
	}
	return ""
}

// complained says what is wrong, and returns the exit code of it.
func complained(to io.Writer, err error) int {
	s := &status{code: end.CodeError, err: err}
	_ = errors.As(err, &s)
	voice.Complain(to, s, s.hint)
	return s.code
}

func codeOf(err error) int { return complained(io.Discard, err) }

// exposedOf is the folder, where everybody may put files into it.
func exposedOf(folder string) []string {
	return (&outputs{o: &options{report: filepath.Join(folder, "report.json")}}).exposed()
}
