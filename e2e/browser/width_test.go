package browser

import (
	"fmt"
	"testing"
)

// From a telephone to a wide screen nothing has to be scrolled sideways but what
// scrolls on its own, and no text is cut.
func TestWidths(t *testing.T) {
	widths := []int64{320, 360, 768, 1280, 2000}
	r := shows(t, fmt.Sprintf("no sideways scrolling of the document and no text cut, at %v px", widths))
	for _, d := range documents(t) {
		b := open(t, d.page, look{width: widths[0], height: 800})
		ask[int](b, `look.open(), 0`)
		for _, width := range widths {
			b.looks(look{width: width, height: 800})
			name := fmt.Sprintf("%s, %d px", d.name, width)
			none(t, name, ask[[]string](b, `look.wide()`))
			none(t, name+", cut", ask[[]string](b, `look.cut()`))
			if small := ask[float64](b, `Math.min.apply(null, look.all("p, td, th, li, dd, dt, a, summary").filter(look.shown).map(function (e) {
				return parseFloat(getComputedStyle(e).fontSize); }))`); small < 11 {
				t.Errorf("%s: letters of %.0f px", name, small)
			}
		}
		b.calm()
		b.close()
	}
	r.measured("%d pages", len(documents(t)))
}

// A name of any length is no reason to scroll sideways.
func TestWidthsOfHostileTexts(t *testing.T) {
	shows(t, "nor with hostile texts, at 360 and 2,000 px")
	for _, name := range []string{"run, every row", "audit, found"} {
		b := open(t, hostilePage(t, named(t, name), harm[len(harm)-10:]), look{width: 360, height: 740})
		ask[int](b, `look.open(), 0`)
		none(t, name, ask[[]string](b, `look.wide()`))
		b.looks(look{width: 2000, height: 1200})
		none(t, name, ask[[]string](b, `look.wide()`))
		b.close()
	}
}
