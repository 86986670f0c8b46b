package browser

import (
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// focus is where the focus is, and how that looks.
type focus struct {
	Name           string
	Ring, Contrast float64 // of its outline: pixels, and against what is behind
	InView         bool
	Top, Left      float64
}

func (b *tab) press(keys ...string) {
	b.t.Helper()
	for _, key := range keys {
		b.do(chromedp.KeyEvent(key))
	}
}

// The Tab key goes through everything that does something, and through all that
// scrolls, in the order of reading; one always sees where it is.
func TestTabOrder(t *testing.T) {
	r := shows(t, "Tab reaches all controls and all that scrolls, in reading order, and is seen: 1,280 and 360 px, light and dark")
	all := 0
	for _, l := range []look{desk, {width: 360, height: 740}, {width: 1280, height: 800, dark: true}} {
		for _, name := range []string{"run, every row", "audit, found", "several at once"} {
			b := open(t, named(t, name).page, l)
			want := ask[[]string](b, `look.stops()`)
			var got []string
			for range len(want) + 1 {
				b.press(kb.Tab)
				f := ask[focus](b, `look.focus()`)
				if f.Name == "" || len(got) == len(want) && f.Name == want[0] { // behind the last there is the browser itself, or the first
					break
				}
				got = append(got, f.Name)
				if f.Ring < 2 || f.Contrast < 3 || !f.InView {
					t.Errorf("%s, %v: the focus is not seen: %+v", name, l, f)
				}
			}
			if !slices.Equal(got, want) {
				t.Errorf("%s, %v: Tab goes to\n%s\nand not to\n%s", name, l, strings.Join(got, "\n"), strings.Join(want, "\n"))
			}
			all += len(want)
			b.calm()
			b.close()
		}
	}
	r.measured("%d stops", all)
}

// until presses Tab until the focus is on what an expression says of active.
func (b *tab) until(is string) {
	b.t.Helper()
	for range 300 {
		b.press(kb.Tab)
		if ask[bool](b, `(function (active) { return !!(`+is+`); })(document.activeElement)`) {
			return
		}
	}
	b.t.Fatalf("Tab never gets to where %s", is)
}

// firsts are the rows of the first table that can be filtered.
const firsts = `look.all("table.z")[0].tBodies[0].rows`

func (b *tab) shownRows() []string { return b.shown(firsts) }

// shown are the texts of the rows that an expression names and that are shown.
func (b *tab) shown(rows string) []string {
	b.t.Helper()
	return ask[[]string](b, `Array.from(`+rows+`).filter(look.shown).map(function (r) { return r.innerText.replace(/\s+/g, " "); })`)
}

// Rows are filtered by words and by state, and sorted, with the keyboard alone.
func TestFilterAndSort(t *testing.T) {
	shows(t, "rows are filtered by words and states, and sorted both ways, with the keyboard alone")
	b := open(t, named(t, "run, planned").page, desk)
	all := b.shownRows()
	b.until(`active.type === "search"`)
	b.press("alice")
	wantRows(t, b, all, "alice")
	if said := ask[string](b, `document.querySelector(".k [role=status]").textContent`); !strings.HasPrefix(said, "2 of ") {
		t.Errorf("the page says %q", said)
	}
	b.press(kb.Backspace, kb.Backspace, kb.Backspace, kb.Backspace, kb.Backspace)
	wantRows(t, b, all, "")
	b.until(`active.closest("thead")`)
	for _, order := range []string{"ascending", "descending"} {
		b.press(kb.Enter)
		if got := ask[string](b, `document.activeElement.closest("th").getAttribute("aria-sort")`); got != order {
			t.Errorf("sorted %s, not %s", got, order)
		}
		texts := ask[[]string](b, `Array.from(`+firsts+`).map(function (r) {
			return r.cells[document.activeElement.closest("th").cellIndex].textContent; })`)
		if order == "descending" {
			slices.Reverse(texts)
		}
		sorted := ask[bool](b, `(function (x) { return x.every(function (v, i) {
			return !i || new Intl.Collator(undefined, { numeric: true }).compare(x[i - 1], v) <= 0; }); })([`+quoted(texts)+`])`)
		if !sorted || len(texts) < 3 {
			t.Errorf("%s: %q", order, texts)
		}
	}
	b.calm()
}

// wantRows expects exactly those rows that have a word.
func wantRows(t *testing.T, b *tab, all []string, word string) {
	t.Helper()
	var want []string
	for _, row := range all {
		if strings.Contains(row, word) {
			want = append(want, row)
		}
	}
	got := b.shownRows()
	slices.Sort(want)
	slices.Sort(got)
	if len(want) == 0 || !slices.Equal(got, want) {
		t.Errorf("with %q there is\n%s\nand not\n%s", word, strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// States are buttons that say whether they are pressed.
func TestFilterByState(t *testing.T) {
	shows(t, "states are buttons for the keyboard that say whether they are pressed")
	b := open(t, named(t, "run, every row").page, desk)
	b.until(`active.matches("[aria-pressed]")`)
	state := ask[string](b, `document.activeElement.textContent.replace(/ \d+$/, "")`)
	const firsts = `document.activeElement.closest(".k").nextElementSibling.querySelector("table").tBodies[0].rows`
	all := b.shown(firsts)
	b.press(" ")
	if !ask[bool](b, `document.activeElement.getAttribute("aria-pressed") === "true"`) {
		t.Error("the button does not say that it is pressed")
	}
	for _, row := range ask[[]string](b, `Array.from(`+firsts+`).filter(look.shown).map(function (r) { return r.dataset.s; })`) {
		if row != state {
			t.Errorf("a row that is %s is shown, and only %s were asked for", row, state)
		}
	}
	if got := b.shown(firsts); len(got) == 0 || len(got) >= len(all) {
		t.Errorf("%d of %d rows", len(got), len(all))
	}
	b.press(" ")
	if got := b.shown(firsts); !slices.Equal(got, all) {
		t.Errorf("released, the button leaves %d of %d rows", len(got), len(all))
	}
}

// What is folded opens and closes, what is wide scrolls, and a link goes to its
// part, with the keyboard.
func TestFoldScrollAndJump(t *testing.T) {
	shows(t, "folded parts open, wide parts scroll and links jump with the keyboard")
	b := open(t, named(t, "run, every row").page, look{width: 640, height: 480})
	b.until(`active.matches("summary") && !active.parentNode.open`)
	b.press(kb.Enter)
	if !ask[bool](b, `document.activeElement.parentNode.open`) {
		t.Error("Enter does not open what is folded")
	}
	ask[int](b, `document.activeElement.blur(), scrollTo(0, 0), 0`)
	b.until(`look.scrolls(active)`)
	for range 5 {
		b.do(chromedp.KeyEvent(kb.ArrowRight), chromedp.KeyEvent(kb.ArrowDown))
	}
	if !ask[bool](b, `new Promise(function (done) { var n = 0; (function again() {
		var e = document.activeElement;
		if (e.scrollLeft > 0 || e.scrollTop > 0 || n++ > 300) done(e.scrollLeft > 0 || e.scrollTop > 0); else setTimeout(again, 10);
	})(); })`) {
		t.Error("the arrows do not scroll what is too large")
	}
	ask[int](b, `document.activeElement.blur(), look.close(), scrollTo(0, 0), 0`)
	b.until(`active.matches("article nav li:last-child a")`)
	target := ask[string](b, `document.activeElement.hash.slice(1)`)
	b.press(kb.Enter)
	if !ask[bool](b, `new Promise(function (done) { var n = 0; (function again() {
		var e = document.getElementById("`+target+`"), ok = e.querySelector("details").open && e.getBoundingClientRect().top < innerHeight;
		if (ok || n++ > 300) done(ok); else setTimeout(again, 10);
	})(); })`) {
		t.Error("a link to a folded part does not open it, or does not go there")
	}
}
