package report

import (
	"fmt"
	"io"
	"strings"

	"ackrevoke/job/end"
)

// ProveSchema is the name and version of what prove says as JSON.
const ProveSchema = "ackrevoke.prove/v1"

// Prove is one proof with what is said about its making.
type Prove struct {
	Schema    string   `json:"schema"`  // ProveSchema
	Version   string   `json:"version"` // of the program
	Simulated bool     `json:"simulated"`
	Proof     Evidence `json:"proof"`
	ExitCode  int      `json:"exitCode"`
}

// provingCodes: alive is something left, and unreachable is something unknown.
var provingCodes = map[EvidenceVerdict]int{ProvenDead: end.CodeClean, ProvenPowerless: end.CodeClean,
	ProvenAlive: end.CodeFailed, ProvenNothing: end.CodeIncomplete}

// NewProve returns the answer for one proof.
func NewProve(version string, simulated bool, e Evidence) *Prove {
	code, known := provingCodes[e.Verdict]
	if !known {
		code = provingCodes[ProvenNothing]
	}
	return &Prove{Schema: ProveSchema, Version: version, Simulated: simulated, Proof: e, ExitCode: code}
}

// Encode returns the answer as JSON; see [Report.Encode].
func (p *Prove) Encode() ([]byte, error) { return encode(p) }

// ProveText writes the answer for people: the verdict, who was asked as whom,
// and what may be done.
func ProveText(w io.Writer, p *Prove) error {
	e, t := p.Proof, &lines{}
	t.say("%s: %s", e.Verdict, Harmless(e.Why))
	if e.Hint != "" {
		t.row("next", "%s", Harmless(e.Hint))
	}
	t.row("certificate", "%s, serial %s, until %s", Plain(e.Certificate.CommonName), Plain(e.Certificate.Serial),
		orDash(e.Certificate.Expires.String()))
	t.row("sha256", "%s", e.Certificate.SHA256)
	server := Plain(e.Server)
	if e.Cluster.ID != "" {
		server += " of " + clusterText(Cluster{ID: e.Cluster.ID, Name: e.Cluster.Name})
	}
	t.row("asked", "%s at %s", server, e.At)
	if e.Username != "" {
		t.row("taken for", "%s%s", Plain(e.Username), among(e.Groups))
	}
	if e.Verdict == ProvenPowerless || e.Verdict == ProvenAlive {
		t.row("bindings", "looked for on the whole cluster, and in %s; in no other namespace", Harmless(strings.Join(e.Namespaces, ", ")))
	}
	for _, m := range e.May {
		t.row("may", "%s", Harmless(permissionText(m)))
	}
	if e.MayMore > 0 {
		t.row("may", "and %s more", counted(e.MayMore, "thing", "things"))
	}
	for _, a := range e.Access {
		if a.Allowed {
			t.row("allowed", "%s", Harmless(accessText(a)))
		}
	}
	for _, u := range e.Unanswered {
		t.row("not proven", "%s", Harmless(u))
	}
	_, err := io.WriteString(w, t.String())
	return err
}

func among(groups []string) string {
	if len(groups) == 0 {
		return ""
	}
	return ", of " + Plain(strings.Join(groups, ", "))
}

func permissionText(m EvidencePermission) string {
	if len(m.URLs) > 0 {
		return strings.Join(m.Verbs, ",") + " " + strings.Join(m.URLs, " ")
	}
	s := strings.Join(m.Verbs, ",") + " " + strings.Join(m.Resources, ",")
	if groups := strings.Join(m.APIGroups, ","); groups != "" {
		s += " of " + groups
	}
	if len(m.Names) > 0 {
		s += " named " + strings.Join(m.Names, ",")
	}
	return s + " (in " + strings.Join(m.Namespaces, ", ") + ")"
}

func accessText(a EvidenceAccess) string {
	s := a.Verb + " " + a.Resource
	if a.APIGroup != "" && a.APIGroup != "*" {
		s += "." + a.APIGroup
	}
	if a.Namespace == "" {
		s += " everywhere"
	} else {
		s += " in " + a.Namespace
	}
	if a.Reason != "" {
		s = fmt.Sprintf("%s: %s", s, a.Reason)
	}
	return s
}
