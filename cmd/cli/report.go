package cli

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"ackrevoke/job/end"
	"ackrevoke/job/file"
	"ackrevoke/job/page"
	"ackrevoke/job/page/comment"
	"ackrevoke/job/page/plain"
	"ackrevoke/job/page/sheet"
	"ackrevoke/job/page/web"
	"ackrevoke/job/report"
)

// reportFlags are the flags of report.
type reportFlags struct {
	options
	format, output string
}

func (p Program) reportCommand() *cobra.Command {
	o := &reportFlags{}
	c := &cobra.Command{
		Use:   "report FILE...",
		Short: "Show what is stored in reports: as a table, a page, a comment or a sheet",
		Long: `report shows what is stored in the files FILE (- is standard input): the report of
a run, of a restore, a summary, and what audit, doctor, show, inspect and prove
print with --format json. It calls nothing.

  table     for a terminal
  html      one page that needs nothing else: no script is needed and no request
            leaves it; for a browser, for printing, for a ticket
  markdown  for a comment on a pull request: never more than 65,536 characters,
            and what is left out is said
  csv       flat rows with the same columns for all formats; no cell is a formula
  json      the documents as they were read, one after another

Several files are shown one below the other. Exit codes: 0; 1 the output could
not be written; 2 a file is none of these, or of a newer version.`,
		Example: "  ackrevoke report report.json --format html --output report.html",
	}
	o.take(c.Flags(), ofTables)
	own(c.Flags(),
		flag{name: "format", at: &o.format, preset: "table", help: "table, html, markdown, csv or json"},
		flag{name: "output", short: "o", at: &o.output, preset: "-", help: "where it goes: a `FILE`, - for standard output"})
	c.Args = func(_ *cobra.Command, args []string) error {
		if len(args) == 0 || slices.Contains(args, "") {
			return hinted(usage("FILE is missing"), "give a report, such as report.json, or - for standard input")
		}
		if i := slices.Index(args, "-"); i >= 0 && slices.Contains(args[i+1:], "-") {
			return hinted(usage("- is given twice, and standard input can be read once"), "take one of the two out")
		}
		return nil
	}
	c.RunE = func(c *cobra.Command, args []string) error {
		if err := p.environment(c); err != nil {
			return err
		}
		return p.report(o, args)
	}
	return c
}

// report reads all files, and only then writes: half of what was asked for would be
// taken for all.
func (p Program) report(o *reportFlags, names []string) error {
	encode, known := forms[o.format]
	if err := obey(
		rule{!known, fmt.Sprintf("--format %q is none of table, html, markdown, csv, json", o.format), "for example --format html"},
		rule{o.output == "", "--output is empty", "give a file name, or - for standard output"},
	); err != nil {
		return err
	}
	var documents []*page.Document
	for _, name := range names {
		d, err := p.document(name)
		if err != nil {
			return err
		}
		documents = append(documents, d)
		if o.output != "-" && name != "-" && sameFile(o.output, name) {
			return hinted(usage("--output would overwrite %s", name), "give another file")
		}
	}
	look := p.look(&o.options)
	if o.output != "-" {
		look = report.Look{}
	}
	data, err := encode(look, documents)
	if err == nil {
		err = p.put(o.output, data)
	}
	if err != nil {
		return &status{code: end.CodeError, err: err, hint: "give another place with --output"}
	}
	return nil
}

// forms are what documents can be written as.
var forms = map[string]func(look report.Look, all []*page.Document) ([]byte, error){
	"table":    func(look report.Look, all []*page.Document) ([]byte, error) { return plain.Encode(look, all...) },
	"html":     func(_ report.Look, all []*page.Document) ([]byte, error) { return web.Encode(views(all)...) },
	"markdown": func(_ report.Look, all []*page.Document) ([]byte, error) { return comment.Encode(views(all)...), nil },
	"csv":      func(_ report.Look, all []*page.Document) ([]byte, error) { return sheet.Encode(views(all)...), nil },
	"json": func(_ report.Look, all []*page.Document) (data []byte, err error) {
		for _, d := range all {
			one, err := d.Value.Encode()
			if err != nil {
				return nil, err
			}
			data = append(data, one...)
		}
		return data, nil
	},
}

func views(all []*page.Document) (pages []*page.Page) {
	for _, d := range all {
		pages = append(pages, d.View())
	}
	return pages
}

// document reads one file.
func (p Program) document(name string) (*page.Document, error) {
	data, err := p.bounded(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, hinted(usage("%s is not there", name), "give a report, such as report.json, or - for standard input")
	case err != nil:
		return nil, hinted(usage("%s cannot be read: %w", displayName(name), err),
			"give a report, such as report.json, or - for standard input")
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
		if info, err := f.Stat(); err == nil && info.IsDir() {
			return nil, errors.New("it is a folder: name the files in it")
		}
		from = f
	}
	return io.ReadAll(io.LimitReader(from, page.MostBytes+1))
}

// put writes to standard output, or to a file: whole or not at all, for its owner
// alone. A stored document, a policy or a journal is never overwritten.
func (p Program) put(to string, data []byte) error {
	if to == "-" {
		_, err := p.Stdout.Write(data)
		return err
	}
	if err := file.Replaceable(to); err != nil {
		return fmt.Errorf("%s: %w", to, err)
	}
	old, err := p.bounded(to)
	if err != nil || len(old) == 0 {
		return wholeFile(to, data)
	}
	if _, err := page.Decode(to, old); err == nil {
		return fmt.Errorf("%s: the file is there, and is a report of its own", to)
	}
	if slices.Contains(kept, strings.ToLower(filepath.Ext(to))) {
		return fmt.Errorf("%s: the file is there, and may be a policy or a journal", to)
	}
	return wholeFile(to, data)
}

// kept are the names that policies, estates, leaked files and journals have, and that
// nothing has which can be made anew from a report.
var kept = []string{".yaml", ".yml", ".json", ".jsonl"}

// wholeFile puts a file in place.
func wholeFile(to string, data []byte) error {
	if err := file.Place(to, data, nil, os.Rename); err != nil {
		return fmt.Errorf("%s: %w", to, err)
	}
	return nil
}

// writePage writes the report of a run as a page.
func writePage(to string, r *report.Report) error {
	if err := probePage(to); err != nil {
		return err
	}
	data, err := web.Encode(page.Of(r))
	if err == nil {
		err = wholeFile(to, data)
	}
	if err != nil {
		return fmt.Errorf("page %w", err)
	}
	return nil
}

// probePage finds out before a run whether its page can be written afterwards, and
// that nothing of anybody's would be overwritten by it.
func probePage(to string) error {
	if err := report.Probe(to); err != nil {
		return fmt.Errorf("page: %s", strings.TrimPrefix(err.Error(), "report "))
	}
	begin := make([]byte, 4<<10)
	f, err := os.Open(to)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("page %w", err)
	}
	defer func() { _ = f.Close() }()
	if n, _ := io.ReadFull(f, begin); n > 0 && !web.Ours(begin[:n]) {
		return fmt.Errorf("page %s: the file is there and is no page of ackrevoke: give another name with --html", to)
	}
	return nil
}
