package report

import (
	"slices"
	"strings"
)

// Look is how what people read looks to whoever reads it.
type Look struct {
	Style Style // nil: no colours
	Width int   // of the terminal, in columns; 0 for none, or one that does not say: lines are as wide as they need to be
	Wide  bool  // tables all the same, with cluster ids in full
}

// table is the width that a table has to fit into, 0 for any.
func (l Look) table() int {
	if l.Wide {
		return 0
	}
	return l.Width
}

// namer names clusters as [clusterText] does. On a terminal it leaves out of an id
// what the ids of one table can be told apart without.
func (l Look) namer(ids []string) func(Cluster) string {
	if l.table() == 0 {
		return clusterText
	}
	short := shorten(mapped(ids, Plain))
	return func(c Cluster) string {
		id, known := short[Plain(c.ID)]
		switch {
		case c.ID == "" || !known:
			return clusterText(c)
		case c.Name == "":
			return id
		}
		return Plain(c.Name) + " (" + id + ")"
	}
}

// How much of a cluster id stands in a table: its beginning, longer where ids have
// that in common; where they have more in common than is worth showing, as those of
// the simulated account do, a little of it and as much of the end as it takes.
const (
	shortID  = 8
	longID   = 16
	endsOfID = 4
)

// shorten gives each id a short form that no other of them has. All are shortened
// in the same way, so that they are compared easily.
func shorten(ids []string) map[string]string {
	for n := shortID; n <= longID; n++ {
		if short, apart := formed(ids, n, 0); apart {
			return short
		}
	}
	for n := endsOfID; ; n++ {
		if short, apart := formed(ids, endsOfID, n); apart { // at the latest where no id is shortened any more
			return short
		}
	}
}

// formed leaves of each id so many letters of its beginning and its end, and says
// whether the forms tell the ids apart.
func formed(ids []string, head, tail int) (forms map[string]string, apart bool) {
	forms, taken := map[string]string{}, map[string]bool{}
	for _, id := range slices.Compact(slices.Sorted(slices.Values(ids))) {
		form := id
		if letters := []rune(id); len(letters) > head+tail+1 {
			form = string(letters[:head]) + "…" + string(letters[len(letters)-tail:])
		}
		if taken[form] {
			return nil, false
		}
		forms[id], taken[form] = form, true
	}
	return forms, true
}

// card writes labels and what they stand for, one below another. What is too long
// to stand beside its label stands below it.
func card(b *strings.Builder, labels, values []cell, look Look) {
	column := 0
	for _, l := range labels {
		column = max(column, displayWidth(l.text)+len(gap))
	}
	for i, l := range labels {
		if values[i].text == "" {
			continue
		}
		room := look.table()
		value := func(line string) string { return look.styled(cell{line, values[i].tone}) + "\n" }
		if room > 0 && longest(values[i].text) > room-column {
			b.WriteString(look.styled(l) + "\n")
			for _, line := range Fold(values[i].text, max(1, room-len(gap)), 0) {
				if displayWidth(line)+len(gap) <= room { // else a word by itself, wider than any place for it
					b.WriteString(gap)
				}
				b.WriteString(value(line))
			}
			continue
		}
		b.WriteString(look.styled(l))
		margin := column - displayWidth(l.text)
		for _, line := range Fold(values[i].text, max(0, room-column), 0) {
			b.WriteString(strings.Repeat(" ", margin) + value(line))
			margin = column
		}
	}
}

func (l Look) styled(c cell) string {
	if l.Style == nil || c.text == "" {
		return c.text
	}
	return l.Style(c.tone, c.text)
}
