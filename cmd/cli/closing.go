package cli

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"ackrevoke/job/report"
	"ackrevoke/policy"
)

// closing is the one line that a reader in a hurry reads.
func closing(r *report.Report) string {
	parts := []string{happened(r)}
	s := r.Summary
	for _, n := range []struct {
		n    int
		text string
	}{
		{s.Unknown, "unknown"}, {s.Residual, "residual"}, {s.Refused, "refused"},
		{s.Pending, "pending"}, {s.Lapsed, "lapsed"},
	} {
		if n.n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n.n, n.text))
		}
	}
	if outside := len(r.Plan.OutOfScope); outside > 0 {
		parts = append(parts, "outside the scope still held: "+held(r))
	}
	if len(r.Plan.Unlisted) > 0 {
		parts = append(parts, "deleted and listed by nobody: "+overlooked(r)+" (ackrevoke audit finds all)")
	}
	if n := retirable(r); n > 0 {
		parts = append(parts, count(n, "entry", "entries")+" may be taken out of the policy")
	}
	if n := len(r.Unfinished); n > 0 {
		parts = append(parts, count(n, "write", "writes")+" of an earlier run ended without a report: "+unfinished(r))
	}
	return fmt.Sprintf("%s%s (exit %d): %s.", r.Verdict.Name, chosen(r), r.Verdict.ExitCode, strings.Join(parts, "; "))
}

// chosen says how much of the policy a verdict is about, where it is not all.
func chosen(r *report.Report) string {
	if len(r.Run.Only) == 0 {
		return ""
	}
	return fmt.Sprintf(" (%d of %s)", len(r.Run.Only), count(r.Policy.Entries, "entry", "entries"))
}

func happened(r *report.Report) string {
	s := r.Summary
	simulated := ""
	if r.Run.Simulated {
		simulated = " on the simulated account"
	}
	switch {
	case r.Plan.Digest == "" && len(r.Errors) > 0:
		text := "the run could not be made" + simulated + ": " + report.Plain(r.Errors[0].Message) + " (" + r.Errors[0].Hint + ")"
		if n := len(r.Errors) - 1; n > 0 {
			text += ", and " + count(n, "error", "errors") + " more"
		}
		return text
	case r.Run.Mode == report.DryRun && s.Actions > 0:
		text := fmt.Sprintf("dry run%s, nothing was written: %s planned for %s, %d settled", simulated, count(s.Actions, "action", "actions"), count(acting(r), "principal", "principals"), s.Settled)
		if n := refused(r); n > 0 {
			text += fmt.Sprintf(", %d refused by %s", n, refusing(r))
		}
		return text
	case s.Actions == 0:
		return fmt.Sprintf("nothing to revoke%s, nothing was written, %d settled", simulated, s.Settled)
	}
	text := fmt.Sprintf("%d of %s revoked and proven%s, %d settled", s.Revoked+s.Absent, count(s.Actions, "action", "actions"), simulated, s.Settled)
	for _, n := range []struct {
		n    int
		text string
	}{{s.Blocked, "blocked"}, {s.Failed, "failed"}, {s.Unverified, "unverified"}, {s.Collateral, "with collateral"}, {s.Skipped, "skipped"}, {refused(r), "refused by " + refusing(r)}} {
		if n.n > 0 {
			text += fmt.Sprintf(", %d %s", n.n, n.text)
		}
	}
	return text
}

func acting(r *report.Report) int {
	n := 0
	for _, p := range r.Principals {
		if p.Actions > 0 {
			n++
		}
	}
	return n
}

func refused(r *report.Report) int {
	n := 0
	for _, a := range r.Plan.Actions {
		if a.RefusedBy != "" {
			n++
		}
	}
	return n
}

// refusing names the guards that refused actions.
func refusing(r *report.Report) string {
	var guards []string
	for _, a := range r.Plan.Actions {
		if a.RefusedBy != "" && !slices.Contains(guards, a.RefusedBy) {
			guards = append(guards, a.RefusedBy)
		}
	}
	return strings.Join(guards, ", ")
}

func retirable(r *report.Report) int {
	n := 0
	for _, p := range r.Principals {
		if p.Retirable {
			n++
		}
	}
	return n
}

// mostNamed is how many rows of a list the closing line names.
const mostNamed = 3

// held names what is held outside the scope, the first few of it.
func held(r *report.Report) string {
	var rows []string
	for _, o := range r.Plan.OutOfScope {
		rows = append(rows, fmt.Sprintf("%s on %s", o.UID, report.Plain(cmp.Or(o.Name, o.Cluster))))
	}
	return report.First(mostNamed, rows)
}

// overlooked names who holds a certificate and is in no entry, the first few.
func overlooked(r *report.Report) string {
	var rows []string
	for _, u := range r.Plan.Unlisted {
		rows = append(rows, fmt.Sprintf("%s on %s", whom(u.Name, u.UID), count(len(u.Clusters), "cluster", "clusters")))
	}
	return report.First(mostNamed, rows)
}

