package crash

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"ackrevoke/ack/sim"
	"ackrevoke/cmd/test/stage"
)

// The journal as anybody with a JSON parser reads it who has to give something
// back: on purpose not by the types of the program.
type journalLine struct {
	Type, Run, Action, Operation, UID string
	Cluster                           struct{ ID string }
	Certificate                       struct {
		State   string
		Expires time.Time
	}
	Grants []struct {
		Cluster, Scope, Namespace, Role string
		Custom, Owner                   bool
	}
}

// intents are the intents of all journals, finished ones too.
func (s *station) intents() []journalLine {
	finished, _ := filepath.Glob(s.path("report.json.journal/*.done.jsonl"))
	var all []journalLine
	for _, f := range append(finished, s.path("report.json.journal/ackrevoke.journal")) {
		all = append(all, intentsOf(f)...)
	}
	return all
}

// intentsOf reads one journal; a line that is torn is none.
func intentsOf(path string) []journalLine {
	var all []journalLine
	data, _ := os.ReadFile(path)
	for text := range bytes.Lines(data) {
		var l journalLine
		if bytes.HasSuffix(text, []byte("\n")) && json.Unmarshal(text, &l) == nil && l.Type == "intent" {
			all = append(all, l)
		}
	}
	return all
}

// takes lists what was there before and is not there after, as lines.
func taken(before, after sim.Truth) (certificates []sim.Certificate, grants []sim.Grant) {
	for _, c := range before.Certificates {
		if c.State == "Unexpired" && !slices.Contains(after.Certificates, c) {
			certificates = append(certificates, c)
		}
	}
	for _, g := range before.Grants {
		if !slices.Contains(after.Grants, g) {
			grants = append(grants, g)
		}
	}
	return certificates, grants
}

// lost lists what is gone from the account and in no snapshot on disk.
func (s *station) lost(was sim.Truth) []string {
	intents := s.intents()
	certificates, grants := taken(was, s.account.Truth())
	var lost []string
	for _, c := range certificates {
		if !slices.ContainsFunc(intents, func(l journalLine) bool {
			return l.UID == c.UID && l.Cluster.ID == c.Cluster && l.Certificate.State == c.State && l.Certificate.Expires.Equal(c.Expires)
		}) {
			lost = append(lost, fmt.Sprintf("certificate %+v", c))
		}
	}
	for _, g := range grants {
		if !slices.ContainsFunc(intents, func(l journalLine) bool { return l.UID == g.UID && l.has(g) }) {
			lost = append(lost, fmt.Sprintf("grant %+v", g))
		}
	}
	return lost
}

func (l journalLine) has(g sim.Grant) bool {
	scope := "cluster"
	switch {
	case g.AllClusters:
		scope = "all-clusters"
	case g.Namespace != "":
		scope = "namespace"
	}
	for _, r := range l.Grants {
		if r.Cluster == g.Cluster && r.Scope == scope && r.Namespace == g.Namespace && r.Role == g.Role && r.Custom == g.Custom &&
			r.Owner == g.Owner {
			return true
		}
	}
	return false
}

// holds asserts what must be so at any time: no write without its line, no
// snapshot lost, nobody hit who was
// not meant. was and is are the account before and after a run without a crash.
func (s *station) holds(was, is sim.Truth, when string) {
	s.t.Helper()
	s.mu.Lock()
	naked := s.naked
	s.mu.Unlock()
	if lost := s.lost(was); len(lost)+len(naked) > 0 {
		s.t.Errorf("%s: in no snapshot %v; before their line %v", when, lost, naked)
	}
	meantC, meantG := taken(was, is)
	c, g := taken(was, s.account.Truth())
	for _, row := range c {
		if !slices.Contains(meantC, row) {
			s.t.Errorf("%s: %+v is gone", when, row)
		}
	}
	for _, row := range g {
		if !slices.Contains(meantG, row) {
			s.t.Errorf("%s: %+v is gone", when, row)
		}
	}
}

// files lists what is in the folder of the station, the journal's too.
func (s *station) files() []string {
	var names []string
	for _, pattern := range []string{"*", ".ackrevoke*", "report.json.journal/*"} {
		found, _ := filepath.Glob(s.path(pattern))
		for _, f := range found {
			if info, err := os.Stat(f); err == nil && !info.IsDir() {
				names = append(names, stage.Must(filepath.Rel(s.dir, f)))
			}
		}
	}
	return stage.Sorted(names)
}

// tear cuts the last line of the journal in half, as a machine leaves it that
// dies while the line is written: its call cannot have been sent.
func (s *station) tear() {
	path := s.path("report.json.journal/ackrevoke.journal")
	data := stage.Must(os.ReadFile(path))
	begin := bytes.LastIndexByte(bytes.TrimSuffix(data, []byte("\n")), '\n') + 1
	if err := os.WriteFile(path, data[:(begin+len(data))/2], 0o600); err != nil {
		s.t.Error(err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.writes--
}
