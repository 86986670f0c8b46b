package liar

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"ackrevoke/ack/sim"
	"ackrevoke/cmd/cli"
	"ackrevoke/cmd/test/stage"
	"ackrevoke/job/report"
)

// play is one life of a fable: the real program with the real SDK, run after
// run, and everything that is wrong with what it did or said.
type play struct {
	f       *fable
	account *sim.Account
	program cli.Program // without its arguments
	args    []string
	dir     string
	wait    func(time.Duration)

	wrong               []string
	tally               map[string]int
	runs, calls, faults int
	last                int // exit code of the third run

	axe   *axe            // of wild worlds
	lost  []loss          // by the runs so far
	wrote map[string]bool // "uid cluster" of every write so far
	bulks []sim.Call      // of several clusters, so far

	listed int // entries of the list, as the last run left it for the next one

	proven map[string]string // by action: the last run that proved its target gone
}

// inBubble plays a fable where waits cost nothing.
func inBubble(t *testing.T, f *fable, dir string) *play {
	var p *play
	synctest.Test(t, func(t *testing.T) {
		began, pipe := time.Now(), stage.NewPipe()
		now := func() time.Time { return stage.Noon.Add(time.Since(began)) }
		var err error
		if p, err = newPlay(f, dir, now); err != nil {
			p = &play{wrong: []string{"world: " + err.Error()}}
			return
		}
		p.wait = func(d time.Duration) { <-time.After(d) }
		p.program.Dial = pipe.Dial
		p.endpoint("http://127.0.0.1:1")
		p.axe = &axe{account: p.account, dir: dir}
		server := &http.Server{Handler: p.axe}
		go func() { _ = server.Serve(pipe) }()
		if f.wild {
			p.liveWild()
		} else {
			p.live()
		}
		_ = server.Close()
		synctest.Wait()
	})
	return p
}

func newPlay(f *fable, dir string, now func() time.Time) (*play, error) {
	estate, err := sim.Load("estate.yaml", f.estate())
	if err != nil {
		return nil, err
	}
	var script *sim.Faults
	if text := f.script(); text != nil {
		if script, err = sim.LoadFaults("faults.yaml", text); err != nil {
			return nil, err
		}
	}
	p := &play{f: f, dir: dir, tally: map[string]int{}, wrote: map[string]bool{}, proven: map[string]string{},
		account: sim.New(estate, sim.Options{Now: now, Faults: script, KeepAnswers: true})}
	p.program = cli.Program{Env: []string{}, Now: now}
	return p, os.WriteFile(filepath.Join(dir, "policy.yaml"), f.policy(), 0o600)
}

func (p *play) endpoint(url string) {
	p.args = []string{"run", "-p", filepath.Join(p.dir, "policy.yaml"), "-o", filepath.Join(p.dir, "report.json"),
		"--cs-endpoint", url, "--ram-endpoint", url, "--sts-endpoint", url}
	for name, n := range map[string]int{"allow-revocations": p.f.flags.allow, "max-principals": p.f.flags.maxPrincipals,
		"max-revocations": p.f.flags.maxRevocations} {
		if n >= 0 {
			p.args = append(p.args, fmt.Sprintf("--%s=%d", name, n))
		}
	}
	if p.f.flags.single {
		p.args = append(p.args, "--no-bulk")
	}
}

// say notes something wrong; what comes before the colon names the rule.
func (p *play) say(format string, args ...any) {
	p.wrong = append(p.wrong, fmt.Sprintf(format, args...))
}

