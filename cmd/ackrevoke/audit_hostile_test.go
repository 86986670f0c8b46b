package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"ackrevoke/ack/sim"
	"ackrevoke/policy"
)

// Whatever others write into names and messages, no output of an audit carries
// it to a terminal as a command, and a proposal lists exactly those who are to
// be listed.
func TestHostileTextsInAnAudit(t *testing.T) {
	keys(t, showcaseAccount)
	texts := corpus(t)
	for _, key := range slices.Sorted(maps.Keys(texts)) {
		t.Run(key, func(t *testing.T) {
			text := texts[key]
			estate := bytes.ReplaceAll(infested(text), []byte("NAMESPACE"), []byte(spell(strings.ReplaceAll(text, "/", "-"))))
			// The service's own words are others' as well: c2 answers with them.
			said2 := must(json.Marshal(map[string]string{"code": text, "message": text, "requestId": text}))
			between := func(h http.Handler) http.Handler {
				return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
					if !strings.Contains(r.URL.Path, "/clusters/c2/kubeconfig") {
						h.ServeHTTP(rw, r)
						return
					}
					rw.WriteHeader(http.StatusBadRequest)
					_, _ = rw.Write(said2)
				})
			}
			bubbleBehind(t, estate, sim.Options{}, noon, between, func(w *world) {
				for _, args := range [][]string{nil, {"--grants"}, {"--grants", "--format", "json"}, {"--grants", "--emit-policy"}} {
					what := fmt.Sprint("audit ", args)
					a := w.audit(args...)
					if a.code != 6 {
						t.Errorf("%s: exit %d\n%.2000s", what, a.code, a.stderr)
					}
					harmless(t, what, a.stdout)
					said(t, what, a.stderr, false)
					if !slices.Contains(args, "json") { // which is as long as what it quotes
						said(t, what, a.stdout, false)
					}
					if !slices.Contains(args, "--emit-policy") {
						continue
					}
					p, err := policy.Load("proposal", []byte(a.stdout))
					if err != nil {
						t.Fatalf("%v\n%.3000s", err, a.stdout)
					}
					if got := each(p.Principals, func(p policy.Principal) string { return p.UID }); !slices.Equal(got, []string{"200000000000000009"}) {
						t.Errorf("proposed %q", got)
					}
				}
			})
		})
	}
}
