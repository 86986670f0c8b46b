package apiserver

import (
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"encoding/pem"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestVerdicts(t *testing.T) {
	t.Parallel()
	const dev = `,{"verbs":["*"],"apiGroups":[""],"resources":["pods"]}`
	for _, c := range []struct {
		name      string
		configure func(*lab)
		want      Verdict
		why       string
	}{
		{name: "nothing left", want: Powerless, why: "may do nothing but what any authenticated user may"},
		{name: "a CA that the server does not know", configure: func(l *lab) { l.leaked = newAuthority(l.t) }, want: Dead,
			why: "HTTP 401: Unauthorized"},
		{name: "a rule of a ClusterRole", configure: func(l *lab) { l.rules[""] = rulesStatus(dev) }, want: Alive,
			why: "more than any authenticated user"},
		{name: "a rule in one namespace", configure: func(l *lab) { l.rules["kube-system"] = rulesStatus(dev) }, want: Alive},
		{name: "a rule for one object", configure: func(l *lab) {
			l.rules[""] = rulesStatus(`,{"verbs":["get"],"apiGroups":[""],"resources":["secrets"],"resourceNames":["one"]}`)
		}, want: Alive},
		{name: "a URL", configure: func(l *lab) {
			l.rules[""] = `{"resourceRules":[` + baseRules +
				`],"nonResourceRules":[{"verbs":["get"],"nonResourceURLs":["/metrics"]}],"incomplete":false}`
		}, want: Alive},
		{name: "another verb on a review", configure: func(l *lab) {
			l.rules[""] = rulesStatus(`,{"verbs":["create","delete"],"apiGroups":["authentication.k8s.io"],"resources":["selfsubjectreviews"]}`)
		}, want: Alive},
		{name: "a review of another group", configure: func(l *lab) {
			l.rules[""] = rulesStatus(`,{"verbs":["create"],"apiGroups":[""],"resources":["selfsubjectreviews"]}`)
		}, want: Alive},
		{name: "another verb on the list of resources", configure: func(l *lab) {
			l.rules[""] = `{"resourceRules":[` + baseRules +
				`],"nonResourceRules":[{"verbs":["get","post"],"nonResourceURLs":["/apis"]}],"incomplete":false}`
		}, want: Alive},
		{name: "an access that no rule shows", configure: func(l *lab) { l.allowed["list secrets "] = "by webhook" }, want: Alive},
		{name: "an access in a namespace", configure: func(l *lab) { l.allowed["create pods/exec default"] = "" }, want: Alive},
		{name: "a rule that allows nothing", configure: func(l *lab) { l.rules[""] = rulesStatus(`,{"verbs":[],"apiGroups":[""],"resources":["pods"]}`) }, want: Powerless},

		{name: "incomplete rules", configure: func(l *lab) {
			l.rules[""] = `{"resourceRules":[` + baseRules + `],"nonResourceRules":[],"incomplete":true}`
		}, want: Unreachable, why: "incomplete"},
		{name: "incomplete rules, and an access", configure: func(l *lab) {
			l.rules[""] = `{"resourceRules":[` + baseRules + `],"nonResourceRules":[],"incomplete":true}`
			l.allowed["list nodes "] = ""
		}, want: Alive},
		{name: "a binding to a role that is gone", configure: func(l *lab) {
			l.rules["default"] = `{"resourceRules":[],"nonResourceRules":[],"incomplete":false,"evaluationError":"role.rbac.authorization.k8s.io \"x\" not found"}`
		}, want: Unreachable, why: `could not evaluate them: role.rbac.authorization.k8s.io "x" not found`},
		{name: "rules without the word on completeness", configure: func(l *lab) { l.rules[""] = `{"resourceRules":[],"nonResourceRules":[]}` },
			want: Unreachable, why: "lacks what an API server sends"},
		{name: "rules that are null", configure: func(l *lab) { l.rules[""] = `{"resourceRules":null,"nonResourceRules":null,"incomplete":false}` }, want: Unreachable},
		{name: "rules without a status", configure: func(l *lab) { l.rules[""] = `null` }, want: Unreachable},

		{name: "taken for somebody else", configure: func(l *lab) { l.username = "proxy" }, want: Unreachable, why: `takes it for "proxy"`},
		{name: "taken for somebody else who may something", configure: func(l *lab) { l.username = "proxy"; l.allowed["list pods "] = "" },
			want: Alive},
		{name: "taken for nobody, although shown", configure: func(l *lab) { l.username = anonymous }, want: Dead},
		{name: "a server that does not ask for a certificate", configure: func(l *lab) { l.server.TLS.ClientAuth = tls.NoClientCert },
			want: Unreachable, why: "did not ask for a certificate"},
		{name: "a strict server, and a CA that it does not know", configure: func(l *lab) {
			l.leaked = newAuthority(l.t)
			l.server.TLS.ClientAuth = tls.RequireAndVerifyClientCert
		}, want: Dead, why: "tls: "},
		{name: "a strict server of TLS 1.2, where anybody could send the alert", configure: func(l *lab) {
			l.leaked = newAuthority(l.t)
			l.server.TLS.ClientAuth, l.server.TLS.MaxVersion = tls.RequireAndVerifyClientCert, tls.VersionTLS12
		}, want: Unreachable},
		{name: "a strict server that knows it", configure: func(l *lab) { l.server.TLS.ClientAuth = tls.RequireAndVerifyClientCert },
			want: Powerless},
		{name: "TLS 1.2", configure: func(l *lab) { l.server.TLS.MaxVersion = tls.VersionTLS12 }, want: Powerless},
		{name: "TLS 1.1", configure: func(l *lab) { l.server.TLS.MinVersion, l.server.TLS.MaxVersion = tls.VersionTLS10, tls.VersionTLS11 },
			want: Unreachable},

		{name: "an old server that says who only in refusing", configure: func(l *lab) {
			l.answer[subjectPath] = func(w http.ResponseWriter, _ *http.Request) { refuse(w, 403, "Forbidden", forbids(name)) }
		}, want: Powerless},
		{name: "an old server that refuses somebody else", configure: func(l *lab) {
			l.answer[subjectPath] = func(w http.ResponseWriter, _ *http.Request) { refuse(w, 403, "Forbidden", forbids("else")) }
		}, want: Unreachable, why: `takes it for "else"`},
		{name: "an old server that does not say who", configure: func(l *lab) {
			l.answer[subjectPath] = func(w http.ResponseWriter, _ *http.Request) {
				refuse(w, 404, "NotFound", "the server could not find the requested resource")
			}
		}, want: Unreachable, why: "does not say whom"},
		{name: "an old server, and an access", configure: func(l *lab) {
			l.answer[subjectPath] = func(w http.ResponseWriter, _ *http.Request) {
				refuse(w, 404, "NotFound", "the server could not find the requested resource")
			}
			l.allowed["list pods "] = ""
		}, want: Alive},
		{name: "nobody may ask for rules", configure: func(l *lab) {
			l.answer[rulesPath] = func(w http.ResponseWriter, _ *http.Request) { refuse(w, 403, "Forbidden", forbids(name)) }
		}, want: Unreachable, why: "the rules in namespace default"},
		{name: "nobody may ask for access", configure: func(l *lab) {
			l.answer[accessPath] = func(w http.ResponseWriter, _ *http.Request) { refuse(w, 403, "Forbidden", forbids(name)) }
		}, want: Unreachable, why: "whether it may"},
		{name: "unknown only later", configure: func(l *lab) {
			l.answer[accessPath] = func(w http.ResponseWriter, _ *http.Request) { refuse(w, 401, "Unauthorized", "Unauthorized") }
		}, want: Unreachable},
		{name: "an access review without an answer", configure: func(l *lab) {
			l.answer[accessPath] = func(w http.ResponseWriter, _ *http.Request) {
				good(w, `{"kind":"SelfSubjectAccessReview","status":{}}`)
			}
		}, want: Unreachable},
		{name: "a denial that was not evaluated", configure: func(l *lab) {
			l.answer[accessPath] = func(w http.ResponseWriter, _ *http.Request) {
				good(w, `{"kind":"SelfSubjectAccessReview","status":{"allowed":false,"evaluationError":"webhook down"}}`)
			}
		}, want: Unreachable, why: "webhook down"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var configure []func(*lab)
			if c.configure != nil {
				configure = append(configure, c.configure)
			}
			p := newLab(t, configure...).prove()
			if p.Verdict != c.want || !strings.Contains(p.Why, c.why) {
				t.Errorf("%s: %s; want %s with %q\n%+v", p.Verdict, p.Why, c.want, c.why, p.Unanswered)
			}
			if p.Verdict != Dead && p.Verdict != Powerless && p.Hint == "" {
				t.Error("no hint")
			}
		})
	}
}

