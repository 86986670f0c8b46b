package sim_test

import (
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ackrevoke/ack/sim"
)

// head is an estate that is right as far as it goes; what is added begins in line 8.
const head = `account: "1"
caller: {type: Account}
users:
  - {uid: "2", name: alice, created: 2024-05-06T07:08:09Z}
clusters:
  - {id: c1, name: prod, region: eu-central-1, created: 2024-02-01T10:20:30+08:00}
  - {id: c2, name: dev, region: eu-central-1, created: 2024-02-01T10:20:30+08:00}
`

func TestLoad(t *testing.T) {
	for _, text := range []string{
		head,
		`{account: "1", caller: {type: Account, uid: "1"}}`,
		"# a comment\n---\n" + head,
		head + "behaviour: {}\n",
		head + "behaviour: {lag: 1500ms, cleanEffect: immediate}\n",
		head + "behaviour: {cleanEffect: 2m, clusterPageMax: 7, throttle: {retryAfter: 3s}}\n",
		head + "credentials: []\ngrants: []\nroles: []\ndeleted: []\ncloudServices: []\n",
		head + "credentials:\n  - {uid: \"1\", cluster: c1, expires: '2028-09-10T11:12:13Z'}\n", // of the root account
		head + "credentials:\n  - {uid: \"2\", cluster: c1, state: Unexpired, expires: 2001-01-01T00:00:00Z}\n",
		head + "grants:\n  - {uid: \"2\", cluster: c1, owner: true}\n  - {uid: \"2\", cluster: c1, role: admin}\n  - {uid: \"2\", cluster: " +
			"c1, role: a, custom: true}\n  - {uid: \"2\", cluster: c1, role: b, custom: true}\n",
		head + "regions:\n  - {id: eu-central-1, name: Frankfurt, clusters: failed, listed: false}\n",
		`{account: "1", caller: {type: Account}, regions: []}`,
		head + "behaviour: {endpointRegion: eu-central-1, regionWithoutACK: {status: 200}}\n",
		head + "deleted:\n  - {uid: \"9\", name: alice}\n", // the name has been taken by somebody else
	} {
		if _, err := sim.Load("estate.yaml", []byte(text)); err != nil {
			t.Errorf("%s\n%v", text, err)
		}
	}
}

// TestLoadDocumentedExample keeps the example in the documentation of Estate, and the list of behaviours with their defaults,
// loadable.
func TestLoadDocumentedExample(t *testing.T) {
	block := func(file, from, to string) string {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		_, rest, found := strings.Cut(string(text), from)
		comment, _, ended := strings.Cut(rest, to)
		if !found || !ended {
			t.Fatalf("%s has no example", file)
		}
		return regexp.MustCompile(`(?m)^//\t?`).ReplaceAllString(comment, "")
	}
	estate := block("estate.go", "by example:\n//\n", "//\n// Every id")
	behaviour := block("options.go", "each with its default:\n//\n", "type behaviour struct")
	behaviour = "behaviour:\n" + regexp.MustCompile(`(?m)^(\w)`).ReplaceAllString(behaviour, "  $1")
	load(t, strings.Replace(estate, "behaviour: {}", behaviour, 1))
	if strings.Count(behaviour, "\n  ") < 18 {
		t.Errorf("too few behaviours in\n%s", behaviour)
	}
}

