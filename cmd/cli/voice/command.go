package voice

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"ackrevoke/job/report"
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
	return Command(append(args, add...)...)
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
