package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"ackrevoke/cmd/cli/voice"
	"ackrevoke/job/end"
	"ackrevoke/job/history"
	"ackrevoke/job/report"
)

// historyFlags are the flags of history.
type historyFlags struct {
	options
	uid, format string
}

func (p Program) historyCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "history [DIR]",
		Short: "Tell what earlier runs took away, and what came back since",
		Long: `history reads the journals that runs left in the folder DIR, and the reports that
were kept beside it: what each run took away from whom, whether that was proven,
what a restore gave back, what prove --attach found, which writes nobody reported,
and which targets came back after they were proven gone. A run that wrote nothing
leaves no journal, and is not told of. Nothing is called. DIR is that of run
--journal (default report.json.journal). Exit codes: 0 all was read; 1 something
could not be read, and is named; 2 usage, or no such folder.`,
		Example: "  ackrevoke history report.json.journal --uid 200000000000000001",
	}
	var o historyFlags
	o.take(c.Flags(), ofTables)
	own(c.Flags(),
		flag{name: "uid", at: &o.uid, help: "only what is about the principal with this `UID`"},
		flag{name: "format", at: &o.format, preset: "table", help: "table or json (ackrevoke.history/v1), on standard output"})
	c.Args = func(_ *cobra.Command, args []string) error {
		if len(args) > 1 || len(args) == 1 && args[0] == "" {
			return hinted(usage("one DIR at a time, not %d", len(args)), "give the folder of a journal, such as report.json.journal")
		}
		return nil
	}
	c.RunE = func(c *cobra.Command, args []string) error {
		if err := p.environment(c); err != nil {
			return err
		}
		if err := obey(rule{o.format != "table" && o.format != "json", fmt.Sprintf("--format %q is neither table nor json", o.format),
			"for example --format json"},
			rule{c.Flags().Changed("uid") && !uidForm.MatchString(o.uid), fmt.Sprintf("--uid %q is no uid", o.uid),
				"digits; ackrevoke show finds it by a name"}); err != nil {
			return err
		}
		dir := "report.json.journal"
		if len(args) > 0 {
			dir = args[0]
		}
		return p.history(dir, o)
	}
	return c
}

// history tells what is known, and names what could not be read.
func (p Program) history(dir string, o historyFlags) error {
	h, err := history.Tell(dir, o.uid)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return hinted(usage("there is no folder %s: no run has left a journal there", voice.Name(dir)),
			"name the folder that run --journal names; without that it is the report's name with .journal behind it")
	case err != nil:
		return hinted(&status{code: end.CodeError, err: err}, "make the folder readable, or name another one")
	}
	h.Version = p.version()
	if o.format == "json" {
		err = p.print(h)
	} else {
		err = report.HistoryTable(p.Stdout, h, p.look(&o.options))
	}
	if err != nil {
		return &status{code: end.CodeError, err: err}
	}
	for _, u := range h.Unreadable {
		voice.Complain(p.Stderr, fmt.Errorf("%s could not be read, or not believed in full: %s", voice.Name(u.File), u.Why),
			"what it tells is missing here; make it readable, or look whether a backup has it")
	}
	if h.NotRead > 0 {
		left := voice.Count(h.NotRead, "journal was", "journals were")
		voice.Complain(p.Stderr, fmt.Errorf("the oldest %s not read: there are too many", left),
			"move the newer ones to another folder to be told of these")
	}
	voice.Say(p.Stderr, "%s", summed(h, inner(dir)))
	if len(h.Unreadable)+h.NotRead > 0 {
		return exit(end.CodeError)
	}
	return nil
}

// summed is the last line.
func summed(h *report.History, folders []string) string {
	s := h.Summary
	if s.Runs == 0 {
		text := "no run that wrote something has left a journal in " + voice.Name(h.Folder)
		if len(h.Unreadable)+h.NotRead > 0 {
			text = "nothing could be told of the journals in " + voice.Name(h.Folder)
		}
		if h.UID != "" {
			text += ", about " + h.UID
		}
		if len(folders) > 0 {
			text += "; there are folders of journals in it: " + report.First(3, folders)
		}
		return text
	}
	unsent := 0
	for _, r := range h.Runs {
		for _, w := range r.Writes {
			if w.Status == string(report.WasSkipped) {
				unsent++
			}
		}
	}
	parts := []string{voice.Count(s.Runs, "run", "runs"), fmt.Sprintf("%s, %d proven", voice.Count(s.Writes, "write", "writes"), s.Proven)}
	for _, n := range []struct {
		n    int
		text string
	}{{unsent, "not sent"}, {s.Resurrected, "resurrected"}, {s.GivenBack, "given back before"}, {s.Unfinished, "without a report"},
		{s.Proofs, "proofs of leaked files"}} {
		if n.n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n.n, n.text))
		}
	}
	return strings.Join(parts, ", ")
}

// inner are the folders of journals in a folder: that of the reports of many accounts
// has one for each.
func inner(dir string) []string {
	files, err := os.ReadDir(dir)
	if err != nil {
		return nil // it was read a moment ago, and this is a hint
	}
	var names []string
	for _, f := range files {
		if f.IsDir() && strings.HasSuffix(f.Name(), ".journal") {
			names = append(names, voice.Name(filepath.Join(dir, f.Name())))
		}
	}
	return names
}
