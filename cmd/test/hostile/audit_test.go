package hostile

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
	"ackrevoke/cmd/test/stage"
	"ackrevoke/policy"
)

// Whatever others write into names and messages, no output of an audit carries
// it to a terminal as a command, and a proposal lists exactly those who are to
// be listed.
func TestHostileTextsInAnAudit(t *testing.T) {
	stage.Keys(t, stage.Account)
	texts := corpus(t)
	for _, key := range slices.Sorted(maps.Keys(texts)) {
		t.Run(key, func(t *testing.T) {
			text := texts[key]
			estate := bytes.ReplaceAll(infested(text), []byte("NAMESPACE"), []byte(spell(strings.ReplaceAll(text, "/", "-"))))
			// The service's own words are others' as well: c2 answers with them.
			said2 := stage.Must(json.Marshal(map[string]string{"code": text, "message": text, "requestId": text}))
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
			stage.BubbleBehind(t, estate, sim.Options{}, stage.Noon, between, func(w *stage.World) {
				for _, args := range [][]string{nil, {"--grants"}, {"--grants", "--format", "json"}, {"--grants", "--emit-policy"}} {
					what := fmt.Sprint("audit ", args)
					a := w.Audit(args...)
					if a.Code != 6 {
						t.Errorf("%s: exit %d\n%.2000s", what, a.Code, a.Stderr)
					}
					harmless(t, what, a.Stdout)
					said(t, what, a.Stderr, false)
					if !slices.Contains(args, "json") { // which is as long as what it quotes
						said(t, what, a.Stdout, false)
					}
					if !slices.Contains(args, "--emit-policy") {
						continue
					}
					p, err := policy.Load("proposal", []byte(a.Stdout))
					if err != nil {
						t.Fatalf("%v\n%.3000s", err, a.Stdout)
					}
					got := stage.Each(p.Principals, func(p policy.Principal) string { return p.UID })
					if !slices.Equal(got, []string{"200000000000000009"}) {
						t.Errorf("proposed %q", got)
					}
				}
			})
		})
	}
}
