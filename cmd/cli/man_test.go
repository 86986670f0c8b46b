package cli

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// Each command has a manual page in docs/man, made of its help: make man, which is
// this test with UPDATE=1, writes them anew. Nothing of the day or the version is in
// them, so that they change with the help alone.
func TestManPages(t *testing.T) {
	folder := filepath.Join("..", "..", "docs", "man")
	update := os.Getenv("UPDATE") != ""
	if update {
		if err := os.MkdirAll(folder, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	var names []string
	for name, page := range manPages() {
		names = append(names, name)
		path := filepath.Join(folder, name)
		if update {
			if err := os.WriteFile(path, []byte(page), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if is, err := os.ReadFile(path); err != nil || string(is) != page {
			t.Errorf("%s is not what the help says now (%v): make man", path, err)
		}
	}
	there, err := filepath.Glob(filepath.Join(folder, "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range there {
		if !slices.Contains(names, filepath.Base(path)) {
			if update {
				_ = os.Remove(path)
				continue
			}
			t.Errorf("%s is of no command: make man", path)
		}
	}
}

// The pages are shown without a warning, by whichever of the two programs is here.
func TestManPagesAreShown(t *testing.T) {
	tools := map[string][]string{"groff": {"-man", "-ww", "-Tutf8"}, "mandoc": {"-W", "warning", "-T", "utf8"}}
	found := 0
	for tool, args := range tools {
		if _, err := exec.LookPath(tool); err != nil {
			continue
		}
		found++
		for name, page := range manPages() {
			cmd := exec.Command(tool, args...)
			var shown, wrong bytes.Buffer
			cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(page), &shown, &wrong
			if err := cmd.Run(); err != nil || wrong.Len() > 0 {
				t.Errorf("%s %s: %v\n%s", tool, name, err, wrong.String())
			}
			text := regexp.MustCompile("\x1b\\[[0-9;]*m|.\b").ReplaceAllString(shown.String(), "")
			for _, want := range []string{"NAME", "SYNOPSIS", "OPTIONS", "--help", "ackrevoke"} {
				if !strings.Contains(text, want) {
					t.Errorf("%s shows no %s in %s", tool, want, name)
				}
			}
		}
	}
	if found == 0 {
		t.Skip("neither groff nor mandoc is here")
	}
}

// manPages are the pages by the names of their files.
func manPages() map[string]string {
	root := Program{}.root()
	pages := map[string]string{"ackrevoke.1": manPage(root)}
	for _, c := range root.Commands() {
		pages["ackrevoke-"+c.Name()+".1"] = manPage(c)
	}
	return pages
}

// manPage is a page in the language of man(7).
func manPage(c *cobra.Command) string {
	c.InitDefaultHelpFlag()
	var b strings.Builder
	line := func(format string, a ...any) { fmt.Fprintf(&b, format+"\n", a...) }
	name := strings.ReplaceAll(c.CommandPath(), " ", "-")
	line(`.\" Made of the help of %s by make man: change that, and not this.`, c.CommandPath())
	line(`.TH %s 1 2026-11-01 ackrevoke "ackrevoke manual"`, roff(strings.ToUpper(name)))
	line(".SH NAME\n%s \\- %s", roff(name), roff(c.Short))
	_, takes, _ := strings.Cut(c.Use, " ")
	line(".SH SYNOPSIS\n.B %s", roff(c.CommandPath()))
	line("%s", roff(strings.TrimSpace(takes+" [flags]")))
	line(".SH DESCRIPTION")
	manText(&b, c.Long)
	if c.HasSubCommands() {
		line(".SH COMMANDS")
		for _, sub := range c.Commands() {
			line(".TP\n.BR ackrevoke\\-%s (1)\n%s", roff(sub.Name()), roff(sub.Short))
		}
	}
	line(".SH OPTIONS")
	c.Flags().VisitAll(func(f *pflag.Flag) { manFlag(&b, f) })
	line(".SH EXAMPLE\n.EX\n%s\n.EE", roff(c.Example))
	line(".SH SEE ALSO")
	if c.HasParent() {
		line(".BR ackrevoke (1)")
	} else {
		line("docs/contract.md, every key, flag, field and exit code.")
	}
	return b.String()
}

// manText makes paragraphs of a help: what is set in by two spaces stays as it is.
func manText(b *strings.Builder, text string) {
	as := func(macro string, lines []string) {
		if len(lines) > 0 {
			fmt.Fprintf(b, "%s\n%s\n", macro, strings.Join(lines, "\n"))
		}
	}
	for i, paragraph := range strings.Split(text, "\n\n") {
		var prose, set []string
		flush := func() {
			as(".PP", prose)
			as(".PP\n.EX", set)
			if len(set) > 0 {
				b.WriteString(".EE\n")
			}
			prose, set = nil, nil
		}
		for _, l := range strings.Split(paragraph, "\n") {
			isSet := strings.HasPrefix(l, "  ")
			if isSet == (len(prose) > 0) && len(prose)+len(set) > 0 {
				flush()
			}
			if isSet {
				set = append(set, roff(l))
			} else if l != "" {
				prose = append(prose, roff(l))
			}
		}
		if i == 0 && len(prose) > 0 && len(set) == 0 { // .PP behind a heading is a warning
			b.WriteString(strings.Join(prose, "\n") + "\n")
			continue
		}
		flush()
	}
}

func manFlag(b *strings.Builder, f *pflag.Flag) {
	if f.Hidden {
		return
	}
	placeholder, usage := pflag.UnquoteUsage(f)
	head := `\fB` + roff("--"+f.Name) + `\fR`
	if f.Shorthand != "" {
		head = `\fB` + roff("-"+f.Shorthand) + `\fR, ` + head
	}
	switch {
	case f.Value.Type() == "bool":
		head += "[=true|false]"
	case placeholder != "":
		head += ` \fI` + roff(placeholder) + `\fR`
	}
	if !slices.Contains([]string{"", "false", "0", "0s", "[]"}, f.DefValue) {
		usage += " (default " + f.DefValue + ")"
	}
	if _, has := f.Annotations[variableMark]; has {
		usage += "; also " + variable(f.Name)
	}
	fmt.Fprintf(b, ".TP\n%s\n%s\n", head, roff(usage))
}

// roff is a text that means itself.
func roff(text string) string {
	lines := strings.Split(strings.NewReplacer(`\`, `\e`, "-", `\-`, "'", `\(aq`, "`", `\(ga`, "^", `\(ha`, "~", `\(ti`).Replace(text), "\n")
	for i, l := range lines {
		if strings.HasPrefix(l, ".") {
			lines[i] = `\&` + l
		}
	}
	return strings.Join(lines, "\n")
}