func forbids(user string) string {
	return fmt.Sprintf(`selfsubjectreviews.authentication.k8s.io is forbidden: User %q cannot create resource "selfsubjectreviews" in API group "authentication.k8s.io" at the cluster scope`, user)
}

// Whatever comes back to the first question, only the API server's own refusal
// makes a credential dead.
func TestHostileAnswers(t *testing.T) {
	t.Parallel()
	const genuine = `{"kind":"Status","apiVersion":"v1","status":"Failure","message":"Unauthorized","reason":"Unauthorized","code":401}`
	say := func(code int, contentType, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", contentType)
			w.WriteHeader(code)
			_, _ = io.WriteString(w, body)
		}
	}
	for name, c := range map[string]struct {
		answer http.HandlerFunc
		want   Verdict
	}{
		"a genuine 401":                       {say(401, "application/json", genuine), Dead},
		"with a charset":                      {say(401, "application/json; charset=utf-8", genuine), Dead},
		"401 of a proxy":                      {say(401, "text/html", "<h1>Unauthorized</h1>"), Unreachable},
		"401 in plain text":                   {say(401, "text/plain", "Unauthorized"), Unreachable},
		"401 with a body that is called HTML": {say(401, "text/html", genuine), Unreachable},
		"401 without a body":                  {say(401, "application/json", ""), Unreachable},
		"401 with other JSON":                 {say(401, "application/json", `{"error":"unauthorized","code":401}`), Unreachable},
		"401 of another kind":                 {say(401, "application/json", strings.Replace(genuine, `"Status",`, `"Error",`, 1)), Unreachable},
		"401 that says 403":                   {say(401, "application/json", strings.Replace(genuine, "401", "403", 1)), Unreachable},
		"200 that says 401":                   {say(200, "application/json", genuine), Unreachable},
		"403 of a proxy":                      {say(403, "text/html", "<h1>Forbidden</h1>"), Unreachable},
		"403 that names nobody": {say(403, "application/json",
			`{"kind":"Status","apiVersion":"v1","status":"Failure","reason":"Forbidden","code":403}`), Unreachable},
		"407": {say(407, "text/html", ""), Unreachable},
		"429": {say(429, "application/json",
			`{"kind":"Status","apiVersion":"v1","status":"Failure","reason":"TooManyRequests","code":429}`), Unreachable},
		"500": {say(500, "application/json",
			`{"kind":"Status","apiVersion":"v1","status":"Failure","reason":"InternalError","code":500}`), Unreachable},
		"502 in HTML":              {say(502, "text/html", "<html>"), Unreachable},
		"503 empty":                {say(503, "", ""), Unreachable},
		"204":                      {say(204, "", ""), Unreachable},
		"200 in HTML":              {say(200, "text/html", "<html>login</html>"), Unreachable},
		"200 with an empty object": {say(200, "application/json", `{}`), Unreachable},
		"200 with null":            {say(200, "application/json", `null`), Unreachable},
		"200 with a list":          {say(200, "application/json", `[]`), Unreachable},
		"200 of another kind": {say(200, "application/json", `{"kind":"SelfSubjectAccessReview","status":{"allowed":false}}`),
			Unreachable},
		"200 with a name that is a number": {say(200, "application/json", `{"kind":"SelfSubjectReview","status":{"userInfo":{"username":7}}}`),
			Unreachable},
		"200 without a name": {say(200, "application/json", `{"kind":"SelfSubjectReview","status":{"userInfo":{}}}`),
			Unreachable},
		"200 that ends early": {say(200, "application/json", `{"kind":"SelfSubjectReview"`), Unreachable},
		"200 for nobody": {say(200, "application/json",
			`{"kind":"SelfSubjectReview","status":{"userInfo":{"username":"system:anonymous"}}}`), Dead},
		"very deep":         {say(200, "application/json", strings.Repeat("[", 1<<20)), Unreachable},
		"more than is read": {say(200, "application/json", `{"kind":"`+strings.Repeat("x", maxBody)+`"}`), Unreachable},
		"a body shorter than it says": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "100")
			_, _ = io.WriteString(w, "{}")
		}, Unreachable},
		"a connection that breaks":              {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, Unreachable},
		"a redirect to where it would be alive": {say(307, "application/json", genuine), Unreachable},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLab(t, func(l *lab) { l.answer[subjectPath] = c.answer })
			if p := l.prove(); p.Verdict != c.want {
				t.Errorf("%s: %s; want %s", p.Verdict, p.Why, c.want)
			}
		})
	}
}

