package cli

import (
	"cmp"
	"slices"
	"strings"
)

// mostNear is how many words a question offers.
const mostNear = 3

// near are the words that a mistyped one may have meant, the nearest first: those
// that few slips make of it, and those that it begins. Nothing is ever done with
// them but to ask.
func near(typed string, words []string) []string {
	type guess struct {
		word  string
		slips int
	}
	typed = strings.ToLower(typed)
	var all []guess
	for _, w := range words {
		n := slips(typed, strings.ToLower(w))
		switch {
		case n <= min(3, 1+len(typed)/4) && n < len(typed):
		case len(typed) >= 3 && strings.HasPrefix(strings.ToLower(w), typed):
		default:
			continue
		}
		all = append(all, guess{w, n})
	}
	slices.SortStableFunc(all, func(a, b guess) int { return cmp.Compare(a.slips, b.slips) })
	var best []string
	for _, g := range all[:min(mostNear, len(all))] {
		if g.slips <= all[0].slips+1 {
			best = append(best, g.word)
		}
	}
	return best
}

// slips is how many letters are missing, too many, wrong or exchanged with their
// neighbour between two words (optimal string alignment).
func slips(a, b string) int {
	x, y := []rune(a), []rune(b)
	const most = 64 // names of files can be long, and what is longer is no slip
	if len(x) > most || len(y) > most {
		return most
	}
	rows := make([][]int, len(x)+1)
	for i := range rows {
		rows[i] = make([]int, len(y)+1)
		rows[i][0] = i
	}
	for j := range rows[0] {
		rows[0][j] = j
	}
	for i := 1; i <= len(x); i++ {
		for j := 1; j <= len(y); j++ {
			differ := 1
			if x[i-1] == y[j-1] {
				differ = 0
			}
			rows[i][j] = min(rows[i-1][j]+1, rows[i][j-1]+1, rows[i-1][j-1]+differ)
			if i > 1 && j > 1 && x[i-1] == y[j-2] && x[i-2] == y[j-1] {
				rows[i][j] = min(rows[i][j], rows[i-2][j-2]+1)
			}
		}
	}
	return rows[len(x)][len(y)]
}

// question asks whether one of these was meant; "" for none.
func question(meant ...string) string {
	if len(meant) == 0 {
		return ""
	}
	return "did you mean " + strings.Join(meant, " or ") + "?"
}
