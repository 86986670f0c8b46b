package browser

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/cdproto/page"
)

// On paper there is all that matters, what is folded too, and nothing that can only
// be clicked.
func TestPrint(t *testing.T) {
	r := shows(t, "print: what is folded is there, controls are not, and a PDF comes of it")
	bytesOfAll := 0
	for _, name := range []string{"run, every row", "run, planned", "audit, found", "several at once"} {
		b := open(t, named(t, name).page, desk)
		folded := ask[int](b, `look.all("details").filter(function (d) { return !d.open; }).length`)
		b.looks(look{width: 1280, height: 800, media: "print"})
		if n := ask[int](b, `look.all("button, input, nav, .skip").filter(function (e) { return e.closest(".k, nav, .skip") && look.shown(e); }).length`); n > 0 {
			t.Errorf("%s: %d controls on paper", name, n)
		}
		if n := ask[int](b, `look.all("details > :not(summary)").filter(function (e) {
			return !e.closest(".k, nav") && !e.matches(".k") && !e.checkVisibility({ contentVisibilityAuto: true }); }).length`); n > 0 {
			t.Errorf("%s: %d parts are folded away on paper", name, n)
		}
		background := true
		pdf := call(b, page.PrintToPDF, page.PrintToPDFParams{PrintBackground: &background}).Data
		if !bytes.HasPrefix(pdf, []byte("%PDF-")) || len(pdf) < 10_000 {
			t.Errorf("%s: %d bytes of PDF (%d parts were folded)", name, len(pdf), folded)
		}
		bytesOfAll += len(pdf)
		b.calm()
		b.close()
	}
	r.measured("%d kB of PDF", bytesOfAll>>10)
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
