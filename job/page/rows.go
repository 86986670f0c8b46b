package page

import (
	"strconv"
	"strings"

	"ackrevoke/job/report"
)

// Row is one thing that a document says, flat: the same columns for every format, so
// that the rows of many files can stand in one sheet.
type Row struct {
	Type, ID             string // action, unknown, residual, outside, refused, finding, check and so on
	UID, Name, Kind      string
	ClusterID, Cluster   string
	Region               string
	State                string // what became of it, or how bad it is
	Accepted             bool
	Certificate, Expires string
	Grants               []string
	Why, Message, Hint   string
	StartedAt            string
	EndedAt, VerifiedAt  string
}

// RowColumns are the heads of the columns.
var RowColumns = []string{"type", "id", "uid", "name", "kind", "clusterId", "cluster", "region", "state", "accepted", "certificate",
	"expires",
	"grants", "why", "message", "hint", "startedAt", "endedAt", "verifiedAt"}

// Cells are the texts of the row, as RowColumns names them, as they are in the
// document.
func (r Row) Cells() []string {
	return []string{r.Type, r.ID, r.UID, r.Name, r.Kind, r.ClusterID, r.Cluster, r.Region, r.State, strconv.FormatBool(r.Accepted),
		r.Certificate, r.Expires, strings.Join(r.Grants, "; "), r.Why, r.Message, r.Hint, r.StartedAt, r.EndedAt, r.VerifiedAt}
}

// placed says where the thing is.
func (r Row) placed(c report.Cluster) Row {
	r.ClusterID, r.Cluster, r.Region = c.ID, c.Name, c.Region
	return r
}

// failed says what failed, and what to do about it.
func (r Row) failed(e *report.Error) Row {
	if e != nil {
		r.Message, r.Hint = e.Message, e.Hint
	}
	return r
}

func (r Row) holding(c report.Certificate, grants []report.Grant) Row {
	r.Certificate, r.Expires = string(c.State), c.Expires.String()
	for _, g := range grants {
		r.Grants = append(r.Grants, grant(g))
	}
	return r
}

// by says of whom it is.
func (r Row) by(n *names, uid string) Row {
	p := n.people[uid]
	r.UID, r.Name, r.Kind = uid, p.Name, string(p.Kind)
	return r
}
