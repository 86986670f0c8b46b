package page

import (
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"ackrevoke/job/report"
	"ackrevoke/policy"
)

// count is a number of things.
func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return thousands(n) + " " + many
}

// thousands is a number with its digits in groups.
func thousands(n int) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// either chooses by number.
func either(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

// and joins words as a sentence does.
func and(words []string) string {
	switch n := len(words); n {
	case 0:
		return ""
	case 1:
		return words[0]
	default:
		return strings.Join(words[:n-1], ", ") + " and " + words[n-1]
	}
}

// clauses words the numbers that are not 0.
func clauses(all ...clause) []string {
	var words []string
	for _, c := range all {
		if c.n > 0 {
			words = append(words, count(c.n, c.one, c.many))
		}
	}
	return words
}

type clause struct {
	n         int
	one, many string
}

// sentence makes a sentence of words of our own, which begin like none and may end
// like one.
func sentence(s string) string {
	s = strings.TrimRight(s, ". ")
	if s == "" {
		return ""
	}
	r, n := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(r)) + s[n:] + "."
}

// stamp is a moment as people read it, in UTC.
func stamp(t report.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("2006-01-02 15:04:05") + " UTC"
}

// took is how long something took, to the second.
func took(from, to report.Time) string {
	if from.IsZero() || to.IsZero() || to.Before(from.Time) {
		return ""
	}
	return to.Sub(from.Time).Round(time.Second).String()
}

// who names a principal: by its name where it has one.
func who(name, uid string, kind policy.Kind) Cell {
	c := Cell{Text: report.Plain(name), More: []string{report.Plain(uid)}}
	if name == "" {
		c = Cell{Text: report.Plain(uid), Code: true}
	}
	if kind == policy.Role {
		c.Text = "role " + c.Text
	}
	return c
}

// where names a cluster.
func where(c report.Cluster) Cell {
	switch {
	case c.ID == "":
		return Cell{Text: "all clusters"}
	case c.Name == "":
		return Cell{Text: report.Plain(c.ID), Code: true}
	}
	more := report.Plain(c.ID)
	if c.Region != "" {
		more += " · " + report.Plain(c.Region)
	}
	return Cell{Text: report.Plain(c.Name), More: []string{more}}
}

// certificate says how a credential stands.
func certificate(c report.Certificate) string {
	s := report.Plain(string(c.State))
	switch {
	case c.Expires.IsZero():
		return s
	case c.State == policy.Expired:
		return s + " since " + stamp(c.Expires)
	}
	return s + " until " + stamp(c.Expires)
}

// grants names rows of permissions, one each.
func grants(all []report.Grant) []string {
	names := make([]string, 0, len(all))
	for _, g := range all {
		names = append(names, grant(g))
	}
	return names
}

func grant(g report.Grant) string {
	s := report.Plain(g.Role)
	if g.Owner {
		s = strings.TrimSpace("creator of the cluster " + s)
	}
	if g.Custom {
		s += " (custom)"
	}
	if g.Namespace != "" {
		s += " in " + report.Plain(g.Namespace)
	}
	switch g.Scope {
	case policy.OnNamespace, policy.OnCluster, "":
	case policy.OnAllClusters:
		s += " on all clusters"
	default:
		s += " on " + report.Plain(string(g.Scope))
	}
	return s
}

// mostGrants is how many grants a cell names.
const mostGrants = 8

// first keeps the first of a list and says how many there are.
func first(most int, all []string) []string {
	if more := len(all) - most; more > 0 {
		return append(append([]string{}, all[:most]...), "and "+thousands(more)+" more")
	}
	return all
}

// yes is a word for a fact that holds; "" where it does not.
func yes(holds bool, word string) string {
	if holds {
		return word
	}
	return ""
}

// texts are lines without the empty ones.
func texts(lines ...string) []string {
	var kept []string
	for _, s := range lines {
		if s != "" {
			kept = append(kept, s)
		}
	}
	return kept
}

// plain makes each of some texts harmless.
func plain(all []string) []string {
	out := make([]string, 0, len(all))
	for _, s := range all {
		out = append(out, report.Plain(s))
	}
	return out
}

// amount is how many there are of something.
type amount struct {
	what string
	n    int
}

// totals are the numbers of a report.
func totals(caption string, s report.Summary) Table {
	return numbers(caption, []amount{{"entries", s.Entries}, {"in effect", s.InEffect}, {"pending", s.Pending}, {"lapsed", s.Lapsed},
		{"entries refused", s.Refused}, {"targets", s.Targets}, {"settled", s.Settled}, {"actions", s.Actions}, {"revoked", s.Revoked},
		{"absent", s.Absent}, {"blocked", s.Blocked}, {"failed", s.Failed}, {"unverified", s.Unverified}, {"skipped", s.Skipped},
		{"collateral", s.Collateral}, {"unknown", s.Unknown}, {"left", s.Residual}, {"accepted", s.Accepted},
		{"came back", s.Resurrected}})
}

// numbers are a table of them.
func numbers(caption string, all []amount) Table {
	t := Table{Caption: caption, Columns: columns("What", "#How many")}
	for _, a := range all {
		t.Lines = append(t.Lines, Line{Cells: []Cell{{Text: a.what}, {Text: thousands(a.n)}}})
	}
	return t
}
