package browser

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/page"
)

// On paper there is every text of the page, also of what is folded, with scripts and
// without them, and nothing that can only be clicked: the PDF is read back.
func TestPrint(t *testing.T) {
	r := shows(t, "print: every text is in the PDF, also what was folded, and no control; with scripts and without")
	pages, lines := 0, 0
	for _, name := range []string{"run, every row", "run, planned", "audit, found", "doctor, incomplete", "several at once"} {
		for _, noScript := range []bool{false, true} {
			b := open(t, named(t, name).page, look{width: 1280, height: 800, noScript: noScript, media: "print"})
			none(t, name+", on paper", ask[[]string](b, `look.all("button, input, nav, .skip, .k").filter(function (e) {
				return look.shown(e) && !(e.matches("thead button") && getComputedStyle(e, "::after").content === "none"); }).map(look.name)`))
			background := true
			pdf := call(b, page.PrintToPDF, page.PrintToPDFParams{PrintBackground: &background}).Data
			text, missing := textOf(t, pdf), []string{}
			for _, line := range ask[[]string](b, `look.open(), look.texts()`) {
				if !strings.Contains(text, joined(line)) {
					missing = append(missing, line)
				}
				lines++
			}
			none(t, name+", not on paper", missing)
			pages += bytes.Count(pdf, []byte("/Type /Page\n"))
			b.calm()
			b.close()
		}
	}
	<-large.done
	must(t, large.err)
	b := open(t, large.page, look{width: 1280, height: 800, media: "print"})
	if ask[bool](b, `look.shown(document.querySelector("table.x"))`) || !ask[bool](b, `look.shown(document.querySelector(".paper"))`) {
		t.Error("a matrix of 500 columns is on paper, or nothing says why it is not")
	}
	b.close()
	if lines < 2000 {
		t.Errorf("only %d texts were looked for", lines)
	}
	r.measured("%d pages, %d texts", pages, lines)
}

// The pictures of docs/report.md are of the page as it is; UPDATE=1 takes them anew.
func TestPictures(t *testing.T) {
	r := shows(t, "three pictures for docs/report.md: light, dark, 360 px")
	all := 0
	for _, p := range []struct {
		file string
		look look
	}{
		{"report-light.png", look{width: 860, height: 560}},
		{"report-dark.png", look{width: 860, height: 560, dark: true}},
		{"report-360.png", look{width: 360, height: 560}},
	} {
		b := open(t, named(t, "run, planned").page, p.look)
		png := call(b, page.CaptureScreenshot, page.CaptureScreenshotParams{}).Data
		b.close()
		path := filepath.Join(repository, "docs", "images", p.file)
		if os.Getenv("UPDATE") != "" {
			must(t, os.MkdirAll(filepath.Dir(path), 0o755))
			must(t, os.WriteFile(path, png, 0o644))
		}
		there, err := os.ReadFile(path)
		must(t, err)
		if len(png) < 10_000 || !bytes.HasPrefix(there, []byte("\x89PNG")) {
			t.Errorf("%s: %d bytes, and %d are there", p.file, len(png), len(there))
		}
		all += len(there)
	}
	if all > 250_000 {
		t.Errorf("the pictures have %d bytes", all)
	}
	r.measured("%d kB", all>>10)
}
