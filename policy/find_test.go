package policy

import (
	"slices"
	"strings"
	"testing"
)

const account = "1234567890123456"

func TestWant(t *testing.T) {
	d := Directory{Caller: Caller{AccountID: account},
		Users: []Identity{{UID: "200000000000000001", Name: "alice", Kind: User}, {UID: "200000000000000002", Name: "12-34", Kind: User},
			{UID: "200000000000000003", Name: "both", Kind: User}, {UID: "200000000000000004", Name: "carol", Kind: User},
			{UID: "200000000000000005", Name: "carol@" + account + ".onaliyun.com", Kind: User}},
		Roles: []Identity{{UID: "300000000000000001", Name: "both", Kind: Role}, {UID: "300000000000000002", Name: "deploy", Kind: Role}},
	}
	for _, c := range []struct {
		text  string
		uid   string // of the one
		state IdentityState
		near  string // uids of those who could be meant
	}{
		{"alice", "200000000000000001", Live, ""},
		{"alice@" + account + ".onaliyun.com", "200000000000000001", Live, ""},
		{"alice@" + account + ".OnAliyun.com", "200000000000000001", Live, ""},
		{"both@" + account + ".onaliyun.com", "200000000000000003", Live, ""}, // no role has such a name
		{"deploy@" + account + ".onaliyun.com", "", IdentityUnknown, "300000000000000002"},
		{"carol@" + account + ".onaliyun.com", "", IdentityUnknown, "200000000000000004 200000000000000005"}, // one has it as a name
		{"alice@example.onaliyun.com", "", IdentityUnknown,
			"200000000000000001"}, // an alias of whichever account
		{"alice@9999999999999999.onaliyun.com", "", IdentityUnknown, "200000000000000001"},
		{"alica@" + account + ".onaliyun.com", "", IdentityUnknown, "200000000000000001"},
		{"alice@onaliyun.com", "", IdentityUnknown, ""},
		{"@" + account + ".onaliyun.com", "", IdentityUnknown, "200000000000000005"}, // no name of that form; a part of a name
		{"200000000000000001-1676970192", "200000000000000001", Live, ""},
		{"300000000000000002-1", "300000000000000002", Live, ""},
		{"200000000000000009-1676970192", "200000000000000009", Deleted, ""},
		{account + "-1676970192", account, Live, ""},
		{"200000000000000001-", "", IdentityUnknown, ""},
		{"200000000000000001-1-2", "", IdentityUnknown, ""},
		{"12-34", "", IdentityUnknown, "200000000000000002"}, // a uid that nobody has, and a name
		{strings.Repeat("9", 33) + "-1", "", IdentityUnknown, ""},
	} {
		w, err := Want(c.text, account)
		if err != nil {
			t.Errorf("%s: %v", c.text, err)
			continue
		}
		id, state, candidates := w.In(d)
		var near []string
		for _, x := range candidates {
			near = append(near, x.UID)
		}
		slices.Sort(near)
		if id.UID != c.uid || state != c.state || strings.Join(near, " ") != c.near {
			t.Errorf("%s: %q, %s, near %q", c.text, id.UID, state, near)
		}
	}
	if w, err := Want("alice@9999999999999999.onaliyun.com", account); err != nil || w.Foreign != "9999999999999999" {
		t.Errorf("of another account: %+v, %v", w, err)
	}
}
