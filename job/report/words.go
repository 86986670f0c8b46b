package report

import "io"

// PermissionText says in words what a leaked credential may do.
func PermissionText(m EvidencePermission) string { return permissionText(m) }

// AccessText says in words what was asked of a cluster.
func AccessText(a EvidenceAccess) string { return accessText(a) }

// Conclusion is how an audit ended, in a clause that says "nothing was found" only
// where everything was looked at.
func (a *Audit) Conclusion() string { return auditConclusion(a) }

// Conclusion is how an examination ended, in a clause.
func (e *Doctor) Conclusion() string { return conclusion(e) }

// Where names the first few places of a finding.
func (f AuditFinding) Where() string { return whereText(f) }

// ListedText says whether a policy lists what was found.
func (f AuditFinding) ListedText() string { return listedText(f) }

// Text says how the clocks stand.
func (c Clock) Text() string { return clockText(c) }

// Text says whether lists of states name every cluster.
func (s StatesList) Text() string { return statesText(s) }

// Text says what became of a read.
func (r Reading) Text() string { return answerText(r) }

// Text says who it is that is shown.
func (a *Show) Text() string { return shownText(a) }

// Text says whether the principal itself could revoke its credential.
func (o Own) Text() string { return ownText(o) }

// Text says what is held on all clusters at once.
func (a AllGranted) Text() string { return allText(a) }

// Reaches says how many clusters can be reached.
func (a *Show) Reaches() string { return reachesText(a) }

// FormText says what kind of file was inspected.
func (i *Inspect) FormText() string { return formText(i) }

// KeyText says where the private key is.
func (c InspectedContext) KeyText() string { return keyText(c.Key) }

// PlacedText says how a cluster came into the answer.
func (a InspectedLive) PlacedText() string { return placedText(a.PlacedBy) }

// Suspect says who the principal of a certificate is.
func (a InspectedLive) Suspect() string { return suspectText(a) }

// PinText says what a run would do about the certificate.
func (a InspectedLive) PinText() string { return pinText(a) }

// Grid writes rows below heads, in columns that line up. Cells are made harmless,
// and an empty one is a dash.
func Grid(w io.Writer, heads []string, rows [][]string, look Look) error {
	t := table{heads: heads}
	for _, row := range rows {
		cells := make([]cell, len(heads))
		for i := range cells {
			cells[i] = cell{text: orDash(row[i])}
		}
		t.rows = append(t.rows, cells)
	}
	return t.write(w, look)
}
