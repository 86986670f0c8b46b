package cli

import (
	"errors"
	"fmt"
	"io"
	"log"
	"maps"
	"net"
	"net/http"
	"slices"
	"syscall"
	"time"

	"github.com/prometheus/client_golang/prometheus/promhttp"

	"ackrevoke/cmd/cli/voice"
	"ackrevoke/job/end"
	"ackrevoke/job/metrics"
)

// grace is how long a run of one policy may go on after its --timeout before the
// process does not count as healthy: what is in flight is awaited, and outputs are written.
const grace = time.Minute

// serveMetrics serves what the last run left, where that is asked for, until
// stop.
func (p Program) serveMetrics(o *options, v *voice.Voice) (stop func(), err error) {
	if o.metricsListen == "" {
		return func() {}, nil
	}
	listen := p.ListenAt
	if listen == nil {
		listen = func(address string) (net.Listener, error) { return net.Listen("tcp", address) }
	}
	l, err := listen(o.metricsListen)
	if err != nil {
		hint := "nothing was called; give an address of this machine and a port that it may open"
		if errors.Is(err, syscall.EADDRINUSE) {
			hint = "nothing was called; give another port, or end what listens there"
		}
		return nil, &status{code: end.CodeError, err: fmt.Errorf("--metrics-listen: %w", err), hint: hint}
	}
	server := &http.Server{Handler: p.monitor(o.meter, o.timeout+grace), ErrorLog: log.New(io.Discard, "", 0),
		ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 10 * time.Second, WriteTimeout: time.Minute, IdleTimeout: 2 * time.Minute,
		MaxHeaderBytes: 16 << 10}
	done := make(chan struct{})
	go func() { defer close(done); _ = server.Serve(l) }()
	v.Serving(l.Addr().String())
	return func() { _ = server.Close(); <-done }, nil
}

// monitor answers whoever asks how the runs went, and whether the process lives.
func (p Program) monitor(m *meter, most time.Duration) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /metrics", func(w http.ResponseWriter, r *http.Request) {
		promhttp.HandlerFor(m.visible().Gatherer(), promhttp.HandlerOpts{}).ServeHTTP(w, r)
	})
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		if late := m.late(p.Now(), most); late > 0 {
			w.WriteHeader(http.StatusServiceUnavailable)
			fmt.Fprintf(w, "a run has been under way for %v longer than it may\n", late.Round(time.Second))
			return
		}
		fmt.Fprintln(w, "ok")
	})
	return mux
}

// visible is the set of the last run that ended; an empty one before that.
func (m *meter) visible() *metrics.Set {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.shown == nil {
		return metrics.New(nil)
	}
	return m.shown
}

// late is by how much the run under way has taken more time than most. A round over
// many accounts may take as long as it has files for: of these the oldest that is
// under way counts, and where none is, the time since one was.
func (m *meter) late(now time.Time, most time.Duration) time.Duration {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.since.IsZero() {
		return 0
	}
	since := m.since
	if len(m.files) > 0 {
		since = slices.MinFunc(slices.Collect(maps.Values(m.files)), time.Time.Compare)
	}
	return max(0, now.Sub(since)-most)
}
