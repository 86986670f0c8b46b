package web

import (
	"fmt"
	"html/template"
	"strings"

	"ackrevoke/job/page"
)

type (
	matrix struct {
		ID, Caption, Cut, FoldedTitle string
		Wide                          string // what stands on paper instead; "" where there is room for it
		Big                           bool
		Places                        []page.Cell
		Rows                          []matrixRow
		Legend                        []legend
		Folded                        []string
	}
	matrixRow struct {
		Who     page.Cell
		Cells   template.HTML
		Settled string
	}
	legend struct{ Class, Sign, Word, Means string }
)

// classes are the looks of places; short, for there may be a hundred thousand.
var classes = map[page.Tone]string{page.Good: "a", page.Act: "b", page.Bad: "c1", page.Unsure: "d1", page.Quiet: "e1"}

// manyPlaces is from where on the words in the places, and the names above them,
// make way for their number. They are still there for whoever cannot see the signs.
const manyPlaces = 9

// mostOnPaper is how many places have room beside each other on a sheet.
const mostOnPaper = 20

// places are the elements for each state. Nothing in them is from a document.
var places = func() map[page.State]string {
	all := map[page.State]string{page.Blank: "<td>"}
	for _, l := range page.Looks {
		all[l.State] = fmt.Sprintf("<td class=%s>%s<i>%s</i>", classes[l.Tone], l.Sign, l.State)
	}
	return all
}()

func fillMatrix(id string, m *page.Matrix) *matrix {
	out := &matrix{ID: id, Caption: clear(m.Caption), Cut: clear(m.Cut), Big: len(m.Places) >= manyPlaces}
	if n := len(m.Places); n > mostOnPaper {
		out.Wide = fmt.Sprintf("A sheet has no room for %d columns. What is in them stands in the lists below, and in the CSV.", n)
	}
	for _, c := range m.Places {
		out.Places = append(out.Places, page.Cell{Text: clear(c.Text), More: clears(c.More)})
	}
	for _, l := range m.Legend {
		out.Legend = append(out.Legend, legend{classes[l.Tone], l.Sign, string(l.State), l.Means})
	}
	for _, r := range m.Rows {
		var b strings.Builder
		for _, s := range r.States {
			cell, known := places[s]
			if !known { // a status that this version does not know
				cell = places["unknown"]
			}
			b.WriteString(cell)
		}
		row := matrixRow{Who: page.Cell{Text: clear(r.Who.Text), More: clears(r.Who.More)}, Settled: fmt.Sprintf("%d settled", r.Settled),
			Cells: template.HTML(b.String())} //nolint:gosec // made of the table above alone
		out.Rows = append(out.Rows, row)
	}
	out.Folded = clears(m.Folded)
	out.FoldedTitle = fmt.Sprintf("%d more without a row to look at", len(m.Folded))
	return out
}
