package cli_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"ackrevoke/cmd/cli"
	"ackrevoke/cmd/test/stage"
	"ackrevoke/job/page"
	"ackrevoke/job/report"
)

// shownAs runs report, which calls nothing.
func shownAs(stdin string, args ...string) (code int, stdout, stderr string) {
	var out, said bytes.Buffer
	p := cli.Program{Args: append([]string{"report"}, args...), Stdin: strings.NewReader(stdin), Stdout: &out, Stderr: &said,
		Now: func() time.Time { return stage.Noon }}
	code = p.Run(context.Background())
	return code, out.String(), said.String()
}

const aReport = "../../job/report/testdata/incomplete.json"

// Every format shows the report: as what its readers expect.
func TestReportFormats(t *testing.T) {
	const sentence = "accesses are left that this program cannot end."
	for format, begins := range map[string]string{"table": "failed (exit 5): ", "html": "<!doctype html>", "markdown": "### Run report: ",
		"csv": `"file","document","type"`, "json": "{\n  \"schema\": \"ackrevoke.report/v1\""} {
		code, out, said := shownAs("", aReport, "--format", format)
		if code != 0 || said != "" || !strings.HasPrefix(out, begins) {
			t.Errorf("%s: exit %d\n%s\n%.300s", format, code, said, out)
		}
		if format != "json" && !strings.Contains(out, sentence) {
			t.Errorf("%s does not say: %s", format, sentence)
		}
	}
	_, csvOut, _ := shownAs("", aReport, "--format", "csv")
	rows := stage.Must(csv.NewReader(strings.NewReader(csvOut)).ReadAll())
	r := stage.Must(report.Read(aReport))
	actions := slices.DeleteFunc(rows, func(row []string) bool { return row[2] != "action" })
	if len(actions) != len(r.Plan.Actions) || !slices.Contains(rows[0], "action") && len(rows[0]) != len(page.RowColumns)+2 {
		t.Errorf("%d rows of actions: %q", len(actions), actions)
	}
}

// JSON comes out as it went in, from standard input as well.
func TestReportAsJSON(t *testing.T) {
	data := string(stage.Must(os.ReadFile(aReport)))
	if code, out, said := shownAs(data, "-", "--format", "json"); code != 0 || out != data {
		t.Errorf("exit %d\n%s\n%.500s", code, said, out)
	}
}

// Several files of several kinds stand below one another.
func TestReportOfSeveral(t *testing.T) {
	args := []string{aReport, "../../testdata/audit/everything.json", "../../testdata/doctor/denied.json"}
	for _, format := range []string{"table", "html", "markdown", "csv"} {
		code, out, said := shownAs("", append(args, "--format", format)...)
		if code != 0 {
			t.Errorf("%s: exit %d\n%s", format, code, said)
		}
		for _, name := range args {
			if !strings.Contains(out, filepath.Base(name)) && !strings.Contains(out, strings.ReplaceAll(filepath.Base(name), ".", `\.`)) {
				t.Errorf("%s does not name %s", format, name)
			}
		}
	}
}

