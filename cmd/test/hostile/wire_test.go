package hostile

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"ackrevoke/ack/sim"
	"ackrevoke/cmd/test/stage"
)

// wire is a service that says a text where the simulated one has no place for
// it: ids, request ids, types, its own fields; also what is no UTF-8.
func wire(text string) func(http.Handler) http.Handler {
	raw := func(s string) string { // as JSON, with the invalid bytes left as they are
		if utf8.ValidString(s) {
			return string(stage.Must(json.Marshal(s)))
		}
		return `"` + s + `"`
	}
	return func(h http.Handler) http.Handler {
		return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			rec := httptest.NewRecorder()
			h.ServeHTTP(rec, r)
			body := rec.Body.String()
			if strings.HasPrefix(r.URL.Path, "/regions/") {
				body = strings.Replace(body, `"clusters":[`,
					`"clusters":[{"cluster_id":`+raw(text)+`,"name":`+raw(text)+`,"cluster_type":`+raw(text)+
						`,"profile":`+raw(text)+`,"state":`+raw(text)+`},`, 1)
				body = strings.Replace(body, `"total_count":3`, `"total_count":4`, 1)
			}
			if strings.HasPrefix(body, "{") {
				body = `{"request_id":` + raw(text) + `,"requestId":` + raw(text) + `,` + strings.TrimPrefix(body, "{")
				body = strings.Replace(body, ",}", "}", 1)
			}
			body = strings.Replace(body, `"Arn":"`, `"PrincipalId":`+raw(text)+`,"Arn":"`, 1)
			maps.Copy(rw.Header(), rec.Header())
			rw.Header().Set("x-acs-request-id", strings.Map(func(r rune) rune {
				if r < ' ' || r == 0x7f {
					return -1 // the transport takes no header with these
				}
				return r
			}, text[:min(len(text), 4000)]))
			rw.WriteHeader(rec.Code)
			_, _ = rw.Write([]byte(body))
		})
	}
}

// What no honest service says comes out as text as well, and an id that it
// makes up is a cluster about which nothing can be said.
func TestHostileWire(t *testing.T) {
	stage.Keys(t, stage.Account)
	texts := corpus(t)
	texts["no UTF-8"] = "a\xff\xfe\x9b2J\xc3(\xed\xa0\x80z"
	policy := filepath.Join(t.TempDir(), "policy.yaml")
	if err := os.WriteFile(policy, []byte("version: 1\naccount: \"1234567890123456\"\nprincipals:\n  - {uid: "+
		"\"200000000000000001\", reason: departed}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for n, name := range slices.Sorted(maps.Keys(texts)) {
		text := texts[name]
		t.Run(name, func(t *testing.T) {
			for i, args := range [][]string{nil, {"--dry-run=false", "--verify-timeout", "5s"}} {
				m := modes[(2*i+n)%len(modes)]
				stage.BubbleBehind(t, []byte(stage.Faulty), sim.Options{}, stage.Noon, wire(text), func(w *stage.World) {
					got := speak(w, m, append([]string{"-p", policy}, args...)...)
					if got.Code != 6 || len(got.Report.Plan.Unknown) == 0 {
						w.T.Errorf("%s: exit %d with %d unknown\n%.4000s", m.name, got.Code, len(got.Report.Plan.Unknown), got.Stderr)
					}
				})
			}
		})
	}
}

// The examination says on standard output what a run says in its log.
func TestHostileDoctor(t *testing.T) {
	stage.Keys(t, stage.Account)
	texts := corpus(t)
	for n, name := range slices.Sorted(maps.Keys(texts)) {
		text := texts[name]
		t.Run(name, func(t *testing.T) {
			policy := infestedPolicy(t, text)
			estate := bytes.ReplaceAll(infested(text), []byte("NAMESPACE"), []byte(spell("n")))
			for i, fault := range []string{"", "{on: ListUserKubeConfigStates, times: 0, do: error, code: TEXT, message: TEXT}",
				"{on: ListUsers, times: 0, do: error, status: 403, code: TEXT, message: TEXT}",
				"{on: GetCallerIdentity, times: 0, do: error, code: TEXT, message: TEXT}"} {
				faults := stage.Must(sim.LoadFaults("f", fmt.Appendf(nil, "faults: [%s]", strings.ReplaceAll(fault, "TEXT", spell(text)))))
				between := func(h http.Handler) http.Handler { return h }
				if i == 0 && n%2 == 0 {
					between = wire(text)
				}
				stage.BubbleBehind(t, estate, sim.Options{Faults: faults}, stage.Noon, between, func(w *stage.World) {
					got := w.Doctor("-p", policy, "--format", []string{"text", "json"}[(i+n)%2])
					what := fmt.Sprintf("doctor (%s)", fault)
					said(w.T, what+" stderr", got.Stderr, false)
					if (i+n)%2 == 0 {
						said(w.T, what, got.Stdout, false)
					} else if harmless(w.T, what, got.Stdout); !json.Valid([]byte(got.Stdout)) {
						w.T.Errorf("%s: no JSON", what)
					}
				})
			}
		})
	}
}