func TestRedirectIsNotFollowed(t *testing.T) {
	t.Parallel()
	followed := false
	elsewhere := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		followed = true
		refuse(w, 401, "Unauthorized", "Unauthorized")
	}))
	defer elsewhere.Close()
	l := newLab(t, func(l *lab) {
		l.answer[subjectPath] = func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, elsewhere.URL, http.StatusTemporaryRedirect)
		}
	})
	if p := l.prove(); p.Verdict != Unreachable || followed {
		t.Errorf("%s: %s; followed %t", p.Verdict, p.Why, followed)
	}
}

// A server that the CA of the file did not sign is told nothing, and its
// answers are not heard.
func TestServerIsVerified(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	other := newAuthority(t)
	l.file = kubeconfigFile(l.server.URL, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: other.cert.Raw}), l.pair)
	p := l.prove()
	if p.Verdict != Unreachable || !strings.Contains(p.Why, "could not prove who it is") || !strings.Contains(p.Hint, "CA of the file") ||
		len(l.asked()) > 0 {
		t.Errorf("%s: %s; asked %v", p.Verdict, p.Why, l.asked())
	}
}

func TestStoppedServer(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.server.Close()
	if p := l.prove(); p.Verdict != Unreachable || !strings.Contains(p.Why, "refused") {
		t.Errorf("%s: %s", p.Verdict, p.Why)
	}
}

