package hostile

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"gopkg.in/yaml.v3"

	"ackrevoke/ack/sim"
	"ackrevoke/cmd/cli"
	"ackrevoke/cmd/test/stage"
	"ackrevoke/job/report"
	"ackrevoke/job/write"
)

// corpus is what others may put into names and messages: the file and what is
// too long for it.
func corpus(t testing.TB) map[string]string {
	t.Helper()
	texts := map[string]string{}
	if err := yaml.Unmarshal(stage.Must(os.ReadFile("../../../testdata/hostile/texts.yaml")), &texts); err != nil || len(texts) < 30 {
		t.Fatalf("%d hostile texts: %v", len(texts), err)
	}
	const long = 64 << 10
	texts["long"] = strings.Repeat("A", long)
	texts["long escapes"] = strings.Repeat("\x1b[2J", long/4)
	texts["long lines"] = strings.Repeat("\nFORGED", long/7)
	texts["long combining"] = "a" + strings.Repeat("\u0301", long/2)
	return texts
}

// spoken are the only control sequences that this program writes itself:
// colours on a terminal, and the line that it rewrites there. No text of the
// corpus has one of them.
var spoken = strings.NewReplacer("\r\x1b[K", "", "\x1b[0m", "", "\x1b[1m", "", "\x1b[31m", "", "\x1b[32m", "", "\x1b[33m", "",
	"\x1b[36m", "", "\x1b[90m", "")

// harmful says why a rune must not reach a reader, "" if it may. It is not the
// program's own table: that one could be wrong.
func harmful(r rune) string {
	for _, c := range []struct {
		from, to rune
		what     string
	}{
		{0x00, 0x09, "C0"}, {0x0b, 0x1f, "C0"}, {0x7f, 0x7f, "DEL"}, {0x80, 0x9f, "C1"}, {0xad, 0xad, "soft hyphen"},
		{0x061c, 0x061c, "bidi mark"}, {0x180e, 0x180e, "zero width"}, {0x200b, 0x200d, "zero width"}, {0x200e, 0x200f, "bidi mark"},
		{0x2028, 0x2029, "line separator"}, {0x202a, 0x202e, "bidi embedding"}, {0x2060, 0x2064, "zero width"}, {0x2066, 0x2069, "bidi isolate"},
		{0xfeff, 0xfeff, "zero width"}, {0xfff9, 0xfffb, "annotation"}, {0xe0000, 0xe007f, "tag"},
	} {
		if r >= c.from && r <= c.to {
			return c.what
		}
	}
	return ""
}

// harmless asserts that a text can be looked at.
func harmless(t *testing.T, what, text string) {
	t.Helper()
	for i, r := range text {
		why := harmful(r)
		if r == utf8.RuneError && !strings.HasPrefix(text[i:], "\uFFFD") {
			why = "invalid UTF-8"
		}
		if why != "" {
			t.Errorf("%s: %s (%U) at %q", what, why, r, stage.Around(text, i))
			return
		}
	}
}

// said asserts of a stream that it is harmless, that no line of it begins with
// what others wrote, and that no text of others makes it long.
func said(t *testing.T, what, text string, terminal bool) {
	t.Helper()
	if terminal {
		text = spoken.Replace(text)
	}
	harmless(t, what, text)
	whole := 0
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, "FORGED") || strings.HasPrefix(line, `{"level":"info","FORGED"`) ||
			strings.Contains(line, "hint: FORGED") && strings.HasPrefix(line, "hint") {
			t.Errorf("%s: a line that others wrote: %q", what, line[:min(len(line), 100)])
		}
		if strings.Contains(line, `"snapshot":`) {
			continue // whole by contract: it is what can be given back
		}
		if n := utf8.RuneCountInString(line); n > 6000 {
			t.Errorf("%s: a line of %d runes: %q", what, n, line[:200])
		}
		whole += len(line)
	}
	if whole > 40<<10 {
		t.Errorf("%s: %d bytes:\n%s", what, whole, text[:2000])
	}
}

// mode is a way in which the output is read.
type mode struct {
	name     string
	terminal bool
	env      []string
	args     []string
}

var modes = []mode{
	{"terminal", true, nil, []string{"--log-level", "trace"}},
	{"terminal without colours", true, []string{"NO_COLOR=1"}, nil},
	{"console", false, nil, []string{"--log-format", "console", "--log-level", "trace"}},
	{"json", false, nil, []string{"--log-level", "trace"}},
	{"json on a terminal", true, nil, []string{"--log-format", "json"}},
}