func TestLoadRefuses(t *testing.T) {
	for _, x := range []struct{ name, text, want string }{
		{"nothing", "", "1:1: the file is empty"},
		{"a list", "[]", "1:1: an estate must be a mapping with the keys account, caller, users"},
		{"no account", "caller: {type: Account}", "1:1: an estate needs the key account"},
		{"no caller", `account: "1"`, "1:1: an estate needs the key caller"},
		{"syntax", head + "x: [", "did not find expected node content"},
		{"a tab", "account: \"1\"\n\tx: 1\n", "2:1: found character that cannot start any token"},
		{"second document", head + "---\naccount: \"1\"\n", "there is a second document"},
		{"anchor", head + "roles: &a []\n", "8:8: the anchor &a is not allowed"},
		{"alias", head + "roles: *a\n", "unknown anchor 'a' referenced"},
		{"merge", head + "behaviour:\n  <<: {lag: 1s}\n", `9:3: behaviour has no key "<<"`},
		{"tag", head + "roles: !!seq []\n", "8:8: the tag !!seq is not allowed"},
		{"unknown key", head + "user: []\n", `8:1: an estate has no key "user"; it has account, caller`},
		{"repeated key", head + "users: []\n", "8:1: users is already there in line 3"},
		{"repeated key inside", head + "behaviour: {lag: 1s, lag: 1s}\n", "8:22: lag is already there in line 8"},
		{"section without content", head + "roles:\n", "roles must be a list"},
		{"entry that is none", head + "roles:\n  - deployer\n", "9:5: a role must be a mapping with the keys uid, name, created, listed"},
		{"uid unquoted", head + "deleted:\n  - {uid: 200000000000000001, name: x}\n",
			`9:11: uid must be quoted: write uid: "200000000000000001"`},
		{"uid unquoted and huge", head + "deleted:\n  - {uid: 99999999999999999999999, name: x}\n",
			`uid must be quoted: write uid: "99999999999999999999999"`},
		{"uid unquoted like octal", head + "deleted:\n  - {uid: 0755, name: x}\n", `uid must be quoted: write uid: "0755"`},
		{"account unquoted", "account: 1234567890123456\ncaller: {type: Account}\n",
			`1:10: account must be quoted: write account: "1234567890123456"`},
		{"uid of letters", head + "deleted:\n  - {uid: alice, name: x}\n", "9:11: uid must be an id of digits in quotes"},
		{"uid is a list", head + "deleted:\n  - {uid: [], name: x}\n", "9:11: uid must be an id of digits in quotes"},
		{"no uid", head + "deleted:\n  - {name: x}\n", "9:5: a deleted principal needs the key uid"},
		{"repeated uid", head + "roles:\n  - {uid: \"2\", name: x, created: 2024-05-06T07:08:09Z}\n",
			"9:11: the uid 2 is already there in line 4"},
		{"uid of root", head + "roles:\n  - {uid: \"1\", name: x, created: 2024-05-06T07:08:09Z}\n",
			"9:11: the uid 1 is that of the root account"},
		{"name is a number", head + "deleted:\n  - {uid: \"3\", name: 007}\n", `9:22: name must be a text: write name: "007"`},
		{"name is empty", head + "deleted:\n  - {uid: \"3\", name: ''}\n", "9:22: name must be a text that is not empty"},
		{"name is null", head + "deleted:\n  - {uid: \"3\", name: null}\n", "9:22: name must be a text that is not empty"},
		{"type with a control character", strings.Replace(head, "id: c2", "type: \"a\\nb\", id: c2", 1),
			"7:12: type must not contain control characters"},
		{"repeated name", strings.Replace(head, "clusters:", "  - {uid: \"3\", name: alice, created: 2024-05-06T07:08:09Z}\nclusters:", 1),
			`5:22: the user name "alice" is already there in line 4`},
		{"no created", strings.Replace(head, ", created: 2024-05-06T07:08:09Z", "", 1), "4:5: a user needs the key created"},
		{"created without a zone", strings.Replace(head, "07:08:09Z", "07:08:09", 1), "4:38: created must be a time like 2024-05-06T07:08:09Z"},
		{"kind", head + "deleted:\n  - {uid: \"3\", name: x, kind: group}\n", `9:31: kind is "group"; it can be user, role`},
		{"repeated cluster", strings.Replace(head, "id: c2", "id: c1", 1), "7:10: the cluster c1 is already there in line 6"},
		{"cluster id", strings.Replace(head, "id: c2", "id: C/2", 1), `7:10: id "C/2" cannot be that of a cluster`},
		{"cluster id that means all", strings.Replace(head, "id: c2", "id: all-clusters", 1),
			`7:10: id "all-clusters" cannot be that of a cluster`},
		{"flag", strings.Replace(head, "id: c2", "audit: yes, id: c2", 1), "7:13: audit must be true or false"},
		{"caller type", strings.Replace(head, "type: Account", "type: Root", 1),
			`2:16: type is "Root"; it can be Account, RAMUser, AssumedRoleUser`},
		{"caller without type", strings.Replace(head, "type: Account", "", 1), "2:9: caller needs the key type"},
		{"caller without uid", strings.Replace(head, "type: Account", "type: RAMUser", 1), "2:9: caller needs the key uid"},
		{"caller of the other kind", strings.Replace(head, "type: Account", `type: AssumedRoleUser, uid: "2"`, 1),
			"2:38: there is no role with the uid 2"},
		{"root with another uid", strings.Replace(head, "type: Account", `type: Account, uid: "2"`, 1),
			"2:30: the uid of the root account is the account id"},
		{"credential of nobody", head + "credentials:\n  - {uid: \"7\", cluster: c1, state: Unknown}\n",
			"9:11: no user, role or deleted principal has the uid 7"},
		{"name in a row", head + "credentials:\n  - {uid: \"2\", cluster: c1, state: Unknown, accountName: 7}\n",
			`accountName must be a text: write accountName: "7"`},
		{"credential nowhere", head + "credentials:\n  - {uid: \"2\", cluster: c7, state: Unknown}\n", `9:25: there is no cluster "c7"`},
		{"credential twice", head +
			"credentials:\n  - {uid: \"2\", cluster: c1, state: Unknown}\n  - {uid: \"2\", cluster: c1, state: Removed}\n",
			"10:5: the credential of 2 on c1 is already there in line 9"},
		{"credential without end", head + "credentials:\n  - {uid: \"2\", cluster: c1}\n", "9:5: a credential needs the key expires"},
		{"credential state", head + "credentials:\n  - {uid: \"2\", cluster: c1, state: Gone}\n",
			`state is "Gone"; it can be Unexpired, Expired, Removed, Unissued, Unknown`},
		{"older certificate that is newer", head + "credentials:\n  - {uid: \"2\", cluster: c1, expires: 2028-01-01T00:00:00Z, previous: " +
			"2029-01-01T00:00:00Z}\n", "it must expire before the newer one"},
		{"which of one certificate", head + "credentials:\n  - {uid: \"2\", cluster: c1, expires: 2028-01-01T00:00:00Z, userShows: older}\n",
			"9:71: userShows chooses between two certificates"},
		{"grant of what", head + "grants:\n  - {uid: \"2\", cluster: c1}\n", "9:5: a grant needs the key role"},
		{"grant where", head + "grants:\n  - {uid: \"2\", role: dev}\n", "9:5: a grant needs the key cluster"},
		{"grant for a cluster and all", head + "grants:\n  - {uid: \"2\", cluster: c1, allClusters: true, role: dev}\n",
			"9:5: a grant for all clusters has no cluster"},
		{"owner with a role", head + "grants:\n  - {uid: \"2\", cluster: c1, owner: true, role: dev}\n",
			"9:5: an owner is administrator of the whole cluster"},
		{"role nobody defined", head + "grants:\n  - {uid: \"2\", cluster: c1, role: view}\n", "the role view is not predefined"},
		{"admin-view for all", head + "grants:\n  - {uid: \"2\", allClusters: true, role: admin-view}\n",
			"admin-view cannot be granted for all clusters"},
		{"two predefined roles", head + "grants:\n  - {uid: \"2\", cluster: c1, role: dev}\n  - {uid: \"2\", cluster: c1, role: ops}\n",
			"10:5: a predefined role of 2 on c1 is already there in line 9"},
		{"service of a user", head + "cloudServices:\n  - {uid: \"2\", name: x, service: x, cluster: c1}\n",
			"9:11: 2 is a user; a cloud service comes as a role"},
		{"external id of a user", strings.Replace(head, "name: alice", "name: alice, external: x", 1), `4:29: a user has no key "external"`},
		{"behaviour word", head + "behaviour: {cleanOwner: maybe}\n", `8:25: cleanOwner is "maybe"; it can be keep, remove`},
		{"behaviour duration", head + "behaviour: {lag: 5}\n", "8:18: lag must be a duration like 5s"},
		{"behaviour in the past", head + "behaviour: {lag: -5s}\n", "8:18: lag must be a duration like 5s"},
		{"behaviour number", head + "behaviour: {clusterPageMax: 0}\n", "8:29: clusterPageMax must be a whole number from 1 to 1000"},
		{"cluster in no region", strings.Replace(head, "dev, region: eu-central-1", "dev, region: mars", 1) + "regions: [{id: eu-central-1}]\n",
			`7:33: there is no region "mars"; add it to regions`},
		{"repeated region", head + "regions: [{id: eu-central-1}, {id: eu-central-1}]\n",
			"8:36: the region eu-central-1 is already there in line 8"},
		{"what a region says", head + "regions: [{id: eu-central-1, clusters: broken}]\n",
			`clusters is "broken"; it can be served, empty, failed, denied, absent`},
		{"region without an id", head + "behaviour: {}\nregions: [{id: eu-central-1}, {name: x}]\n", "9:31: a region needs the key id"},
		{"endpoint in no region", head + "behaviour: {endpointRegion: mars}\n", `8:29: there is no region "mars"`},
		{"task that ends in a word", head + "behaviour: {task: {ends: maybe}}\n",
			`8:26: ends is "maybe"; it can be success, fail, failed, never, halfway, nothing`},
		{"task that refuses", head + "behaviour: {task: {refuse: some}}\n", `8:28: refuse is "some"; it can be whole, cluster or empty`},
		{"behaviour status that is none", head + "behaviour: {regionWithoutACK: {status: 201}}\n",
			"8:40: status must be a whole number from 400 to 599"},
		{"behaviour status", head + "behaviour: {refusal: {status: 200}}\n", "8:31: status must be a whole number from 400 to 599"},
		{"behaviour key", head + "behaviour: {refusal: {retryAfter: 1s}}\n", `8:23: refusal has no key "retryAfter"; it has code, status`},
	} {
		e, err := sim.Load("estate.yaml", []byte(x.text))
		if err == nil || e != nil {
			t.Errorf("%s: loaded", x.name)
			continue
		}
		if !strings.Contains(err.Error(), x.want) {
			t.Errorf("%s: %q does not say %q", x.name, err, x.want)
		}
		if n := len(strings.Split(err.Error(), "\n")); n != 1 {
			t.Errorf("%s: %d errors for one mistake:\n%v", x.name, n, err)
		}
	}
}