// run makes one run and checks what holds for every run.
func (p *play) run(args ...string) stage.Ran {
	p.account.Reset()
	path := filepath.Join(p.dir, "report.json")
	_ = os.Remove(path)
	before, emptied := p.account.Truth(), p.emptied()
	var stdout, stderr bytes.Buffer
	program := p.program
	program.Args, program.Stdin, program.Stdout, program.Stderr = slices.Concat(p.args, args), strings.NewReader(""), &stdout, &stderr
	r := stage.Ran{Code: program.Run(context.Background()), Args: args}
	r.Stdout, r.Stderr, r.Calls = stdout.String(), stderr.String(), p.account.Calls()
	p.runs++
	p.tally[fmt.Sprintf("exit %d", r.Code)]++
	p.calls += len(r.Calls)
	for _, c := range r.Calls {
		if c.Fault != "" {
			p.faults++
			p.tally["fault "+c.Fault]++
		}
	}
	after := p.account.Truth()
	p.bulk(r, before)
	p.ground(r, before, after)
	p.remember(r, before, vanished(before, after))
	for _, c := range r.Calls {
		for _, id := range named(c) {
			if c.Write {
				p.wrote[c.UID+" "+id] = true
			}
		}
	}
	if p.axe != nil && p.axe.fallen() {
		return r // the process is dead, and what it would have written is not there
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		p.say("report: there is none: %v\n%s", err, r.Stderr)
		return r
	}
	r.Raw = raw
	if r.Report, err = report.Decode(raw); err != nil {
		p.say("report: %v", err)
		return r
	}
	if err := report.Check(r.Report); err != nil {
		p.say("accounting: %v", err)
	}
	if r.Report.Verdict.ExitCode != r.Code {
		p.say("report: exit %d, but the report says %d", r.Code, r.Report.Verdict.ExitCode)
	}
	p.heeds(r, emptied)
	p.besideCertificates(r, vanished(before, after))
	p.bulkWords(r, after)
	if p.beside(r, vanished(before, after)); !p.f.wild {
		p.safe(r, before, after)
		p.recalls(r)
	}
	return r
}

// live is a dry run, an application, another one, and what follows from the
// faults and effects that are still to come.
func (p *play) live() {
	f := p.f
	exact := !f.strange && len(f.faults) == 0
	var dryArgs, applyArgs []string
	if f.flags.check {
		dryArgs = []string{"--check"}
	}
	dry := p.run(dryArgs...)
	if exact && dry.Report != nil {
		p.compare("dry run", dry, foretell(f, f.truth()), nil)
	}
	p.wait(5 * time.Minute)
	if f.flags.expect && dry.Report != nil && dry.Report.Plan.Digest != "" && exact {
		applyArgs = []string{"--expect-plan", dry.Report.Plan.Digest}
	}
	p.apply("first run", exact, applyArgs...)
	p.wait(5 * time.Minute)
	_, p.last = p.apply("second run", exact)
	if exact && f.open.effect > time.Hour {
		p.wait(13 * time.Hour)
		p.apply("run after the effects", true)
	}
	if len(f.faults) > 0 && !f.lasting() {
		p.settle()
	}
	p.comeBack()
	p.empty()
}

// apply makes a run that may write and, if wanted, holds it to what is foretold.
func (p *play) apply(name string, exact bool, args ...string) (faulty bool, code int) {
	now := p.f.truth()
	if p.runs > 0 {
		now = truthOf(p.account.Truth(), p.f)
	}
	r := p.run(append(args, "--dry-run=false")...)
	faulty = slices.ContainsFunc(r.Calls, func(c sim.Call) bool { return c.Fault != "" })
	if exact && !faulty && r.Report != nil {
		o := foretell(p.f, now)
		then, outcomes := o.apply()
		if o.vague {
			p.tally["bulk not foretold"]++
			return faulty, r.Code
		}
		p.compare(name, r, o, outcomes)
		p.compareTruth(name, then, truthOf(p.account.Truth(), p.f))
	}
	return faulty, r.Code
}

// settle runs until the script has nothing left, and expects of the run after
// that what the oracle foretells of an account without faults.
func (p *play) settle() {
	for range 50 {
		p.wait(5 * time.Minute)
		if faulty, _ := p.apply("run after the faults", true); !faulty {
			p.wait(5 * time.Minute)
			p.apply("second run after the faults", true)
			return
		}
	}
	p.say("convergence: 50 runs met faults, and the script is not that long")
}