func (m mode) lines() bool { return strings.HasPrefix(m.name, "json") }

// speak makes one run of the program in a mode, and asserts what holds of
// every output: the streams, the report and what is kept beside it.
func speak(w *stage.World, m mode, args ...string) stage.Ran {
	w.T.Helper()
	w.Account.Reset()
	path := filepath.Join(w.Dir, "report.json")
	var stdout, stderr bytes.Buffer
	all := append([]string{"run", "-o", path, "--cs-endpoint", "http://127.0.0.1:1", "--ram-endpoint", "http://127.0.0.1:1",
		"--sts-endpoint", "http://127.0.0.1:1"}, m.args...)
	p := cli.Program{
		Args: append(all, args...), Env: m.env, Terminal: m.terminal,
		Stdin: strings.NewReader(""), Stdout: &stdout, Stderr: &stderr, Now: w.Now, Dial: w.Pipe.Dial,
	}
	r := stage.Ran{Code: p.Run(context.Background()), Stdout: stdout.String(), Stderr: stderr.String(), Calls: w.Account.Calls()}
	said(w.T, m.name+" stdout", r.Stdout, false)
	said(w.T, m.name+" stderr", r.Stderr, m.terminal)
	if m.lines() {
		logLines(w, r.Stderr)
	}
	for _, name := range stage.Must(filepath.Glob(filepath.Join(w.Dir, "report*.json"))) {
		r.Raw = stage.Must(os.ReadFile(name))
		harmless(w.T, name, string(r.Raw))
		stage.Fits(w.T, "report", r.Raw)
		got, err := report.Decode(r.Raw)
		if err != nil {
			w.T.Fatalf("%s: %v", name, err)
		}
		if again := stage.Must(got.Encode()); !bytes.Equal(again, r.Raw) {
			w.T.Errorf("%s does not come round", name)
		}
		if err := report.Check(got); err != nil {
			w.T.Errorf("%s: %v", name, err)
		}
		if name == path {
			r.Report = got
		}
	}
	if r.Report == nil || r.Report.Verdict.ExitCode != r.Code {
		w.T.Errorf("%s: exit %d, report %+v", m.name, r.Code, r.Report)
	}
	return r
}

// logLines asserts that every line is one of ours: JSON with a level and a
// message, but for those that say why a run cannot be made.
func logLines(w *stage.World, stderr string) {
	w.T.Helper()
	for line := range strings.Lines(spoken.Replace(stderr)) {
		var fields map[string]any
		if strings.HasPrefix(line, "ackrevoke: ") || strings.HasPrefix(line, "hint: ") {
			continue
		}
		if err := json.Unmarshal([]byte(line), &fields); err != nil || fields["level"] == nil || fields["message"] == nil ||
			fields["FORGED"] != nil {
			w.T.Errorf("no log line: %q (%v)", line[:min(len(line), 200)], err)
		}
	}
}

// spell writes a text as a double-quoted scalar of YAML.
func spell(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		switch {
		case r >= ' ' && r <= '~' && r != '"' && r != '\\':
			b.WriteRune(r)
		case r <= 0xff:
			fmt.Fprintf(&b, `\x%02x`, r)
		case r <= 0xffff:
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			fmt.Fprintf(&b, `\U%08x`, r)
		}
	}
	return b.String() + `"`
}

// infested is an account in which every text that somebody can choose is the
// given one: of users and roles, clusters, namespaces, cluster roles, services.
func infested(text string) []byte {
	return []byte(strings.ReplaceAll(`
account: "1234567890123456"
caller: {type: Account}
users:
  - {uid: "200000000000000001", name: TEXT, created: 2024-01-01T00:00:00Z}
roles: [{uid: "300000000000000001", name: TEXT, created: 2024-01-01T00:00:00Z}]
deleted: [{uid: "200000000000000009", name: TEXT, kind: user}]
clusters:
  - {id: c1, name: TEXT, region: TEXT, created: 2024-01-01T00:00:00Z}
  - {id: c2, name: TEXT, region: r, created: 2024-01-01T00:00:00Z}
  - {id: c3, name: TEXT, region: r, created: 2024-01-01T00:00:00Z, state: deleting}
credentials:
  - {uid: "200000000000000001", cluster: c1, expires: 2028-01-01T00:00:00Z}
  - {uid: "200000000000000001", cluster: c2, expires: 2028-01-01T00:00:00Z}
  - {uid: "300000000000000001", cluster: c1, expires: 2028-01-01T00:00:00Z}
  - {uid: "200000000000000009", cluster: c1, expires: 2028-01-01T00:00:00Z}
grants:
  - {uid: "200000000000000001", cluster: c1, role: TEXT, custom: true}
  - {uid: "200000000000000001", cluster: c1, namespace: NAMESPACE, role: TEXT, custom: true}
  - {uid: "200000000000000001", allClusters: true, role: dev}
  - {uid: "300000000000000001", cluster: c1, owner: true}
cloudServices: [{uid: "380000000000000001", name: TEXT, service: TEXT, cluster: c1}]
`, "TEXT", spell(text)))
}

