package policy

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	_ "time/tzdata"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

var update = flag.Bool("update", false, "rewrite the expected messages of the bad policies")

// policies returns the files of testdata/policies/<kind>; a folder that has
// moved must not look like a test that passes.
func policies(t testing.TB, kind string, atLeast int) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("..", "testdata", "policies", kind, "*.yaml"))
	if err != nil || len(files) < atLeast {
		t.Fatalf("%d %s policies found (%v), want at least %d", len(files), kind, err, atLeast)
	}
	return files
}

func contents(t testing.TB, file string) []byte {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// problemsOf loads a policy that must not load, and returns its problems.
func problemsOf(t testing.TB, name string, data []byte) Errors {
	t.Helper()
	p, err := Load(name, data)
	var problems Errors
	if p != nil || !errors.As(err, &problems) || len(problems) == 0 {
		t.Fatalf("Load(%s) = %+v, %v; want no policy and the problems", name, p, err)
	}
	return problems
}

// Every rule of the format has a bad policy and, beside it, exactly the
// messages that it gives: they are what most people will see of this program.
func TestLoadRefuses(t *testing.T) {
	t.Parallel()
	for _, file := range policies(t, "bad", 60) {
		name := filepath.Base(file)
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := problemsOf(t, name, contents(t, file)).Error() + "\n"
			wantFile := strings.TrimSuffix(file, ".yaml") + ".want"
			if *update {
				if err := os.WriteFile(wantFile, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			if diff := cmp.Diff(string(contents(t, wantFile)), got); diff != "" {
				t.Errorf("messages (-want +got):\n%s", diff)
			}
		})
	}
}

func TestLoadAccepts(t *testing.T) {
	t.Parallel()
	for _, file := range policies(t, "good", 8) {
		data := contents(t, file)
		p, err := Load(file, data)
		if err != nil {
			t.Errorf("%v", err)
			continue
		}
		sum := sha256.Sum256(data)
		if want := hex.EncodeToString(sum[:]); p.SHA256 != want || p.Path != file {
			t.Errorf("%s: path %q, digest %s, want %s", file, p.Path, p.SHA256, want)
		}
	}
}

// same compares policies without what hangs on the bytes and the file's name.
var same = cmp.Options{
	cmp.Comparer(func(a, b *time.Location) bool { return a.String() == b.String() }),
	cmpopts.IgnoreFields(Policy{}, "Path", "SHA256"),
	cmpopts.EquateEmpty(),
}

func utc(t testing.TB, s string) time.Time {
	t.Helper()
	v, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		t.Fatal(err)
	}
	return v.UTC()
}

