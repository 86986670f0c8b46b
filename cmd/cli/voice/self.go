package voice

import (
	"time"

	"ackrevoke/job/end"
	"ackrevoke/job/report"
	"ackrevoke/job/self"
	"ackrevoke/policy"
)

// CloseSelf says who the caller is, what was and is there on each cluster, and
// in one line what happened and what comes next.
func (v *Voice) CloseSelf(r *self.Result, simulated bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.clear()
	v.errors(r.Errors)
	v.caller(r.Caller)
	for _, c := range r.Clusters {
		for _, w := range c.Warnings {
			v.Warn().Str("cluster", c.ID).Say(w)
		}
		line := v.Info()
		if c.Error != nil {
			line = v.Error().Text("error", c.Error.Message).Text("hint", c.Error.Hint)
		}
		line.Str("cluster", c.ID).Str("name", c.Name).Str("certificate", certificate(c.Before)).Str("after", certificate(c.After)).
			Str("requestId", c.RequestID).Say(string(c.Status))
	}
	next := ""
	if r.Verdict.Name == end.Planned {
		next = v.Again("--dry-run=false")
	}
	if v.console {
		v.close(closingSelf(r, simulated), next)
		return
	}
	v.verdict(string(r.Verdict.Name), r.Verdict.ExitCode).Whole("next", next).Say(closingSelf(r, simulated))
}

func (v *Voice) caller(c policy.Caller) {
	if c.UID != "" {
		v.Info().Str("type", string(c.Type)).Str("uid", c.UID).Str("arn", c.ARN).Str("account", c.AccountID).Say("the caller")
	}
	if c.Type == policy.AssumedRoleUser {
		v.Warn().Say("the caller is a session of a role: its credential is everybody's who assumes the role, " +
			"and whether a session may revoke it is not documented")
	}
}

// closingSelf is the one line that a reader in a hurry reads.
func closingSelf(r *self.Result, simulated bool) string {
	counts := map[report.Status]int{}
	for _, c := range r.Clusters {
		counts[c.Status]++
	}
	var said []string
	for _, n := range []struct {
		status report.Status
		text   string
	}{
		{report.WasPlanned, "would be revoked"},
		{report.WasRevoked, "revoked and proven; the service issues a new certificate, fetch it in the console, and the grants stay"},
		{self.NothingThere, "with nothing to revoke"}, {report.WasUnverified, "not proven"}, {report.WasFailed, "failed"},
		{report.WasSkipped, "skipped"}, {self.NotKnown, "not readable"},
	} {
		if counts[n.status] > 0 {
			said = append(said, Count(counts[n.status], "own credential", "own credentials")+" "+n.text)
		}
	}
	if len(said) == 0 {
		said = append(said, "nothing was done")
	}
	if simulated {
		said = append(said, "simulated")
	}
	if r.Verdict.Name == end.Planned {
		said = append([]string{"dry run, nothing was written"}, said...)
	}
	return ended(string(r.Verdict.Name), r.Verdict.ExitCode, said)
}

// certificate is one in a word or two, "" where it was not read.
func certificate(c policy.Certificate) string {
	if c.Expires.IsZero() {
		return string(c.State)
	}
	return string(c.State) + ", expires " + c.Expires.UTC().Format(time.RFC3339)
}