// unfinished names the writes of earlier runs whose end nobody saw, the first
// few.
func unfinished(r *report.Report) string {
	var rows []string
	for _, u := range r.Unfinished {
		rows = append(rows, report.Plain(u.Action))
	}
	return report.First(mostNamed, rows)
}

func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// next is the exact command that goes on from here, or "".
//
//	interrupted, error              the same again
//	--expect-plan does not fit      a dry run, to review the plan anew
//	--allow-revocations is wrong    with the number that is right, or without
//	a cap refuses                   with --allow-revocations and the number
//	a dry run with a plan           the same for good, tied to this plan
//	applied, and not converged      the same again
func (v *voice) next(r *report.Report) string {
	allow := tripped(r, policy.GuardAllowRevocations)
	switch {
	case r.Verdict.Name == report.Interrupted || r.Verdict.ExitCode == exitError:
		return v.command()
	case tripped(r, policy.GuardPlanDrift) != nil:
		return v.command("--dry-run=true", "--expect-plan", "") // drops the approval that no longer fits
	case allow != nil && allow.Found == 0:
		return v.command("--allow-revocations", "")
	case allow != nil:
		return v.command("--allow-revocations", strconv.Itoa(allow.Found))
	case refused(r) > 0:
		return v.command("--allow-revocations", strconv.Itoa(refused(r)))
	case r.Run.Mode == report.DryRun && len(r.Plan.Actions) > 0:
		return v.command("--schedule", "", "--dry-run=false", "--expect-plan", r.Plan.Digest)
	case r.Run.Mode == report.Apply && r.Verdict.ExitCode != 0:
		return v.command("--expect-plan", "", "--allow-revocations", "")
	}
	return ""
}

// instruct puts the command that goes on into the refusals of the report.
func (v *voice) instruct(r *report.Report) {
	for i := range r.Plan.Guards {
		g := &r.Plan.Guards[i]
		if !g.Tripped || g.Guard == policy.GuardAccount || g.Guard == policy.GuardListing {
			continue
		}
		if next := v.next(r); next != "" && (refused(r) > 0 || g.Group == "") {
			g.Message += "; to go on: " + next
		}
	}
}

func tripped(r *report.Report, guard string) *report.Guard {
	i := slices.IndexFunc(r.Plan.Guards, func(g report.Guard) bool { return g.Guard == guard && g.Tripped })
	if i < 0 {
		return nil
	}
	return &r.Plan.Guards[i]
}

// command is the command line of this run with some flags set anew: "--flag=v"
// and "--flag", "v" set one, an empty v takes it out.
func (v *voice) command(set ...string) string {
	args := slices.Clone(v.args)
	var add []string
	for i := 0; i < len(set); i++ {
		flag, value, inline := strings.Cut(set[i], "=")
		if !inline {
			i++
			value = set[i]
		}
		args = without(args, flag, inline)
		switch {
		case inline:
			add = append(add, flag+"="+value)
		case value != "":
			add = append(add, flag, value)
		}
	}
	words := []string{"ackrevoke"}
	for _, a := range append(args, add...) {
		words = append(words, quoted(a))
	}
	return strings.Join(words, " ")
}

// without takes a flag out of a command line, with its value; alone says that
// it is one that stands without.
func without(args []string, flag string, alone bool) []string {
	var kept []string
	for i := 0; i < len(args); i++ {
		switch {
		case args[i] == flag && !alone:
			i++
		case args[i] == flag, strings.HasPrefix(args[i], flag+"="):
		default:
			kept = append(kept, args[i])
		}
	}
	return kept
}

// quoted makes a word safe to paste into a shell, and to look at: where a word
// holds what cannot be seen, or is no UTF-8, it is spelled out in the $'...' of
// bash, zsh, ksh and POSIX 2024, and still the same word.
func quoted(s string) string {
	safe := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("-_=./:,@%+", r)
	}
	if s != "" && strings.IndexFunc(s, func(r rune) bool { return !safe(r) }) < 0 {
		return s
	}
	if !utf8.ValidString(s) || strings.IndexFunc(s, report.Hidden) >= 0 {
		return spelled(s)
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

// spelled writes a word in the $'...' of a shell: octal, for what follows a
// hexadecimal escape would be read as a part of it by some.
func spelled(s string) string {
	var b strings.Builder
	b.WriteString("$'")
	for len(s) > 0 {
		r, size := utf8.DecodeRuneInString(s)
		switch {
		case r == '\'' || r == '\\':
			b.WriteString(`\` + s[:1])
		case r == utf8.RuneError && size == 1, report.Hidden(r):
			for _, c := range []byte(s[:size]) {
				fmt.Fprintf(&b, `\%03o`, c)
			}
		default:
			b.WriteString(s[:size])
		}
		s = s[size:]
	}
	return b.String() + "'"
}
