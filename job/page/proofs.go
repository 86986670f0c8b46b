package page

import (
	"fmt"
	"strings"

	"ackrevoke/job/report"
)

func (v *run) proofs() { v.p.proofs(v.Proofs) }

// proofs are what clusters themselves said of leaked files.
func (p *Page) proofs(all []report.Evidence) {
	if len(all) == 0 {
		return
	}
	t := Table{Caption: "What the clusters said of leaked files", Columns: columns("Verdict", "Asked", "Certificate", "Taken for", "May")}
	for _, e := range all {
		tone := provenTone(e.Verdict)
		t.Lines = append(t.Lines, Line{State: string(e.Verdict), Tone: tone, Cells: []Cell{
			{Text: report.Plain(string(e.Verdict)), Tone: tone, More: texts(long(e.Why), prefixed("→ ", long(e.Hint)))},
			askedOf(e), presented(e.Certificate), takenFor(e), may(e)}})
		p.row(Row{Type: "proof", UID: e.Certificate.UID, Name: e.Username, State: string(e.Verdict), Message: e.Why, Hint: e.Hint,
			Certificate: e.Certificate.Serial, Expires: e.Certificate.Expires.String(), VerifiedAt: e.At.String()}.
			placed(report.Cluster{ID: e.Cluster.ID, Name: e.Cluster.Name}))
	}
	p.section(Section{ID: "proofs", Title: "Proofs", Count: len(all), Tables: []Table{t}})
}

func provenTone(v report.EvidenceVerdict) Tone {
	switch v {
	case report.ProvenDead, report.ProvenPowerless:
		return Good
	case report.ProvenAlive:
		return Bad
	}
	return Unsure
}

func askedOf(e report.Evidence) Cell {
	c := where(report.Cluster{ID: e.Cluster.ID, Name: e.Cluster.Name})
	if e.Cluster.ID == "" {
		c = Cell{Text: report.Plain(e.Server), Code: true}
	} else {
		c.More = append(c.More, report.Plain(e.Server))
	}
	c.More = append(c.More, texts(prefixed("context ", report.Plain(e.Context)), stamp(e.At))...)
	return c
}

func presented(x report.EvidenceCertificate) Cell {
	return Cell{Text: report.Plain(x.CommonName), Code: true, More: texts(prefixed("uid ", report.Plain(x.UID)), prefixed("serial ",
		report.Plain(x.Serial)), prefixed("until ", stamp(x.Expires)), prefixed("sha256 ", report.Plain(x.SHA256)))}
}

func takenFor(e report.Evidence) Cell {
	return Cell{Text: report.Plain(e.Username), More: texts(strings.Join(first(10, plain(e.Groups)), ", "), prefixed("namespaces asked: ",
		strings.Join(first(10, plain(e.Namespaces)), ", ")))}
}

// mostRights is how many things a leaked file may do that a page names.
const mostRights = 20

func may(e report.Evidence) Cell {
	var lines []string
	for _, m := range e.May {
		lines = append(lines, long(report.PermissionText(m)))
	}
	if e.MayMore > 0 {
		lines = append(lines, "and "+count(e.MayMore, "thing", "things")+" more")
	}
	for _, a := range e.Access {
		word := "denied: "
		if a.Allowed {
			word = "allowed: "
		}
		lines = append(lines, word+long(report.AccessText(a)))
	}
	for _, u := range e.Unanswered {
		lines = append(lines, "not proven: "+long(u))
	}
	if len(lines) == 0 {
		return Cell{Text: "nothing that was asked about"}
	}
	return Cell{Text: fmt.Sprintf("%s beyond anybody's", count(len(e.May)+e.MayMore, "thing", "things")), More: first(mostRights, lines)}
}
