package cli_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"ackrevoke/ack/sim"
	"ackrevoke/cmd/cli"
	"ackrevoke/cmd/test/stage"
	"ackrevoke/job/write"
	"ackrevoke/policy"
)

// wrong is what goes wrong in one row of docs/wrong.md "What can go wrong", by the
// row's first column.
type wrong struct {
	row    string
	fault  string            // one line of a fault script
	estate map[string]string // edits of the account `faulty`
	entry  string            // instead of that of alice, who left
	policy string            // instead of one with an entry
	args   []string          // beside --dry-run=false
	list   string            // what the last run left of its list
	stop   time.Duration     // after which the run is told to
	// journal is what an earlier run did, or does, with the run's own one
	journal func(t *testing.T, j *write.Journal)
}

const nobodyListed = "version: 1\naccount: \"1234567890123456\"\nprincipals: []\n"

const leaver = `{uid: "200000000000000001", name: alice, reason: departed, clusters: [one, two]}`

var wrongs = []wrong{
	{row: "throttled", fault: "{on: any, times: 3, do: throttle}"},
	{row: "the answer to a write is lost", fault: "{" + stage.Clean1 + ", do: resetAfter}"},
	{row: "no answer to a write ever", fault: "{" + stage.Clean1 + ", times: 0, do: resetBefore}"},
	{row: "accepted, and nothing happens", fault: "{" + stage.Clean1 + ", do: acceptNothing}"},
	{row: "accepted, and only the certificate goes", fault: "{" + stage.Clean1 + ", do: certificateOnly}"},
	{row: "more is taken away than was asked", fault: "{" + stage.Clean1 + ", do: takesTooMuch}"},
	{row: "a write is denied", fault: "{" + stage.Clean1 + ", do: denied}"},
	{row: "the keys expire in the middle", fault: "{" + stage.Clean1 + ", do: tokenExpires}"},
	{row: "the service declines, `force: false`", entry: strings.Replace(leaver, "}", ", force: false}", 1),
		fault: "{" + stage.Clean1 + ", do: error, code: ErrorKubeConfigInUse, status: 400}"},
	{row: "a listing fails", fault: "{on: ListUsers, times: 0, do: empty500}"},
	{row: "a listing is short", fault: "{on: DescribeClustersForRegion, times: 0, do: wrongTotal}"},
	{row: "a read of one principal fails", fault: "{on: ListUserKubeConfigStates, times: 0, do: html502}"},
	{row: "the service cannot be reached", fault: "{on: GetCallerIdentity, times: 0, do: resetBefore}"},
	{row: "the keys are wrong", fault: "{on: GetCallerIdentity, times: 0, do: tokenExpires}"},
	{row: "a blind cluster", estate: map[string]string{
		"caller: {type: Account}": `caller: {type: RAMUser, uid: "290000000000000001"}`,
		"users: [":                `users: [{uid: "290000000000000001", name: runner, created: 2024-01-01T00:00:00Z}, `,
		"grants:\n":               "grants:\n  - {uid: \"290000000000000001\", cluster: c1, role: admin}\n",
	}},
	{row: "a mistyped uid", entry: `{uid: "200000000000000007", reason: departed}`},
	{row: "a pattern that matches nothing", entry: strings.Replace(leaver, "two", "tow", 1)},
	{row: "the name is another's", entry: strings.Replace(leaver, "alice", "bob", 1)},
	{row: "more than the caps allow", args: []string{"--max-revocations", "1"}},
	{row: "the plan is not the reviewed one", args: []string{"--expect-plan", "sha256:" + strings.Repeat("0", 64)}},
	{row: "another account", estate: map[string]string{`"1234567890123456"`: `"9999999999999999"`}},
	{row: "the report cannot be written", args: []string{"-o", "no/such/folder/report.json"}},
	{row: "the time is up", fault: "{on: read, times: 0, do: slow, delay: 20s}", args: []string{"--timeout", "80s"}},
	{row: "SIGTERM, as when a pod is evicted", fault: "{" + stage.Clean1 + ", do: slow, delay: 20s}", stop: time.Second},
	{row: "an earlier run was killed", journal: func(t *testing.T, j *write.Journal) {
		line := write.Line{Type: "intent", Run: "20261122T120000Z-0", Account: stage.Account, Action: "c1/200000000000000001",
			Operation: policy.Clean,
			UID:       "200000000000000001", Cluster: &write.JournalCluster{ID: "c1"}}
		if err := errors.Join(j.Append(line), j.Close()); err != nil {
			t.Fatal(err)
		}
	}},
	{row: "another run is under way", journal: func(t *testing.T, j *write.Journal) { t.Cleanup(func() { _ = j.Close() }) }},
	{row: "the list was emptied", policy: nobodyListed,
		list: `{"entries": 7, "run": "20261122T120000Z-0", "sha256": "` + strings.Repeat("0", 64) + `"}`},
	{row: "the record of the last list is spoilt", list: `{"entries": 7, "ru`},
	{row: "the policy has an error", entry: strings.Replace(leaver, "departed", "left", 1)},
	{row: "the policy is a manifest of Kubernetes", policy: configMap(nobodyListed)},
}