func TestLoadReads(t *testing.T) {
	t.Parallel()
	at := func(s string) time.Time { return utc(t, s) }
	defaults := Guards{MaxPrincipals: 10, MaxRevocations: 200, MaxCompromised: 5}
	departed := func(uid string, line int, effective, until time.Time) Principal {
		return Principal{UID: uid, Kind: User, Reason: Departed, Force: true, Line: line, Effective: effective, Until: until}
	}
	for name, want := range map[string]Policy{
		"contract": {
			Account: "1234567890123456", AssumeRole: "acs:ram::1234567890123456:role/ackrevoke", ExternalID: "audit-2026/eu",
			Location: zone(t, "Asia/Shanghai"),
			Scope: Scope{
				Regions: []string{"cn-hangzhou"}, Include: []string{"prod-*", "c1a2b3"}, Exclude: []string{"sandbox-*"},
				MinClusters: new(12), AllClustersGrants: true,
			},
			Guards: Guards{
				Protect:       []Protect{{UID: "200000000000000009"}, {Name: "ci-*"}},
				MaxPrincipals: 11, MaxRevocations: 201, MaxCompromised: 6,
				Raise: &Raise{MaxPrincipals: new(60), Until: at("2026-12-02T00:00:00+08:00")}, AllowEmpty: true,
			},
			Accepted: []Accepted{
				{Cluster: "c9f8", What: LeftUnknown, Until: at("2027-02-01T00:00:00+08:00"), Why: "registered cluster, offline until the move",
					Line: 21},
				{UID: "200000000000000001", What: LeftOwner, Until: at("2027-02-01T00:00:00+08:00"), Why: "creator of c1", Line: 22},
				{What: LeftAllClusters, Until: at("2027-01-31T12:00:00+08:00"), Why: "removed with the next release", Line: 23},
			},
			Principals: []Principal{
				{
					UID: "200000000000000001", Kind: User, Name: "alice", CreatedAt: at("2024-05-06T07:08:09Z"), Reason: Departed,
					Effective: at("2026-11-01T00:00:00+08:00"), Until: at("2027-11-02T00:00:00+08:00"), Deleted: true,
					Clusters: []string{"c1a2b3", "prod-*"}, Force: true, Ticket: "HR-4711", Note: "left on 31 October", Line: 25,
				},
				{
					UID: "200000000000000002", Kind: User, Name: "bob", Reason: Compromised, Force: true, Line: 37,
					Pins: []Pin{{Cluster: "c1a2b3", Expires: at("2028-09-10T11:12:13Z"), Line: 37}},
				},
				{UID: "200000000000000003", Kind: User, Reason: Compromised, Until: at("2026-12-01T00:00:00+08:00"), Force: true, Line: 38},
			},
		},
		"defaults": {
			Account: "1234567890123456", Location: time.UTC, Scope: Scope{MinClusters: new(0)},
			Guards: Guards{MaxRevocations: 200, MaxCompromised: 5},
			Principals: []Principal{
				{UID: "1", Kind: Role, Reason: Departed, Note: "two lines,\twith a tab\nand nothing else\n", Line: 7},
			},
		},
		"dates": {
			Account: "1", Location: zone(t, "America/New_York"), Guards: defaults,
			Principals: []Principal{
				departed("1", 6, at("2026-11-01T00:00:00-04:00"), at("2026-11-02T00:00:00-05:00")), // 25 hours
				departed("2", 7, at("2026-03-08T01:59:59-05:00"), at("2026-03-09T00:00:00-04:00")),
				departed("3", 8, at("1999-12-31T00:00:00-05:00"), at("9999-12-31T23:59:59Z")),
				departed("4", 9, at("2026-11-01T18:00:00.5+08:00"), time.Time{}),
			},
		},
		"midnight": {
			Account: "1", Location: zone(t, "America/Santiago"), Guards: defaults,
			Principals: []Principal{
				departed("1", 6, time.Time{}, at("2026-09-06T01:00:00-03:00")),
				departed("2", 7, at("2026-09-06T01:00:00-03:00"), time.Time{}),
			},
		},
		"midnight-twice": {
			Account: "1", Location: zone(t, "America/Havana"), Guards: defaults,
			Principals: []Principal{departed("1", 6, at("2026-11-01T00:00:00-04:00"), time.Time{})},
		},
		"empty-list": {Account: "1234567890123456", Location: time.UTC, Guards: defaults},
		"bom":        {Account: "1", Location: time.UTC, Guards: defaults},
		"json": {
			Account: "1", Location: time.UTC, Guards: defaults,
			Principals: []Principal{{
				UID: "2", Kind: User, Reason: Compromised, Until: at("2026-12-01T00:00:00Z"), Force: true, Line: 2,
				Pins: []Pin{{Cluster: "c1", Expires: at("2028-09-10T11:12:13Z"), Line: 2}},
			}},
		},
	} {
		got, err := Load(name, contents(t, filepath.Join("..", "testdata", "policies", "good", name+".yaml")))
		if err != nil {
			t.Errorf("%v", err)
			continue
		}
		if diff := cmp.Diff(&want, got, same); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	l, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// What is too large or too deep for a file in testdata.
func TestLoadIsBounded(t *testing.T) {
	t.Parallel()
	head := "version: 1\naccount: \"1\"\nprincipals: []\n"
	padded := head + "#" + strings.Repeat("x", maxBytes-len(head)-1)
	if _, err := Load("p", []byte(padded)); err != nil {
		t.Errorf("a policy of exactly 1 MiB: %v", err)
	}
	for name, c := range map[string]struct{ data, want string }{
		"one byte more":    {padded + "x", "p:1:1: the policy has 1048577 bytes, at most 1048576 (1 MiB)"},
		"deep brackets":    {strings.Repeat("[", maxBytes), "YAML syntax error: exceeded max depth"},
		"deep and closed":  {"a: " + strings.Repeat("[", 9000) + strings.Repeat("]", 9000), "unknown key \"a\""},
		"deep mappings":    {strings.Repeat("? ", maxBytes/2), "p:1:1: "},
		"many dashes":      {strings.Repeat("- ", maxBytes/2), "p:1:1: "},
		"many documents":   {strings.Repeat("---\n", maxBytes/4), "p:2:1: a second document"},
		"many bad bytes":   {strings.Repeat("\xff\n", maxBytes/2), "p:524288:1: invalid UTF-8"},
		"one long bad key": {head + "? " + strings.Repeat("k", 900_000) + "\n: 1\n", "p:4:3: unknown key"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			problems := problemsOf(t, "p", []byte(c.data))
			if !strings.Contains(problems.Error(), c.want) {
				t.Errorf("%.300s\nlacks %q", problems.Error(), c.want)
			}
			for _, p := range problems {
				if len(p.Message) > 700 {
					t.Fatalf("a message of %d bytes", len(p.Message))
				}
			}
		})
	}
}

func TestProblemsNameTheirPlace(t *testing.T) {
	t.Parallel()
	problems := problemsOf(t, "<stdin>", []byte("version: 2\naccount: 1\nprincipals: []\n"))
	want := Errors{
		{"<stdin>", 1, 10, "version", "unknown version 2: write version: 1, the only one there is"},
		{"<stdin>", 2, 10, "account-form", `account must be quoted: write account: "1"`},
	}
	if diff := cmp.Diff(want, problems); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if want, got := "<stdin>:2:10: account must be quoted: write account: \"1\"", problems[1].Error(); got != want {
		t.Errorf("%s, want %s", got, want)
	}
}
