package liar

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"ackrevoke/ack/sim"
	"ackrevoke/cmd/test/stage"
	"ackrevoke/job/end"
	"ackrevoke/job/write"
)

// regretAll asks for everything back, under a policy that lists nobody: each row
// comes back, or the restore refuses for a reason.
func (p *play) regretAll() {
	nobody := filepath.Join(p.dir, "nobody.yaml")
	if err := os.WriteFile(nobody, []byte(fmt.Sprintf("version: 1\naccount: %q\nprincipals: []\n", stage.Account)), 0o600); err != nil {
		p.say("world: %v", err)
		return
	}
	if p.f.fetches {
		for _, l := range p.lost {
			if l.grant != nil && len(l.meant) > 0 {
				p.account.Fetch(l.uid, l.cluster)
			}
		}
		p.wait(5 * time.Minute)
	}
	asked := map[string]bool{}
	for _, l := range p.lost {
		key := l.uid + " " + l.cluster
		if l.grant == nil || l.grant.Owner || asked[key] || len(asked) > 3 {
			continue
		}
		asked[key] = true
		if len(asked) == 1 {
			p.whileHeld(nobody, l)
		}
		p.askFor(nobody, l)
	}
}

// whileHeld asks for a row while another run holds the journal of the one that
// took it away: the report says where that is, and nothing may be written then.
func (p *play) whileHeld(nobody string, l loss) {
	held, err := write.OpenJournal(filepath.Join(p.dir, "report.json.journal"))
	if err != nil {
		p.say("world: %v", err)
		return
	}
	defer func() { _ = held.Close() }()
	cluster := l.cluster
	if l.grant.AllClusters {
		cluster = "all-clusters"
	}
	reports, _ := filepath.Glob(filepath.Join(p.dir, "report-*.json"))
	for _, source := range reports {
		p.give(nobody, source, l.uid, cluster)
		if slices.ContainsFunc(p.account.Calls(), func(c sim.Call) bool { return c.Write }) {
			p.say("G3: a restore of %s writes while a run holds the journal", filepath.Base(source))
		}
	}
}

// askFor asks every source that knows of a row, until one gives it back.
func (p *play) askFor(nobody string, l loss) {
	cluster := l.cluster
	if l.grant.AllClusters {
		cluster = "all-clusters"
	}
	best := 2
	for _, source := range p.sources() {
		was := p.account.Truth()
		code := p.give(nobody, source, l.uid, cluster, "--journal", filepath.Join(p.dir, "report.json.journal"))
		now := p.account.Truth()
		p.givenOnly(was, now, l)
		p.tally[fmt.Sprintf("restore %d", code)]++
		for _, c := range l.meant {
			alive := slices.ContainsFunc(now.Certificates, func(d sim.Certificate) bool {
				return d.UID == c.UID && d.Cluster == c.Cluster && d.Expires.Equal(c.Expires) && d.State == "Unexpired"
			})
			if alive && !slices.Contains(was.Grants, *l.grant) && slices.Contains(now.Grants, *l.grant) {
				p.say("G3: %+v was given back, and the certificate until %s that was to be ended is in force", *l.grant,
					c.Expires.Format(time.DateOnly))
			}
		}
		switch {
		case code == end.CodeClean && p.f.grantsLagOf(l.uid):
			return // the service itself may have said that the row is there
		case code == end.CodeClean && !slices.Contains(now.Grants, *l.grant) && !p.elsewhereGiven(l):
			continue // this source is about another run
		case code == end.CodeClean:
			return
		case code != 2:
			best = code
		}
	}
	reasons := []int{4, 6}
	if len(p.f.faults) > 0 {
		reasons = append(reasons, 1, 5)
	}
	// Nobody can name what goes along with a write of a process that dies over it.
	along := len(p.f.faults) > 0 || p.along(l.uid) || l.grant.AllClusters && p.f.open.cleanAll == "remove"
	if unnamed := l.killed && along; !slices.Contains(reasons, best) && !unnamed {
		p.say("G3: %+v was asked back, and restore ends in %d", *l.grant, best)
	}
}

// elsewhereGiven says that the row is there again, or cannot be, because another
// role has its place.
func (p *play) elsewhereGiven(l loss) bool {
	return slices.ContainsFunc(p.account.Truth().Grants, func(g sim.Grant) bool {
		return g.UID == l.uid && g.Cluster == l.cluster && g.Namespace == l.grant.Namespace && g.AllClusters == l.grant.AllClusters &&
			!g.Custom && !l.grant.Custom
	})
}

func (p *play) give(policy, source, uid, cluster string, args ...string) int {
	p.account.Reset()
	var stdout, stderr bytes.Buffer
	program := p.program
	program.Args = append([]string{"restore", source, "-p", policy, "--uid", uid, "--cluster", cluster, "--dry-run=false"}, args...)
	program.Args = append(program.Args, p.args[5:11]...) // the endpoints
	program.Stdin, program.Stdout, program.Stderr = strings.NewReader(""), &stdout, &stderr
	p.runs++
	code := program.Run(context.Background())
	_, advice, _ := strings.Cut(stderr.String(), "not the same rows: name one of ")
	runs, _, several := strings.Cut(advice, " with --run")
	if code != end.CodeInvalid || !several || slices.Contains(args, "--run") {
		return code
	}
	// The journal has several runs: each is asked, as the program says.
	for _, run := range strings.Split(runs, ", ") {
		if got := p.give(policy, source, uid, cluster, append(slices.Clone(args), "--run", run)...); got != end.CodeInvalid {
			code = got
		}
	}
	return code
}

// givenOnly says that nobody gained but who was asked for, and nobody lost.
func (p *play) givenOnly(was, now sim.Truth, l loss) {
	for _, g := range now.Grants {
		if !slices.Contains(was.Grants, g) && (g.UID != l.uid || g.Cluster != l.cluster || g.AllClusters != l.grant.AllClusters) {
			p.say("G3: %+v was given, and %+v was asked for", g, *l.grant)
		}
	}
	for _, c := range now.Certificates {
		if c.State == "Unexpired" && !slices.Contains(was.Certificates, c) {
			p.say("G3: a restore brought the certificate %+v", c)
		}
	}
	if late := vanished(was, now); p.f.open.effect == 0 && (len(late.grants) > 0 || len(late.certificates) > 0) {
		p.say("G3: a restore took away %+v", late)
	}
}
