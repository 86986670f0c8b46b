package cli

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"ackrevoke/job/end"
	"ackrevoke/job/metrics"
	"ackrevoke/job/report"
)

// The process lives while no run has taken longer than it may.
func TestHealth(t *testing.T) {
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	o, p := &options{timeout: 30 * time.Minute, meter: &meter{}}, Program{Now: func() time.Time { return now }}
	ask := p.monitor(o.meter, o.timeout+grace)
	is := func(when string, want int, says string) {
		t.Helper()
		got := httptest.NewRecorder()
		ask.ServeHTTP(got, httptest.NewRequest(http.MethodGet, "/healthz", nil))
		if got.Code != want || !strings.Contains(got.Body.String(), says) {
			t.Errorf("%s: %d %s", when, got.Code, got.Body)
		}
	}
	is("before the first run", 200, "ok")
	o.meter.begin(now)
	now = now.Add(31 * time.Minute)
	is("at the end of its time", 200, "ok")
	now = now.Add(3 * time.Second)
	is("later than it may", 503, "3s longer")
	r := report.New()
	r.Verdict = end.Verdict{Name: end.Incomplete, ExitCode: end.CodeIncomplete}
	p.measured(o, nil, nil, r)
	is("when it has ended at last", 200, "ok")
	got := httptest.NewRecorder()
	ask.ServeHTTP(got, httptest.NewRequest(http.MethodPost, "/metrics", nil))
	if got.Code != http.StatusMethodNotAllowed {
		t.Errorf("POST: %d", got.Code)
	}
}

// Of a round over many files none may take longer than one may, whenever the round
// began; between two of them, and after the last, it has that time as well.
func TestHealthOfARound(t *testing.T) {
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	m := &meter{together: true}
	pass := func(d time.Duration) time.Time { now = now.Add(d); return now }
	late := func(when string, want time.Duration) {
		t.Helper()
		if got := m.late(now, 31*time.Minute); got != want {
			t.Errorf("%s: late by %v, want %v", when, got, want)
		}
	}
	clock := func() time.Time { return now }
	m.begin(now)
	first := m.at(clock)
	pass(20 * time.Minute)
	second := m.at(clock)
	pass(10 * time.Minute)
	late("both are in time", 0)
	first()
	pass(20 * time.Minute)
	late("the round is older than a file may be", 0)
	third := m.at(clock)
	pass(5 * time.Minute)
	late("the oldest hangs, and another has just begun", 4*time.Minute)
	second()
	late("it has ended", 0)
	pass(20 * time.Minute)
	third()
	pass(31 * time.Minute)
	late("the summary is being written", 0)
	pass(time.Second)
	late("and is not", time.Second)
	Program{Now: clock}.publish(m, nil)
	pass(time.Hour)
	late("between two rounds", 0)
}

// The runs of many accounts are one set, which whoever began it publishes.
func TestMetricsTogether(t *testing.T) {
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	o, p := &options{meter: &meter{together: true}}, Program{Now: func() time.Time { return now }}
	o.meter.begin(now)
	for range 3 {
		r := report.New()
		r.Verdict = end.Verdict{Name: end.Invalid, ExitCode: end.CodeInvalid}
		p.measured(o, nil, nil, r)
	}
	if n := len(o.meter.visible().Accounts()); n != 0 {
		t.Errorf("%d accounts are told before all are through", n)
	}
	p.publish(o.meter, nil)
	if n := len(o.meter.visible().Accounts()); n != 1 {
		t.Errorf("%d accounts", n)
	}
}

// Whose metrics those of a policy are that is not valid.
func TestAccountOfABrokenPolicy(t *testing.T) {
	path := filepath.Join(t.TempDir(), "policy.yaml")
	for text, want := range map[string]string{
		"version: 7\naccount: \"1234567890123456\"\n": "1234567890123456", "account: '12'  # ours\r\nprincipals: [": "12",
		"account: 1234567890123456\n": "1234567890123456", "version: 1\n": "", "": "", "  account: \"12\"\n": "",
		"account: \"alice\"\n": "", "# account: \"12\"\n": "", "account: \"12\" and more\n": "",
	} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if got := (Program{}).accountOf(&options{policy: path}, nil); got != want {
			t.Errorf("%q: %q, not %q", text, got, want)
		}
	}
	for _, name := range []string{"-", filepath.Dir(path), path + ".none"} {
		if got := (Program{}).accountOf(&options{policy: name}, nil); got != "" {
			t.Errorf("%s: %q", name, got)
		}
	}
}

// Each account has a group of its own at the Pushgateway; one that is not taken
// keeps no other from it, and the warning says how many there were.
func TestPushOfManyAccounts(t *testing.T) {
	var mu sync.Mutex
	seen := map[string]bool{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		seen[r.Method+" "+r.URL.Path] = true
		switch {
		case strings.HasSuffix(r.URL.Path, "/7"):
			w.WriteHeader(http.StatusBadRequest)
		case r.Method == http.MethodDelete:
			w.WriteHeader(http.StatusAccepted)
		}
	}))
	defer server.Close()
	set := metrics.New(nil)
	for i := range 40 {
		set.Add(metrics.Attempt{Account: strconv.Itoa(i), Report: report.New()})
	}
	set.Forget("40")
	set.Forget("39")
	g, err := parseGateway(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	wrong := g.push(nil, set)
	if wrong == nil || !strings.HasPrefix(wrong.Error(), "the metrics of 1 of 40 accounts were not pushed to "+g.host+": it answered 400") {
		t.Error(wrong)
	}
	if len(seen) != 40 || !seen["POST /metrics/job/ackrevoke/account/39"] {
		t.Errorf("%d groups", len(seen))
	}
	all := metrics.New(nil)
	all.Forget("40")
	if wrong := g.push(nil, all); wrong != nil || !seen["DELETE /metrics/job/ackrevoke/account/40"] {
		t.Errorf("what is forgotten stays: %v", wrong)
	}
}
