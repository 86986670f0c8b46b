package hostile

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode"

	"gopkg.in/yaml.v3"

	"ackrevoke/ack/sim"
	"ackrevoke/cmd/test/stage"
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
	journals := slices.DeleteFunc(slices.Clone(names), func(name string) bool { return filepath.Base(name) == "last-list.json" })
	if len(journals) != 1 {
		w.T.Errorf("journals: %v", journals)
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
