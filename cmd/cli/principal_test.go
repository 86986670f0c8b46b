package cli_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"ackrevoke/cmd/test/stage"
)

// A uid that a spreadsheet or a number of 64 bits rounded is nobody's: whose
// it was is named, and nothing is done about it.
func TestRoundedUID(t *testing.T) {
	stage.Keys(t, stage.Account)
	const rounded, one = "200000000000000000", "user alice (200000000000000001) created 2024-05-06T07:08:09Z"
	estate := strings.Replace(partly, "caller: {type: RAMUser", "caller: {type: Account} #", 1)
	stage.Bubble(t, []byte(estate), stage.Noon, func(w *stage.World) {
		got := w.Ask("show", rounded)
		got.MustExit(t, 6)
		stage.Says(t, got.Stdout, "Near it, and likely meant: "+one+", user both (200000000000000005) created")
		got = w.Ask("show", rounded, "--format", "json")
		stage.Fits(t, "show", []byte(got.Stdout))
		stage.Says(t, got.Stdout, `"near": [`, `"name": "alice"`)
		stage.Says(t, w.Ask("show", "alice", "--format", "json").Stdout, `"near": []`)
		got = w.Ask("add", rounded, "-p", filed(t, "version: 1\naccount: \"1234567890123456\"\nprincipals: []\n"), "--reason", "departed")
		got.MustExit(t, 2)
		stage.Says(t, got.Stderr, "nobody has the uid "+rounded, "near it, and likely meant: "+one)
		got = w.Ask("pin", "-p", filed(t, "version: 1\naccount: \"1234567890123456\"\nprincipals: [{uid: \""+rounded+"\", reason: departed}]\n"))
		stage.Says(t, got.Stderr, "nobody has this uid", "near it, and likely meant: "+one)
		if got := w.Ask("show", "290000000000000002"); strings.Contains(got.Stdout, "alice") ||
			!strings.Contains(got.Stdout, "likely meant: user runner (290000000000000001)") {
			t.Errorf("another one is near:\n%s", got.Stdout)
		}
	})
	// Somebody deleted who is still there is nobody's slip.
	stage.Bubble(t, stage.Must(os.ReadFile("../../testdata/estate.yaml")), stage.Noon, func(w *stage.World) {
		if got := w.Ask("show", stage.MalloryUID); strings.Contains(got.Stdout, "likely meant") {
			t.Errorf("%s", got.Stdout)
		}
	})
}

// Names as the console and the audit log of a cluster show them.
func TestNamesAsShown(t *testing.T) {
	stage.Keys(t, stage.Account)
	stage.Bubble(t, []byte(partly), stage.Noon, func(w *stage.World) {
		path := filed(t, "version: 1\naccount: \"1234567890123456\"\nprincipals: []\n")
		for _, who := range []string{"alice@1234567890123456.onaliyun.com", stage.AliceUID + "-1676970192"} {
			stage.Says(t, w.Ask("show", who).Stdout, "alice (200000000000000001), a live RAM user")
			got := w.Ask("add", who, "-p", path, "--reason", "departed")
			got.MustExit(t, 0)
			stage.Says(t, got.Stdout, `+  - uid: "200000000000000001"`, "+    name: alice")
		}
		for who, want := range map[string]string{
			"alice@9999999999999999.onaliyun.com": "is of account 9999999999999999, and the caller of 1234567890123456",
			"alice@example.onaliyun.com":          "near: user alice (200000000000000001)",
		} {
			got := w.Ask("show", who)
			got.MustExit(t, 2)
			stage.Says(t, got.Stderr, want)
		}
	})
}

// Who could be meant is named, the first few, and how many more there are.
func TestShowManyNear(t *testing.T) {
	stage.Keys(t, stage.Account)
	var users strings.Builder
	for i := range 9 {
		fmt.Fprintf(&users, "  - {uid: \"20000000000000010%d\", name: smith%d, created: 2024-05-06T07:08:09Z}\n", i, i)
	}
	stage.Bubble(t, []byte(strings.Replace(partly, "users:\n", "users:\n"+users.String(), 1)), stage.Noon, func(w *stage.World) {
		got := w.Ask("show", "smith")
		got.MustExit(t, 2)
		stage.Says(t, got.Stderr, "near: user smith0 (200000000000000100)",
			"user smith4 (200000000000000104) created 2024-05-06T07:08:09Z, and 4 more")
	})
}
