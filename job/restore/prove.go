package restore

import (
	"context"

	"ackrevoke/job/report"
	"ackrevoke/job/write"
	"ackrevoke/policy"
)

// Power is what a leaked file can still do, by the cluster's own word.
type Power string

// The powers of a leaked file.
const (
	Dead        Power = "dead"        // it does not authenticate
	Powerless   Power = "powerless"   // it authenticates, and may do nothing
	Alive       Power = "alive"       // it may do something
	Unreachable Power = "unreachable" // nobody answered: never counted as dead
)

// Proof is the answer of a cluster about a leaked file.
type Proof struct {
	Power   Power
	Message string // what it was told, or what it may do
}

// OpenLeaked opens a leaked file, to ask one of these clusters as it. An error says
// why the file cannot be of any.
type OpenLeaked func(clusters []policy.Cluster) (Prover, error)

// Prover asks the cluster itself, as the leaked file.
type Prover interface {
	Prove(ctx context.Context) Proof
}

// prove asks, and keeps the answer. Afterwards it asks until there is one: the
// rows are there by then, and not to know is worse than to wait.
func (x *restore) prove(ctx context.Context, when string) Power {
	until := x.Now()
	if when == after {
		until = until.Add(x.VerifyTimeout)
	}
	for wait := write.FirstWait; ; wait = min(2*wait, write.LongestWait) {
		p := x.prover.Prove(ctx)
		left := until.Sub(x.Now())
		if p.Power == Unreachable && left > 0 && ctx.Err() == nil && write.Sleep(ctx, min(wait, left)) {
			continue
		}
		x.note("the leaked file is " + string(p.Power) + ", " + when + " the grants: " + p.Message)
		x.r.Proofs = append(x.r.Proofs, report.Proof{When: when, Verdict: string(p.Power), Message: p.Message, At: report.At(x.Now())})
		return p.Power
	}
}

const (
	before = "before"
	after  = "after"
)
