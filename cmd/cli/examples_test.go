package cli_test

import (
	"os"
	"strings"
	"testing"
	"testing/synctest"

	"ackrevoke/cmd/cli"
	"ackrevoke/cmd/test/stage"
)

// The help of every command has one example, and that works: in the folder of the
// documents, after what somebody has done by then.
func TestExamples(t *testing.T) {
	leaked := string(stage.Must(os.ReadFile("../../testdata/leaked.yaml")))
	older := string(stage.Must(os.ReadFile("../../testdata/diff/uid-typo/old.yaml")))
	s := newScene(t)
	s.put("testdata/leaked.yaml", leaked)
	s.put("testdata/diff/uid-typo/old.yaml", older)
	s.put("accounts/one.yaml", string(stage.Must(os.ReadFile("policy.yaml"))))
	before := map[string]string{"summary": "ackrevoke run --policy-dir accounts -o reports", "history": "ackrevoke run --dry-run=false"}
	ends := map[string]int{"audit": 3, "simulate": 143} // it finds what --fail-on names; it stays until a signal comes
	synctest.Test(t, func(t *testing.T) {
		s.t = t
		end := s.open()
		defer end()
		var p cli.Program
		for _, c := range p.Commands() {
			line, _, _ := strings.Cut(strings.TrimSpace(c.Example), " > ") // what the shell does with it
			if !strings.HasPrefix(line, "ackrevoke "+c.Name()) || strings.Contains(line, "\n") {
				t.Errorf("%s: the example is %q", c.Name(), c.Example)
				continue
			}
			if first := before[c.Name()]; first != "" {
				if code, text := s.enter(first); code != 0 {
					t.Fatalf("%s: exit %d\n%s", first, code, text)
				}
			}
			s.stays = c.Name() == "simulate"
			if code, text := s.enter(line); code != ends[c.Name()] {
				t.Errorf("%s: exit %d\n%s", line, code, text)
			}
		}
	})
}
