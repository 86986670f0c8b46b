package policy

import (
	"fmt"
	"slices"
	"testing"
)

func TestNearUIDs(t *testing.T) {
	users := func(uids ...string) (all []Identity) {
		for _, uid := range uids {
			all = append(all, Identity{UID: uid, Kind: User})
		}
		return all
	}
	for _, c := range []struct {
		name, uid    string
		users, roles []Identity
		want         []string
	}{
		{"rounded as a number of 64 bits", "200000000000000000", users("200000000000000001", "200000000000010001"), nil,
			[]string{"200000000000000001"}},
		{"rounded by a spreadsheet", "213456789012345000", users("213456789012345678", "213456789012355678"), nil,
			[]string{"213456789012345678"}},
		{"the last four and no more", "200000000000000000", users("200000000000009999", "200000000000019999"), nil,
			[]string{"200000000000009999"}},
		{"one digit, wherever it stands", "200000000000000001", users("900000000000000001", "200000005000000001", "205000005000000001"),
			nil, []string{"200000005000000001", "900000000000000001"}},
		{"a role as well, by uid", "300000000000000000", users("300000000000000002"), users("300000000000000001"),
			[]string{"300000000000000001", "300000000000000002"}},
		{"another number of digits", "20000000000000000", users("200000000000000001", "200000000000000000"), nil, nil},
		{"itself", "200000000000000001", users("200000000000000001"), nil, nil},
		{"a short one has nothing but last digits", "1234", users("5678", "1235", "12345"), nil, []string{"1235"}},
		{"nothing", "", users("1", "12"), nil, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			var got []string
			for _, id := range NearUIDs(c.uid, Directory{Users: c.users, Roles: c.roles}) {
				got = append(got, id.UID)
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("%q, want %q", got, c.want)
			}
		})
	}
}

// A company that makes users by the hundred has many near uids; a message
// names the first of them.
func TestNearUIDsAreFew(t *testing.T) {
	var d Directory
	for i := 99; i >= 0; i-- {
		d.Users = append(d.Users, Identity{UID: fmt.Sprintf("2000000000000000%02d", i)})
	}
	got := NearUIDs("200000000000000500", d)
	if len(got) != 5 || got[0].UID != "200000000000000000" || got[4].UID != "200000000000000004" {
		t.Errorf("%+v", got)
	}
}
