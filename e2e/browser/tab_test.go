package browser

import (
	"context"
	_ "embed"
	"fmt"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// look is how somebody looks at a page.
type look struct {
	width, height int64
	dark          bool
	media         string // "print", or as it is
	noScript      bool
	noPolicy      bool // the Content Security Policy of the page is not obeyed
}

var desk = look{width: 1280, height: 800}

// tab is a page that is open, and what happened in it.
type tab struct {
	t   *testing.T
	ctx context.Context
	at  string // its address

	close func()

	mutex    sync.Mutex
	requests []string
	trouble  []string // dialogs, exceptions, violations, other windows
}

//go:embed look.js
var lookScript string

// window is a window of the browser, in which one page after the other is opened:
// a new one takes longer than most pages.
type window struct {
	ctx     context.Context
	current atomic.Pointer[tab]
}

// idle are windows in which no page is open.
var idle = make(chan *window, 16)

func newWindow(t *testing.T) *window {
	t.Helper()
	select {
	case w := <-idle:
		return w
	default:
	}
	w := &window{}
	w.ctx, _ = chromedp.NewContext(chromium, chromedp.WithNewBrowserContext(),
		chromedp.WithListener(func(event any) { // it ends with the browser
			if b := w.current.Load(); b != nil {
				b.hear(event)
			}
		}))
	must(t, chromedp.Do(w.ctx))
	return w
}

// open shows a file in a window that is its own until the test ends or closes it.
func open(t *testing.T, file string, l look) *tab {
	t.Helper()
	full, err := filepath.Abs(file)
	must(t, err)
	w := newWindow(t)
	ctx, end := context.WithTimeout(w.ctx, 3*time.Minute)
	b := &tab{t: t, ctx: ctx, at: (&url.URL{Scheme: "file", Path: full}).String()}
	b.close = sync.OnceFunc(func() {
		w.current.Store(nil)
		if chromedp.Do(ctx, chromedp.Navigate("about:blank")) == nil {
			idle <- w
		}
		end()
	})
	t.Cleanup(b.close)
	call(b, network.Enable, network.EnableParams{})
	call(b, log.Enable, chromedp.Void{})
	call(b, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: l.noScript})
	call(b, page.SetBypassCSP, page.SetBypassCSPParams{Enabled: l.noPolicy})
	b.looks(l)
	w.current.Store(b)
	b.do(chromedp.Navigate(b.at))
	ask[int](b, lookScript+";0")
	return b
}

// looks changes the window and the colours that are preferred.
func (b *tab) looks(l look) {
	b.t.Helper()
	scheme := "light"
	if l.dark {
		scheme = "dark"
	}
	call(b, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{
		Width: l.width, Height: l.height, DeviceScaleFactor: 1})
	call(b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: l.media,
		Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}})
}

func (l look) String() string {
	words := []string{fmt.Sprint(l.width)}
	for word, on := range map[string]bool{"dark": l.dark, "without scripts": l.noScript, "without its policy": l.noPolicy} {
		if on {
			words = append(words, word)
		}
	}
	slices.Sort(words[1:])
	return strings.Join(words, ", ")
}

// hear notes what a page must not do.
func (b *tab) hear(event any) {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		b.requests = append(b.requests, e.Request.URL)
	case *network.EventWebSocketCreated:
		b.requests = append(b.requests, e.URL)
	case *page.EventJavascriptDialogOpening:
		b.trouble = append(b.trouble, "a dialog: "+e.Message)
		go func() { _, _ = chromedp.Call(b.ctx, page.HandleJavaScriptDialog, page.HandleJavaScriptDialogParams{}) }()
	case *runtime.EventExceptionThrown:
		b.trouble = append(b.trouble, fmt.Sprintf("an exception: %+v", *e.ExceptionDetails))
	case *runtime.EventConsoleAPICalled:
		b.trouble = append(b.trouble, fmt.Sprintf("the console: %s", e.Type))
	case *log.EventEntryAdded:
		b.trouble = append(b.trouble, fmt.Sprintf("%s: %s", e.Entry.Source, e.Entry.Text))
	case *page.EventWindowOpen:
		b.trouble = append(b.trouble, "a window: "+e.URL)
	}
}

func (b *tab) do(steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	must(b.t, chromedp.Do(b.ctx, steps...))
}

// call sends a command to the page.
func call[P, R any](b *tab, command cdp.Command[P, R], params P) R {
	b.t.Helper()
	got, err := chromedp.Call(b.ctx, command, params)
	must(b.t, err)
	return got
}

// ask has the page compute something.
func ask[T any](b *tab, expression string) T {
	b.t.Helper()
	got, err := chromedp.Run(b.ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	must(b.t, err)
	return got
}

// calm expects that nothing was asked for but the page itself, and that nothing
// ran, appeared or was held back by its policy.
func (b *tab) calm() {
	b.t.Helper()
	b.mutex.Lock()
	defer b.mutex.Unlock()
	if !slices.Equal(b.requests, []string{b.at}) {
		b.t.Errorf("requests: %.2000q", b.requests)
	}
	for _, what := range b.trouble {
		b.t.Errorf("%.500s", what)
	}
	if caught := trap.all(); len(caught) > 0 {
		b.t.Errorf("something would have left the browser: %.2000q", caught)
	}
}

// none expects an empty list of what is wrong.
func none(t *testing.T, what string, wrong []string) {
	t.Helper()
	for i, w := range wrong {
		if i == 10 {
			t.Errorf("%s: and %d more", what, len(wrong)-i)
			break
		}
		t.Errorf("%s: %.400s", what, w)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
