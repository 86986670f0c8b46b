package browser

import (
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"sync"
)

// trap is the proxy that the browser has for everything: what would leave it comes
// here, and no further, whatever the page and the debugger know of it.
var trap snare

type snare struct {
	sync.Mutex
	server *httptest.Server
	caught []string
}

// makers are the hosts that Chromium itself asks for, in spite of all flags,
// whatever it shows.
var makers = regexp.MustCompile(`(^|\.)(google|googleapis|gvt1|gstatic)\.com(:\d+)?$`)

func (s *snare) open() { s.server = httptest.NewServer(s) }

func (s *snare) close() { s.server.Close() }

func (s *snare) address() string { return s.server.URL }

func (s *snare) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !makers.MatchString(r.Host) {
		s.Lock()
		s.caught = append(s.caught, r.Method+" "+r.Host+" "+r.URL.String())
		s.Unlock()
	}
	w.WriteHeader(http.StatusBadGateway)
}

// all returns what was caught up to now.
func (s *snare) all() []string {
	s.Lock()
	defer s.Unlock()
	return slices.Clone(s.caught)
}
