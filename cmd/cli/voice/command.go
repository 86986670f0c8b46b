package voice

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"ackrevoke/job/end"
	"ackrevoke/job/report"
	"ackrevoke/policy"
)

// Command is a command line of the program that can be pasted into a shell. It is
// harmless to look at and always whole: cut off it would be another command.
func Command(words ...string) string {
	all := []string{"ackrevoke"}
	for _, w := range words {
		all = append(all, quoted(w))
	}
	return strings.Join(all, " ")
}

// Next prints the command that goes on from here, where there is one.
func Next(w io.Writer, command string) {
	if command != "" {
		fmt.Fprintln(w, "Next: "+command)
	}
}

// Offer prints a command and what it is for, on a terminal that is too narrow for
// both below it.
func Offer(w io.Writer, what, command string) {
	between := " "
	if width := columns(w); width > 0 && report.Width(what+": "+command) > width {
		between = "\n"
	}
	fmt.Fprintln(w, what+":"+between+command)
}

// Paste prints one line that is to be copied, harmless and in one piece.
func Paste(w io.Writer, line string) { fmt.Fprintln(w, report.Harmless(line)) }

// Again is the command line of this process with some flags set anew: "--flag=v"
// and "--flag", "v" set one, an empty v takes it out.
func (v *Voice) Again(set ...string) string {
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
	return v.whole(Command(append(args, add...)...))
}

// once is Again for a single run: what is approved is one plan, and a schedule makes many.
func (v *Voice) once(set ...string) string {
	return v.Again(append([]string{"--schedule", "", "--metrics-listen", ""}, set...)...)
}

// whole keeps a command from being broken, in whatever line it stands.
func (v *Voice) whole(command string) string {
	if s := screen(v.w); s != nil {
		s.keep(command)
	}
	return command
}

// without takes a flag out of a command line, with its value; alone says that the
// flag has none.
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

// next is the exact command that goes on after a run, or "".
//
//	the time was up                 the same again, with the time that is usual
//	interrupted, error              the same again
//	the list was emptied            the same again, once the policy is put right
//	--expect-plan does not fit      a dry run, to review the plan anew
//	--allow-revocations is wrong    with the number that is right, or without
//	a cap refuses                   with --allow-revocations and the number
//	a dry run with a plan           the same for good, tied to this plan
//	applied, and not converged      the same again
func (v *Voice) next(r *report.Report) string {
	allow := tripped(r, policy.GuardAllowRevocations)
	switch {
	case late(r):
		return v.Again("--timeout", "", "--expect-plan", "", "--allow-revocations", "")
	case r.Verdict.Name == end.Interrupted || r.Verdict.ExitCode == end.CodeError || tripped(r, policy.GuardEmptied) != nil:
		return v.Again()
	case tripped(r, policy.GuardPlanDrift) != nil:
		return v.Again("--dry-run=true", "--expect-plan", "") // drops the approval that no longer fits
	case allow != nil && allow.Found == 0:
		return v.Again("--allow-revocations", "")
	case allow != nil:
		return v.once("--allow-revocations", strconv.Itoa(allow.Found))
	case refused(r) > 0:
		return v.once("--allow-revocations", strconv.Itoa(refused(r)))
	case r.Run.Mode == report.DryRun && len(r.Plan.Actions) > 0:
		return v.once("--dry-run=false", "--expect-plan", r.Plan.Digest)
	case r.Run.Mode == report.Apply && r.Verdict.ExitCode != 0:
		return v.Again("--expect-plan", "", "--allow-revocations", "")
	}
	return ""
}

// Instruct puts the command that goes on into the refusals of the report.
func (v *Voice) Instruct(r *report.Report) {
	for i := range r.Plan.Guards {
		g := &r.Plan.Guards[i]
		if !g.Tripped || slices.Contains([]string{policy.GuardAccount, policy.GuardListing, policy.GuardEmptied}, g.Guard) {
			continue // no command goes on: something else has to change
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

// AfterDoctor is the exact command that goes on after an examination: the same
// again once what it names is corrected, else a dry run, or a first policy where there
// is none.
func (v *Voice) AfterDoctor(e *report.Doctor) string {
	args := v.args
	if e.Verdict.ExitCode == 0 {
		args = without(without(args, "--format", false), "--wide", true)
		at := slices.Index(args, "doctor")
		if args[at] = "run"; e.Policy == nil {
			args[at] = "init"
		}
	}
	return Command(args...)
}