// What is no document of ours is named as what it is.
func TestReportOfWhatIsNone(t *testing.T) {
	t.Chdir(t.TempDir())
	for name, c := range map[string]struct{ data, says, hint string }{
		"newer.json":     {`{"schema": "ackrevoke.report/v2"}`, "its format is ackrevoke.report v2, which this version does not read", "a newer one"},
		"other.json":     {`{"schema": "ackrevoke.plan/v1"}`, "is one that is not shown as a page", "--format of its own"},
		"foreign.json":   {`{"schema": "sarif\u001b[2J"}`, `no format of ackrevoke`, "report.json"},
		"plain.json":     {`{"a": 1}`, "it has no field schema", "report.json"},
		"list.json":      {`[1]`, "it has no field schema", "report.json"},
		"a.jsonl":        {`{"type":"intent","run":"r1","action":"c1/1"}` + "\n" + `{"type":"outcome"}`, "this is a journal", "ackrevoke restore"},
		"policy.yaml":    {"version: 1\n", "not JSON", "report.json"},
		"empty.json":     {"", "the file is empty", "report.json"},
		"damaged.json":   {`{"schema": "ackrevoke.report/v1", "principals": 7}`, "not a report of ackrevoke.report/v1", "changed by hand"},
		"cut.json":       {`{"schema": "ackrevoke.report/v1", "princ`, "not JSON", "report.json"},
		"a folder/":      {"", "is a folder", "report.json"},
		"not there.json": {"\x00", "is not there", "report.json"},
	} {
		switch {
		case strings.HasSuffix(name, "/"):
			stage.NoError(t, os.Mkdir(name, 0o700))
		case c.data != "\x00":
			stage.NoError(t, os.WriteFile(name, []byte(c.data), 0o600))
		}
		code, out, said := shownAs("", name, "--format", "html")
		if code != 2 || out != "" || !strings.Contains(said, c.says) || !strings.Contains(said, c.hint) || strings.Contains(said, "\x1b") {
			t.Errorf("%s: exit %d, %d bytes\n%s\nwant %s; %s", name, code, len(out), said, c.says, c.hint)
		}
	}
}

// What is wrong with the command line is said before anything is read.
func TestReportUsage(t *testing.T) {
	for want, args := range map[string][]string{
		"FILE is missing":                 {},
		"- is given twice":                {"-", "-"},
		`--format "pdf" is none of`:       {aReport, "--format", "pdf"},
		"--output is empty":               {aReport, "--output", ""},
		"--output would overwrite":        {aReport, "--output", aReport},
		"its schema is \"\", and no form": {"-"},
	} {
		code, _, said := shownAs(`{"schema": ""}`, args...)
		if code != 2 || !strings.Contains(said, want) {
			t.Errorf("%q: exit %d\n%s", args, code, said)
		}
	}
}

// A file appears whole, for its owner alone, and never instead of a document.
func TestReportOutput(t *testing.T) {
	dir := t.TempDir()
	to := filepath.Join(dir, "page.html")
	for range 2 { // a page may be written anew
		if code, out, said := shownAs("", aReport, "--format", "html", "-o", to); code != 0 || out != "" {
			t.Fatalf("exit %d\n%s", code, said)
		}
	}
	if info := stage.Must(os.Stat(to)); info.Mode().Perm() != 0o600 || info.Size() < 10_000 {
		t.Errorf("mode %v, %d bytes", info.Mode(), info.Size())
	}
	other := filepath.Join(dir, "other.json")
	data := stage.Must(os.ReadFile(aReport))
	stage.NoError(t, os.WriteFile(other, data, 0o600))
	link := filepath.Join(dir, "link.html")
	stage.NoError(t, os.Symlink(other, link))
	for path, want := range map[string]string{other: "is a report of its own", link: "is a symbolic link", dir: "is a folder",
		filepath.Join(dir, "none", "x.html"): "its folder cannot be written"} {
		if code, _, said := shownAs("", aReport, "-o", path); code != 1 || !strings.Contains(said, want) {
			t.Errorf("%s: exit %d\n%s", path, code, said)
		}
	}
	if !bytes.Equal(stage.Must(os.ReadFile(other)), data) {
		t.Error("a document was overwritten")
	}
	for _, name := range []string{"policy.yaml", "Estate.YML", "run.done.jsonl", "last-list.json"} {
		path := filepath.Join(dir, name)
		stage.NoError(t, os.WriteFile(path, []byte("version: 2\n"), 0o600))
		code, _, said := shownAs("", aReport, "--format", "html", "-o", path)
		if code != 1 || !strings.Contains(said, "may be a policy or a journal") || string(stage.Must(os.ReadFile(path))) != "version: 2\n" {
			t.Errorf("%s: exit %d\n%s", path, code, said)
		}
	}
	if left := stage.Must(filepath.Glob(filepath.Join(dir, ".ackrevoke-*"))); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}
