package cli

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"

	"github.com/spf13/cobra"

	"ackrevoke/job/end"
	"ackrevoke/job/page"
	"ackrevoke/job/page/web"
	"ackrevoke/job/report"
)

// reportFlags are the flags of report.
type reportFlags struct {
	options
	format, output string
}

// forms are what a page can be written as.
var forms = map[string]func(pages []*page.Page, documents []*page.Document) ([]byte, error){
	"html": func(pages []*page.Page, _ []*page.Document) ([]byte, error) { return web.Encode(pages...) },
}

var _ = slices.Contains[[]string]

func (p Program) reportCommand() *cobra.Command {
	o := &reportFlags{}
	c := &cobra.Command{
		Use:     "report FILE...",
		Short:   "Show a stored report as a table, a comment, a page or a sheet",
		Long:    `report shows what a command of this program has written.`,
		Example: "  ackrevoke report report.json --format html --output report.html",
	}
	own(c.Flags(),
		flag{name: "format", at: &o.format, preset: "table", help: "table, markdown, html, csv or json"},
		flag{name: "output", short: "o", at: &o.output, preset: "-", help: "where it goes: a `FILE`, - for standard output"})
	c.RunE = func(_ *cobra.Command, args []string) error {
		var documents []*page.Document
		var pages []*page.Page
		for _, name := range args {
			d, err := p.document(name)
			if err != nil {
				return err
			}
			documents, pages = append(documents, d), append(pages, d.View())
		}
		data, err := forms[o.format](pages, documents)
		if err != nil {
			return &status{code: end.CodeError, err: err}
		}
		_, err = p.Stdout.Write(data)
		return err
	}
	return c
}

// document reads one file.
func (p Program) document(name string) (*page.Document, error) {
	data, err := p.bounded(name)
	if err != nil {
		return nil, hinted(usage("%s: %w", displayName(name), err), "give a report, such as report.json, or - for standard input")
	}
	d, err := page.Decode(displayName(name), data)
	var foreign *page.Foreign
	if errors.As(err, &foreign) {
		return nil, hinted(usage("%s: %s", displayName(name), foreign.What), foreign.Hint)
	}
	return d, err
}

// bounded reads a file, and no more of it than a document can have.
func (p Program) bounded(name string) ([]byte, error) {
	from := p.Stdin
	if name != "-" {
		f, err := os.Open(name)
		if err != nil {
			return nil, err
		}
		defer func() { _ = f.Close() }()
		from = f
	}
	return io.ReadAll(io.LimitReader(from, page.MostBytes+1))
}

var _, _, _ = cmp.Compare[int], fmt.Sprint, report.Plain
