package page_test

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"ackrevoke/job/page"
	"ackrevoke/job/page/comment"
	"ackrevoke/job/page/plain"
	"ackrevoke/job/page/sheet"
	"ackrevoke/job/report"
)

// goldens are documents of other tests, and what their pages are called.
var goldens = map[string]string{
	"converged":  "../report/testdata/converged.json",
	"incomplete": "../report/testdata/incomplete.json",
	"refused":    "../report/testdata/refused.json",
	"invalid":    "../report/testdata/invalid.json",
	"audit":      "../../testdata/audit/everything.json",
	"doctor":     "../../testdata/doctor/denied.json",
}

// The pages of a few documents in each format are as testdata has them; UPDATE=1
// writes those files anew. Of HTML the style and the script are left out.
func TestGolden(t *testing.T) {
	t.Parallel()
	made := regexp.MustCompile(`(?s)(<style>).*(</style>)|(<script>).*(</script>)|(content="default-src)[^"]*`)
	for name, path := range goldens {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		d, err := page.Decode(filepath.Base(path), data)
		if err != nil {
			t.Fatal(err)
		}
		text, err := plain.Encode(report.Look{}, d)
		if err != nil {
			t.Fatal(err)
		}
		golden(t, name+".html", made.ReplaceAll(htmlOf(t, d), []byte("$1$3$5...$2$4")))
		golden(t, name+".md", comment.Encode(d.View()))
		golden(t, name+".csv", sheet.Encode(d.View()))
		golden(t, name+".txt", text)
	}
}

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if os.Getenv("UPDATE") != "" {
		if err := os.WriteFile(path, got, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s is another: UPDATE=1 writes it anew, and git diff shows what changed", name)
	}
}
