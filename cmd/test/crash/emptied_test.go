package crash

import (
	"fmt"
	"os"
	"testing"

	"ackrevoke/cmd/test/stage"
	"ackrevoke/policy"
)

// A run is killed, and before the next one somebody empties the list: what the run
// before the killed one has left is still there, so the next one refuses the list,
// names what is unfinished, and does nothing. With the list back the work is done.
func TestEmptiedAfterAKilledRun(t *testing.T) {
	t.Parallel()
	file := stage.PolicyFile(t, crashPolicy[:1])
	st := newStation(t, crashCity.Yaml(), file)
	if code, r := st.apply(); code != 0 || r.Summary.Revoked != 1 {
		t.Fatalf("exit %d, %+v", code, r.Summary)
	}
	put := func(text string) {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	put(string(stage.Must(os.ReadFile(stage.PolicyFile(t, crashPolicy)))))
	dying := st.start(first(killBefore, "DELETE", "/cluster/c1/user/200000000000000002/permissions", 0), "--dry-run=false",
		"--concurrency", "1")
	if code := dying.end(); code != -1 {
		t.Fatalf("exit %d: it was not killed\n%s", code, &dying.stderr)
	}
	full := string(stage.Must(os.ReadFile(file)))
	put(fmt.Sprintf("version: 1\naccount: %q\nprincipals: []\n", stage.Account))
	for try, unfinished := range []bool{true, false} { // the first of them puts the journal away
		wrote := st.written()
		code, r := st.apply()
		emptied := r.Plan.Guards[0]
		if code != 4 || emptied.Guard != policy.GuardEmptied || emptied.Found != 1 || st.written() != wrote {
			t.Errorf("run %d: exit %d, %+v, %d writes\n%s", try, code, emptied, st.written()-wrote, &st.process.stderr)
		}
		if (len(r.Unfinished) > 0) != unfinished {
			t.Errorf("run %d: unfinished %+v", try, r.Unfinished)
		}
	}
	put(full)
	if code, r := st.apply(); code != 0 || r.Summary.Revoked == 0 {
		t.Errorf("with the list back: exit %d, %+v\n%s", code, r.Summary, &st.process.stderr)
	}
}
