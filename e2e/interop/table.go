package main

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"
)

// cell is what came of one operation with one client.
type cell struct {
	client    *client
	operation string

	calls       int
	values      int             // that were decoded as they were sent
	schemes     map[string]bool // of signatures, as the account saw them
	errors      map[string]bool // typed errors that were wanted, and came
	cannot      map[string]bool // what this version cannot ask or hold
	fields      []string        // all that the type of the answer has
	sent        map[string]bool // those of them that were ever sent
	differences []string
}

func (c *cell) differ(format string, args ...any) {
	c.differences = append(c.differences, fmt.Sprintf(format, args...))
}

// short notes what a version cannot do. Of the newest of an SDK that is a difference: what no client knows, no service sends.
func (c *cell) short(what string) {
	if c.client.newest {
		c.differ("the newest client cannot %s", what)
		return
	}
	c.cannot[what] = true
}

func (c *cell) result() string {
	switch {
	case !c.client.has(c.operation) && len(c.differences) == 0:
		return "no method in this version"
	case len(c.differences) > 0:
		return "DIFFERS"
	case c.values == 0:
		return fmt.Sprintf("refused, %d errors typed", len(c.errors))
	}
	out := "as the estate has it"
	if len(c.errors) > 0 {
		out += fmt.Sprintf(", %d errors typed", len(c.errors))
	}
	if len(c.cannot) > 0 {
		out += fmt.Sprintf(", %d things it cannot", len(c.cannot))
	}
	return out
}

// table is all of them: every operation of its service for every client.
type table struct{ cells []*cell }

func newTable(all []*client) *table {
	t := &table{}
	for _, c := range all {
		for _, o := range operations {
			if o.service == c.service {
				t.cells = append(t.cells, &cell{client: c, operation: o.name, schemes: map[string]bool{}, errors: map[string]bool{},
					cannot: map[string]bool{}, sent: map[string]bool{}})
			}
		}
	}
	return t
}

func (t *table) cell(c *client, operation string) *cell {
	return t.cells[slices.IndexFunc(t.cells, func(have *cell) bool { return have.client == c && have.operation == operation })]
}

// print writes the table and what there is to say about it, the differences last. It returns the number of these.
func (t *table) print(w io.Writer) (differences int) {
	out := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(out, "client\tversion\toperation\tsignature\tcalls\tvalues\tdifferences\tresult")
	for _, c := range t.cells {
		schemes := or(strings.Join(slices.Sorted(maps.Keys(c.schemes)), " "), "-")
		fmt.Fprintf(out, "%s\t%s\t%s\t%s\t%d\t%d\t%d\t%s\n",
			c.client.service, c.client.version, c.operation, schemes, c.calls, c.values, len(c.differences), c.result())
		differences += len(c.differences)
	}
	for _, m := range missing {
		fmt.Fprintf(out, "%s\t%s\tall\t-\t0\t0\t-\t%s\n", m[0], m[1], m[2])
	}
	_ = out.Flush()
	t.each(w, "what a version cannot do, for want of a field in its own types", func(c *cell) []string {
		return slices.Sorted(maps.Keys(c.cannot))
	})
	t.each(w, "never sent, of the fields that the newest client has", (*cell).unsent)
	t.printErrors(w)
	t.each(w, "differences", func(c *cell) []string {
		const many = 5
		if more := len(c.differences) - many; more > 1 {
			return append(slices.Clone(c.differences[:many]), fmt.Sprintf("and %d more", more))
		}
		return c.differences
	})
	return differences
}

// printErrors writes the typed errors that each client was to get, and got, with the number of operations that gave them.
func (t *table) printErrors(w io.Writer) {
	fmt.Fprintln(w, "\nerrors typed, and the operations that gave them:")
	var order []*client
	counts := make(map[*client]map[string]int)
	for _, c := range t.cells {
		if counts[c.client] == nil {
			order, counts[c.client] = append(order, c.client), make(map[string]int)
		}
		for code := range c.errors {
			counts[c.client][code]++
		}
	}
	for _, c := range order {
		var list []string
		for _, code := range slices.Sorted(maps.Keys(counts[c])) {
			list = append(list, fmt.Sprintf("%s (%d)", code, counts[c][code]))
		}
		fmt.Fprintf(w, "  %s %s: %s\n", c.service, c.version, strings.Join(list, ", "))
	}
}

// each writes a list of each operation that has one, under a title if there is any.
func (t *table) each(w io.Writer, title string, of func(*cell) []string) {
	separator := ", "
	if title == "differences" {
		separator = "\n    "
	}
	for _, c := range t.cells {
		if list := of(c); len(list) > 0 {
			if title != "" {
				fmt.Fprintf(w, "\n%s:\n", title)
				title = ""
			}
			fmt.Fprintf(w, "  %s %s %s: %s\n", c.client.service, c.client.version, c.operation, strings.Join(list, separator))
		}
	}
}

// unsent are the fields of the newest client that the account never sent. They are no difference: the service may leave fields out.
func (c *cell) unsent() []string {
	const many = 8
	if !c.client.newest || len(c.sent) == 0 {
		return nil
	}
	out := slices.DeleteFunc(slices.Clone(c.fields), func(f string) bool { return c.sent[f] || strings.HasSuffix(f, "{}") })
	if len(out) > many {
		return []string{fmt.Sprintf("%d of %d, from %s to %s", len(out), len(c.fields), out[0], out[len(out)-1])}
	}
	return out
}