// TestLoadReportsAll wants every mistake at once, in the order of the file, with its place.
func TestLoadReportsAll(t *testing.T) {
	_, err := sim.Load("e.yaml", []byte(head+`behaviour: {lag: 5, cleanOwner: maybe}
grants:
  - {uid: 3, cluster: c9, role: view}
  - {uid: "2", cluster: c1, role: dev}
  - {uid: "2", cluster: c1, role: dev}
`))
	want := []string{
		"e.yaml:8:18: lag must be a duration like 5s",
		`e.yaml:8:33: cleanOwner is "maybe"; it can be keep, remove`,
		`e.yaml:10:11: uid must be quoted: write uid: "3"`,
		"e.yaml:10:11: no user, role or deleted principal has the uid 3",
		`e.yaml:10:23: there is no cluster "c9"`,
		"e.yaml:10:33: the role view is not predefined; a role of the cluster's own is custom",
		"e.yaml:12:5: a predefined role of 2 on c1 is already there in line 11",
	}
	var all sim.Errors
	if !errors.As(err, &all) || len(all) != len(want) {
		t.Fatalf("%v", err)
	}
	same(t, strings.Split(err.Error(), "\n"), want)

	_, err = sim.Load("e.yaml", []byte(head+"roles: &a []\ndeleted: *a\n"))
	same(t, strings.Split(err.Error(), "\n"), []string{
		"e.yaml:8:8: the anchor &a is not allowed: write the value out where it belongs",
		"e.yaml:9:10: the alias *a is not allowed: write the value out",
	})
}