func TestSilentServer(t *testing.T) {
	t.Parallel()
	done := make(chan struct{})
	l := newLab(t, func(l *lab) { l.answer[subjectPath] = func(http.ResponseWriter, *http.Request) { <-done } })
	defer close(done)
	if p := l.prove(func(o *Options) { o.Timeout = 50e6 }); p.Verdict != Unreachable || !strings.Contains(p.Why, "no answer in time") {
		t.Errorf("%s: %s", p.Verdict, p.Why)
	}
}

// A server that goes away while it is asked leaves what is not proven unproven.
func TestServerThatGoesAway(t *testing.T) {
	t.Parallel()
	l := newLab(t, func(l *lab) {
		l.answer[accessPath] = func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }
	})
	if p := l.prove(); p.Verdict != Unreachable || len(p.Access) > 0 || len(p.Unanswered) != 1 {
		t.Errorf("%s: %s %v", p.Verdict, p.Why, p.Unanswered)
	}
}

func TestExpired(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	expired := l.clientCA.client(t, name, noon.Add(-1))
	ca := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: l.server.Certificate().Raw})
	l.file = kubeconfigFile(l.server.URL, ca, expired)
	if p := l.prove(); p.Verdict != Dead || !strings.Contains(p.Why, "has expired") {
		t.Errorf("%s: %s", p.Verdict, p.Why)
	}
}