// Each row of the table in docs/wrong.md is one scenario: it happens to the real
// program, which must say what the row says and exit as the row says.
func TestDocsWhatCanGoWrong(t *testing.T) {
	rows := wrongRows(t)
	if len(rows) != len(wrongs) {
		t.Errorf("docs/wrong.md has %d rows, and here are %d scenarios", len(rows), len(wrongs))
	}
	for i, s := range wrongs {
		t.Run(s.row, func(t *testing.T) {
			got := s.happens(t)
			if i >= len(rows) {
				t.Fatalf("no row in docs/wrong.md; exit %d\n%s", got.Code, got.Stderr)
			}
			row := rows[i]
			if row.fault != s.row {
				t.Fatalf("row %d of docs/wrong.md is %q, the scenario %q", i+1, row.fault, s.row)
			}
			if got.Code != row.exit {
				t.Errorf("exit %d, and docs/wrong.md says %d\n%s", got.Code, row.exit, got.Stderr)
			}
			said := got.Stderr + string(got.Raw)
			for _, quoted := range row.quoted {
				if !strings.Contains(said, quoted) {
					t.Errorf("nothing says %q\n%s", quoted, said)
				}
			}
		})
	}
}

// happens lets it go wrong once and returns what is seen.
func (s wrong) happens(t *testing.T) stage.Ran {
	stage.Keys(t, stage.Account)
	estate := stage.Faulty
	for was, is := range s.estate {
		if !strings.Contains(estate, was) {
			t.Fatalf("the estate has no %q", was)
		}
		estate = strings.Replace(estate, was, is, 1)
	}
	if s.estate[`"1234567890123456"`] != "" {
		stage.Keys(t, "9999999999999999")
	}
	entry := s.entry
	if entry == "" {
		entry = leaver
	}
	listed := stage.PolicyFile(t, []string{entry})
	if s.policy != "" {
		put(t, listed, s.policy)
	}
	var script *sim.Faults
	if s.fault != "" {
		var err error
		if script, err = sim.LoadFaults("faults.yaml", fmt.Appendf(nil, "faults: [%s]", s.fault)); err != nil {
			t.Fatal(err)
		}
	}
	dir := t.TempDir()
	if s.list != "" {
		put(t, filepath.Join(dir, "last-list.json"), s.list)
	}
	if s.journal != nil {
		j, err := write.OpenJournal(dir)
		if err != nil {
			t.Fatal(err)
		}
		s.journal(t, j)
	}
	var got stage.Ran
	stage.BubbleWith(t, []byte(estate), script, stage.Noon, func(w *stage.World) {
		ctx, cancel := context.WithCancelCause(context.Background())
		defer cancel(nil)
		if s.stop > 0 {
			defer time.AfterFunc(s.stop, func() { cancel(cli.Interruption(syscall.SIGTERM)) }).Stop()
		}
		got = w.Run(ctx, append([]string{"-p", listed, "--journal", dir, "--dry-run=false", "--log-format", "json"}, s.args...)...)
	})
	return got
}

// configMap is the manifest that carries a policy to a cluster.
func configMap(policy string) string {
	return "apiVersion: v1\nkind: ConfigMap\ndata:\n  policy.yaml: |\n    " + strings.ReplaceAll(policy, "\n", "\n    ")
}

func put(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// wrongRow is one row of the table: its quoted texts are said by the program.
type wrongRow struct {
	fault  string
	quoted []string
	exit   int
}

var backticked = regexp.MustCompile("`([^`]+)`")

func wrongRows(t *testing.T) []wrongRow {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "docs", "wrong.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(text), "\n## What can go wrong\n")
	section, _, _ = strings.Cut(section, "\n## ")
	var rows []wrongRow
	for line := range strings.Lines(section) {
		cells := strings.Split(strings.TrimSpace(line), "|")
		if len(cells) != 6 {
			continue
		}
		exit, err := strconv.Atoi(strings.TrimSpace(cells[3]))
		if err != nil {
			continue // the head
		}
		row := wrongRow{fault: strings.TrimSpace(cells[1]), exit: exit}
		for _, m := range backticked.FindAllStringSubmatch(cells[2], -1) {
			row.quoted = append(row.quoted, m[1])
		}
		rows = append(rows, row)
	}
	return rows
}