const infestedEntries = `
  - {uid: "200000000000000001", reason: departed, clusters: [c1]STATED}
  - {uid: "300000000000000001", kind: role, reason: departed, clusters: [c1]STATED}
  - {uid: "200000000000000009", reason: departed, clusters: [c1]STATED}
`

// infestedPolicy states the texts where a policy may hold them: control
// characters it refuses, and more than 1 MiB.
func infestedPolicy(t *testing.T, text string) string {
	stated := ""
	if !strings.ContainsFunc(text, unicode.IsControl) && len(spell(text)) < 100<<10 {
		stated = ", name: TEXT, ticket: TEXT, note: TEXT"
	}
	path := filepath.Join(t.TempDir(), "policy.yaml")
	entries := strings.ReplaceAll(strings.ReplaceAll(infestedEntries, "STATED", stated), "TEXT", spell(text))
	if err := os.WriteFile(path, []byte("version: 1\naccount: \"1234567890123456\"\nprincipals:"+entries), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// Whatever a name, a message, a code or a request id is, all that comes out is
// text: on a terminal, in logs, tables, hints, the report and the journal.
func TestHostileText(t *testing.T) {
	stage.Keys(t, stage.Account)
	texts := corpus(t)
	for n, name := range slices.Sorted(maps.Keys(texts)) {
		text := texts[name]
		t.Run(name, func(t *testing.T) {
			policy := infestedPolicy(t, text)
			estate := bytes.ReplaceAll(infested(text), []byte("NAMESPACE"), []byte(spell(strings.ReplaceAll(text, "/", "-"))))
			for i, c := range []struct {
				fault string
				args  []string
				exit  int
			}{
				{"", nil, 5}, // the all-clusters grant is left
				{"", []string{"--dry-run=false"}, 5},
				{"{on: write, cluster: c1, from: 2, do: error, code: TEXT, message: TEXT}", []string{"--dry-run=false"}, 5},
				{"{on: ListUserKubeConfigStates, times: 0, do: error, code: TEXT, message: TEXT}", nil, 5},
				{"{on: ListUsers, times: 0, do: error, code: TEXT, message: TEXT}", nil, 6},
				{"{on: GetCallerIdentity, times: 0, do: error, status: 401, code: TEXT, message: TEXT}", []string{"--dry-run=false"}, 1},
			} {
				m := modes[(i+n)%len(modes)] // every text in every mode, every case too
				faults := stage.Must(sim.LoadFaults("f", fmt.Appendf(nil, "faults: [%s]", strings.ReplaceAll(c.fault, "TEXT", spell(text)))))
				stage.BubbleWith(t, estate, faults, stage.Noon, func(w *stage.World) {
					leave(w, text)
					got := speak(w, m, append([]string{"-p", policy}, c.args...)...)
					if got.Code != c.exit {
						w.T.Errorf("%s %s: exit %d, want %d\n%.4000s", m.name, c.fault, got.Code, c.exit, got.Stderr)
					}
					kept(w, text, got)
				})
			}
		})
	}
}

// leave leaves the journal of a run that died, with a text in all its places.
func leave(w *stage.World, text string) {
	w.T.Helper()
	j := stage.Must(write.OpenJournal(filepath.Join(w.Dir, "report.json.journal")))
	defer j.Close()
	l := write.Line{Type: "intent", Run: text, At: stage.Noon, Account: text, Action: text, Operation: "clean", UID: "200000000000000001",
		Name:    text,
		Cluster: &write.JournalCluster{ID: text, Name: text, Region: text}}
	if err := j.Append(l); err != nil {
		w.T.Fatal(err)
	}
}

// kept asserts that nothing was lost on the way: report and journal hold the
// text as it is.
func kept(w *stage.World, text string, got stage.Ran) {
	w.T.Helper()
	for _, a := range got.Report.Plan.Actions {
		if a.Name != text && a.UID != "200000000000000009" || a.Cluster.Name != text && a.Cluster.ID != "" {
			w.T.Errorf("the report has %.100q on %.100q", a.Name, a.Cluster.Name)
		}
	}
	if len(got.Report.Unfinished) != 1 || got.Report.Unfinished[0].Action != text {
		w.T.Errorf("unfinished: %.300q", fmt.Sprint(got.Report.Unfinished))
	}
	names := stage.Must(filepath.Glob(filepath.Join(w.Dir, "report.json.journal", "*")))
	if len(names) != 1 {
		w.T.Errorf("journals: %v", names)
	}
	for _, name := range names {
		data := stage.Must(os.ReadFile(name))
		harmless(w.T, name, string(data))
		for _, l := range write.ReadLines(data) {
			if l.Name != text && l.UID == "200000000000000001" {
				w.T.Errorf("the journal has %.100q", l.Name)
			}
		}
	}
}

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

// What a person gives may be hostile too: they paste what others wrote.
func TestHostileArguments(t *testing.T) {
	texts := corpus(t)
	texts["no UTF-8"] = "a\xff\xfe\x9b2Jz"
	dir := t.TempDir()
	t.Chdir(dir)
	for _, name := range slices.Sorted(maps.Keys(texts)) {
		text := texts[name]
		for _, args := range [][]string{
			{text}, {"run", text}, {"run", "--" + text}, {"run", "-" + text}, {"run", "--" + text + "=" + text}, {"run", "-p", text},
			{"run", "--read-qps", text}, {"run", "--timeout", text}, {"run", "--dry-run=" + text}, {"run", "--allow-revocations", text},
			{"run", "--expect-plan", text}, {"run", "--region", text}, {"run", "--cs-endpoint", text}, {"run", "--cs-endpoint", "http://" + text},
			{"run", "--log-format", text}, {"run", "--log-level", text}, {"run", "--schedule", text}, {"run", "--schedule", "CRON_TZ=" + text},
			{"run", "--schedule", "CRON_TZ=" + text + " * * * * *"},
			{"audit", text}, {"audit", "--format", text}, {"audit", "--fail-on", text}, {"audit", "-p", text}, {"doctor", text},
			{"doctor", "--format", text}, {"doctor", "-p", text}, {"doctor", "--cs-endpoint", "http://" + text},
			{"run", "--simulate", text, "-p", "policy.yaml"}, {"validate", text}, {"validate", "x" + text, text}, {"schema", text},
			{"simulate", "--estate", text},
			{"simulate", "--listen", text, "--estate", "x"}, {"simulate", "--latency", text},
			{"simulate", "--faults", text, "--estate", "estate.yaml"}, {"version", text},
		} {
			exits(t, args, nil, 2)
		}
		exits(t, []string{"help", text}, nil, 0, 2)
		exits(t, []string{"run"}, []string{"ACKREVOKE_READ_QPS=" + text}, 2)
		exits(t, []string{"run"}, []string{"ACKREVOKE_POLICY=x" + text}, 2)
	}
}

// exits makes a call of the program in the working folder and holds what it
// says to the rules.
func exits(t *testing.T, args, env []string, want ...int) {
	t.Helper()
	for _, terminal := range []bool{false, true} {
		if terminal && args[0] != "run" {
			continue // only run asks
		}
		var stdout, stderr bytes.Buffer
		p := cli.Program{Args: args, Env: env, Stdin: strings.NewReader(""), Stdout: &stdout, Stderr: &stderr, Terminal: terminal,
			Now: func() time.Time { return stage.Noon }}
		what := fmt.Sprintf("%.60q", strings.Join(append(args, env...), " "))
		if code := p.Run(context.Background()); !slices.Contains(want, code) {
			t.Errorf("%s: exit %d\n%.1000s", what, code, stderr.String())
		}
		said(t, what+" stdout", stdout.String(), false)
		said(t, what+" stderr", stderr.String(), terminal)
	}
}

// A policy or an estate with such texts in any of its places is refused with
// messages that can be read, whatever they quote.
func TestHostileFiles(t *testing.T) {
	texts := corpus(t)
	t.Chdir(t.TempDir())
	write := func(name, text string) {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(texts)) {
		text := texts[name]
		for _, as := range []string{text, spell(text), "!" + text, "&" + text, "*" + text} {
			for _, place := range []string{
				"version: T", "T: 1", "account: T", "timeZone: T", "scope: {include: [T]}", "scope: {minClusters: T}", "guards: {maxPrincipals: T}",
				"accepted: [{what: T}]", "principals: T", "principals: [{uid: T}]",
				"principals: [{uid: \"1\", reason: T, kind: T, effective: T, force: T, clusters: [T]}]",
				"principals: [{uid: \"1\", T: T}]",
			} {
				write("policy.yaml", strings.ReplaceAll(place, "T", as)+"\n")
				exits(t, []string{"validate"}, nil, 2)
				exits(t, []string{"doctor"}, nil, 2)
			}
			write("ok.yaml", "version: 1\naccount: \"1234567890123456\"\nprincipals: []\n")
			for _, place := range []string{"account: T", "users: [{uid: T, name: [T]}]", "T: T", "clusters: [{id: T, state: T}]"} {
				write("estate.yaml", strings.ReplaceAll(place, "T", as)+"\n")
				exits(t, []string{"simulate", "--estate", "estate.yaml"}, nil, 2)
			}
		}
		exits(t, []string{"run", "-p", "ok.yaml", "--simulate", "estate.yaml"}, nil, 2)
		write("policy.yaml", "version: 1\naccount: "+spell(text))
		exits(t, []string{"run"}, nil, 2)
	}
}

// Files may have any name. The next command is still the very command, and
// pasting it runs nothing else.
func TestHostilePaths(t *testing.T) {
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Skip("no bash here to paste the command into")
	}
	texts := corpus(t)
	texts["no UTF-8"] = "a\xff\xfe\x9b2Jz'"
	for _, name := range slices.Sorted(maps.Keys(texts)) {
		text := strings.NewReplacer("/", "-", "\x00", "").Replace(texts[name])
		if len(text) > 200 {
			text = strings.ToValidUTF8(text[:200], "")
		}
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), text)
			if err := os.Mkdir(dir, 0o700); err != nil {
				t.Skip(err) // not a name on this file system
			}
			t.Chdir(dir)
			for file, data := range map[string][]byte{
				"p" + text: []byte("version: 1\naccount: \"1234567890123456\"\nprincipals:\n  - {uid: \"200000000000000001\", reason: departed}\n"),
				"e" + text: []byte(stage.Faulty),
			} {
				if err := os.WriteFile(file, data, 0o600); err != nil {
					t.Skip(err)
				}
			}
			for _, m := range modes {
				var stdout, stderr bytes.Buffer
				args := append([]string{"run", "-p", filepath.Join(dir, "p"+text), "-o", "r" + text, "--simulate", "e" + text, "--journal",
					"j" + text}, m.args...)
				p := cli.Program{Args: args, Env: m.env, Terminal: m.terminal, Stdin: strings.NewReader(""), Stdout: &stdout, Stderr: &stderr,
					Now: func() time.Time { return stage.Noon }}
				if code := p.Run(context.Background()); code != 0 {
					t.Fatalf("%s: exit %d\n%s", m.name, code, stderr.String())
				}
				said(t, m.name, stderr.String(), m.terminal)
				harmless(t, "report", string(stage.Must(os.ReadFile("r"+text))))
				r := stage.Must(report.Read("r" + text))
				want := append(slices.Clone(args), "--dry-run=false", "--expect-plan", r.Plan.Digest)
				_, next, found := strings.Cut(spoken.Replace(stderr.String()), "\nNext: ")
				if m.lines() {
					var last map[string]any
					lines := strings.Split(strings.TrimSpace(spoken.Replace(stderr.String())), "\n")
					if err := json.Unmarshal([]byte(lines[len(lines)-1]), &last); err != nil {
						t.Fatal(err)
					}
					next, found = last["next"].(string)
				}
				pasted := exec.Command(bash, "-c", "ackrevoke() { printf '%s\\0' \"$@\"; }\n"+strings.TrimSpace(next))
				pasted.Env = []string{"LC_ALL=C.UTF-8"}
				out, err := pasted.Output()
				if got := strings.Split(strings.TrimSuffix(string(out), "\x00"), "\x00"); !found || err != nil || !slices.Equal(got, want) {
					t.Errorf("%s: %v\n pasted %q\n    got %q\n   want %q", m.name, err, next, got, want)
				}
			}
		})
	}
}
