package report

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func sampleProof(v EvidenceVerdict) Evidence {
	p := Evidence{At: At(noon), Verdict: v, Why: "because", Server: "https://203.0.113.7:6443", Cluster: EvidenceCluster{c1, "prod-eu"},
		Certificate: EvidenceCertificate{UID: alice, CommonName: alice + "-1676970192", Serial: "2A", SHA256: strings.Repeat("0", 64),
			Expires: At(expires)},
		Namespaces: []string{"default", "kube-system"}, Access: []EvidenceAccess{{Verb: "list", Resource: "secrets"}}}
	switch v {
	case ProvenAlive:
		p.May = []EvidencePermission{{Verbs: []string{"*"}, APIGroups: []string{""}, Resources: []string{"pods"},
			Namespaces: []string{"default"}}}
		p.Access[0].Allowed = true
	case ProvenNothing:
		p.Unanswered = []string{"all of it"}
	}
	return p
}

// A proof is added, and nothing else of the report changes.
func TestAttach(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "report.json")
	r := converged()
	before := encoded(t, r)
	must(t, os.WriteFile(path, before, 0o600))
	later := sampleProof(ProvenPowerless)
	later.At = At(noon.Add(time.Hour))
	for _, p := range []Evidence{later, sampleProof(ProvenNothing)} {
		must(t, Attach(path, p))
	}
	got, err := Read(path)
	must(t, err)
	must(t, Check(got))
	if len(got.Proofs) != 2 || got.Proofs[0].Verdict != ProvenNothing || got.Proofs[1].Verdict != ProvenPowerless {
		t.Errorf("%+v", got.Proofs)
	}
	if err := compile(t, parse(t, Schema("report"))).Validate(parse(t, encoded(t, got))); err != nil {
		t.Error(err)
	}
	got.Proofs = nil
	if after := encoded(t, got); !bytes.Equal(before, after) {
		t.Error("something else of the report has changed")
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Error(info.Mode(), err)
	}
}

func TestAttachRefuses(t *testing.T) {
	t.Parallel()
	whole := string(encoded(t, converged()))
	contradictory := sampleProof(ProvenAlive)
	contradictory.Verdict = ProvenDead
	for name, c := range map[string]struct {
		file  string
		proof Evidence
		says  string
	}{
		"no report":             {"{}", sampleProof(ProvenDead), "schema is"},
		"another's file":        {"hello", sampleProof(ProvenDead), "not a report"},
		"one that is too wise":  {strings.Replace(whole, `"schema":`, `"later": 1, "schema":`, 1), sampleProof(ProvenDead), "newer ackrevoke"},
		"one that is wrong":     {strings.Replace(whole, `"targets": 4`, `"targets": 5`, 1), sampleProof(ProvenDead), "does not add up"},
		"a proof that is wrong": {whole, contradictory, "dead, but something is allowed"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "report.json")
			must(t, os.WriteFile(path, []byte(c.file), 0o600))
			if err := Attach(path, c.proof); err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("%v; want %q", err, c.says)
			}
			if left, err := os.ReadFile(path); err != nil || string(left) != c.file {
				t.Errorf("the file has changed: %v", err)
			}
		})
	}
	if err := Attach(filepath.Join(t.TempDir(), "none.json"), sampleProof(ProvenDead)); err == nil {
		t.Error("a report that is not there")
	}
}

func TestCheckFindsWrongProofs(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(*Evidence)
		says   string
	}{
		"dead with rules":      {func(p *Evidence) { p.Verdict = ProvenDead }, "dead, but something is allowed"},
		"powerless with rules": {func(p *Evidence) { p.Verdict = ProvenPowerless }, "powerless, but something is allowed"},
		"powerless and not answered": {func(p *Evidence) { *p = sampleProof(ProvenPowerless); p.Unanswered = []string{"x"} },
			"1 questions are not answered"},
		"alive with nothing": {func(p *Evidence) { *p = sampleProof(ProvenDead); p.Verdict = ProvenAlive },
			"alive, but nothing is allowed"},
		"no verdict": {func(p *Evidence) { p.Verdict = "" }, `verdict "" is none`},
		"unsorted":   {func(p *Evidence) { p.Namespaces = []string{"b", "a"} }, "namespaces of proof 1 is not sorted"},
	} {
		r := converged()
		r.Proofs = []Evidence{sampleProof(ProvenAlive)}
		must(t, Check(r))
		c.change(&r.Proofs[0])
		if err := Check(r); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v; want %q", name, err, c.says)
		}
	}
}