// Since 1.32 a server says which certificate it saw.
func TestAnotherCertificateWasSeen(t *testing.T) {
	t.Parallel()
	for id, want := range map[string]Verdict{"own": Powerless, "X509SHA256=00": Unreachable, "JTI=1": Powerless} {
		var l *lab
		l = newLab(t, func(l2 *lab) {
			l2.answer[subjectPath] = func(w http.ResponseWriter, _ *http.Request) {
				if id == "own" {
					block, _ := pem.Decode(l.pair.cert)
					sum := sha256.Sum256(block.Bytes)
					id = "X509SHA256=" + hex.EncodeToString(sum[:])
				}
				good(w, fmt.Sprintf(`{"kind":"SelfSubjectReview","status":{"userInfo":{"username":%q,"extra":{"authentication.kubernetes.io/credential-id":[%q]}}}}`, name, id))
			}
		})
		if p := l.prove(); p.Verdict != want {
			t.Errorf("%s: %s: %s", id, p.Verdict, p.Why)
		}
	}
}

func TestMastersAreNamed(t *testing.T) {
	t.Parallel()
	l := newLab(t, func(l *lab) {
		l.answer[subjectPath] = func(w http.ResponseWriter, _ *http.Request) {
			good(w, fmt.Sprintf(`{"kind":"SelfSubjectReview","status":{"userInfo":{"username":%q,"groups":["system:masters"]}}}`, name))
		}
		l.allowed["* * "] = ""
	})
	if p := l.prove(); p.Verdict != Alive || !strings.Contains(p.Why, "system:masters") || !strings.Contains(p.Hint, "rotate the CA") {
		t.Errorf("%s: %s; %s", p.Verdict, p.Why, p.Hint)
	}
}

// What is asked is asked with POST of the three reviews and nothing else: no
// object of the cluster is read.
func TestNothingIsRead(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	p := l.prove(func(o *Options) { o.Namespaces = []string{"web", "default"} })
	if got := strings.Join(p.Namespaces, " "); got != "default kube-system web" {
		t.Errorf("asked in %s", got)
	}
	counts := map[string]int{}
	for _, q := range l.asked() {
		counts[q]++
	}
	inEach := 0
	for _, q := range telling {
		if !q.everywhere {
			inEach++
		}
	}
	want := map[string]int{"POST " + subjectPath: 1, "POST " + rulesPath: 3, "POST " + accessPath: len(telling) + 2*inEach}
	if fmt.Sprint(counts) != fmt.Sprint(want) {
		t.Errorf("asked %v, want %v", counts, want)
	}
	if len(p.Access) != want["POST "+accessPath] {
		t.Errorf("%d answers", len(p.Access))
	}
}

func TestPermissionsAreGathered(t *testing.T) {
	t.Parallel()
	l := newLab(t, func(l *lab) {
		l.rules[""] = rulesStatus(`,{"verbs":["list","get"],"apiGroups":[""],"resources":["pods"]}`)
		l.rules["web"] = rulesStatus(`,{"verbs":["get","list"],"apiGroups":[""],"resources":["pods"]},{"verbs":["*"],"apiGroups":["apps"],"resources":["deployments"]}`)
	})
	p := l.prove(func(o *Options) { o.Namespaces = []string{"web"} })
	got := fmt.Sprintf("%+v", p.May)
	want := `[{Verbs:[get list] Groups:[] Resources:[pods] Names:[] URLs:[] Namespaces:[default kube-system web]} {Verbs:[*] Groups:[apps] Resources:[deployments] Names:[] URLs:[] Namespaces:[web]}]`
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}