// FuzzLoad holds Load to its promise: an estate or errors, never both, each error with its place; and an estate that loads is one
// an account can be made of.
func FuzzLoad(f *testing.F) {
	seeds, err := filepath.Glob("testdata/estates/*.yaml")
	if err != nil || len(seeds) == 0 {
		f.Fatalf("there are no seeds (%v)", err)
	}
	for _, seed := range seeds {
		text, err := os.ReadFile(seed)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Add([]byte(head + "behaviour: {refusal: {code: X}}\n"))
	f.Add([]byte(strings.Replace(head, "id: c2", "conditioned: true, detail: failed, id: c2", 1) + places +
		"behaviour: {endpointRegion: cn-a, regionWithoutACK: {status: 200}, regionalList: absent, denials: plain, deletedAccountState: " +
		"Active, task: {ends: halfway, after: 1s, refuse: \"\"}}\ncredentials: [{uid: \"2\", cluster: c1, expires: 2028-01-01T00:00:00Z, " +
		"previous: 2027-01-01T00:00:00Z, userShows: older, accountName: x}]\n"))
	f.Add([]byte(head + "roles: [{uid: \"3\", name: r, created: 2024-05-06T07:08:09Z, external: x}]\nbehaviour: {assumeRole: denied, " +
		"issueKubeconfig: true, kubeconfigOrganization: \"a b\"}\n"))
	f.Add([]byte("a: &a [*a]\n---\n"))
	f.Add([]byte("cloudServices: [{}]\n")) // once a nil dereference: nobody's uid was taken for that of a missing root account
	place := regexp.MustCompile(`^e:\d+:\d+: .`)
	f.Fuzz(func(t *testing.T, data []byte) {
		e, err := sim.Load("e", data)
		if (e == nil) == (err == nil) {
			t.Fatalf("estate %v, error %v", e, err)
		}
		if err != nil {
			var all sim.Errors
			if !errors.As(err, &all) || len(all) == 0 {
				t.Fatalf("not a list of errors: %v", err)
			}
			for _, one := range all {
				if !place.MatchString(one.Error()) {
					t.Fatalf("no place in %q", one)
				}
			}
			return
		}
		again, err := sim.Load("e", data)
		if err != nil {
			t.Fatalf("loaded once, then: %v", err)
		}
		one, two := sim.New(e, sim.Options{}).Truth(), sim.New(again, sim.Options{}).Truth()
		if diff := cmp.Diff(one, two); diff != "" {
			t.Fatalf("two readings of the same bytes differ:\n%s", diff)
		}
	})
}
