package policy

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var now = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func ends(days int) time.Time { return now.AddDate(0, 0, days) }

func ev(state CertState, expires time.Time, seen bool, rows, owner int) Evidence {
	e := Evidence{Certificate: Certificate{state, expires}, GrantsSeen: seen}
	if e.Valid() {
		e.InForce = []time.Time{expires}
	}
	for range rows {
		e.Rows = append(e.Rows, Grant{Cluster: "c", Scope: OnCluster, Role: "dev"})
	}
	for range owner {
		e.Owner = append(e.Owner, Grant{Cluster: "c", Scope: OnCluster, Role: "admin", Owner: true})
	}
	return e
}

var compareRulings = cmp.AllowUnexported(ruling{})

func TestDepartedTable(t *testing.T) {
	failed := &Fault{Kind: Unavailable}
	withFault := func(e Evidence, cert, grants bool) Evidence {
		if cert {
			e.CertFault = failed
		}
		if grants {
			e.GrantsFault, e.GrantsSeen = failed, false
		}
		return e
	}
	for _, c := range []struct {
		name string
		ev   Evidence
		id   IdentityState
		want ruling
	}{
		{"valid, rows", ev(Unexpired, ends(9), true, 1, 0), Live, ruling{verdict: act, because: []string{"certificate", "grants"}}},
		{"valid, owner", ev(Unexpired, ends(9), true, 0, 1), Live, ruling{verdict: act, because: []string{"certificate"}}},
		{"valid, none", ev(Unexpired, ends(9), true, 0, 0), Deleted, ruling{verdict: act, because: []string{"certificate"}}},
		{"valid, blind", ev(Unexpired, ends(9), false, 0, 0), Live, ruling{verdict: act, because: []string{"certificate"}}},
		{"ended, rows", ev(Removed, now, true, 2, 1), Live, ruling{verdict: act, because: []string{"grants"}}},
		{"ended, rows on a blind cluster", ev(Expired, now, false, 1, 0), Live, ruling{verdict: act, because: []string{"grants"}}},
		{"unclear, rows", ev(Unclear, now, true, 1, 0), Live, ruling{verdict: act, because: []string{"grants"}}},
		{"ended, owner, deleted", ev(Expired, now, true, 0, 1), Deleted, ruling{verdict: settle, as: ownerOfRecord}},
		{"ended, owner, live", ev(Unissued, now, true, 0, 1), Live, ruling{verdict: left}},
		{"ended, none", ev(Unlisted, now, true, 0, 0), Live, ruling{verdict: settle, as: Unlisted}},
		{"ended, blind", ev(Removed, now, false, 0, 0), Live, ruling{verdict: dunno, why: GrantsNotVisible}},
		{"ended, owner on a blind cluster", ev(Removed, now, false, 0, 1), Live, ruling{verdict: dunno, why: GrantsNotVisible}},
		{"ended, grants not read", withFault(ev(Removed, now, true, 0, 0), false, true), Live, ruling{verdict: dunno, why: ReadFailed}},
		{"unclear, none", ev(Unclear, now, true, 0, 0), Live, ruling{verdict: dunno, why: CertificateUnclear}},
		{"unclear, owner", ev(Unclear, now, true, 0, 1), Live, ruling{verdict: dunno, why: CertificateUnclear}},
		{"unclear, blind", ev(Unclear, now, false, 0, 0), Live, ruling{verdict: dunno, why: CertificateUnclear}},
		{"not read, none", withFault(ev(Unclear, now, true, 0, 0), true, false), Live, ruling{verdict: dunno, why: ReadFailed}},
	} {
		if diff := cmp.Diff(c.want, departed(c.ev, c.id), compareRulings); diff != "" {
			t.Errorf("%s: %s", c.name, diff)
		}
	}
}

func TestPinnedTable(t *testing.T) {
	pin := ends(400)
	soon := ends(90)
	renewal := soon.AddDate(3, 0, 0).Add(-180 * 24 * time.Hour)
	for _, c := range []struct {
		name string
		ev   Evidence
		pin  time.Time
		want ruling
	}{
		{"equal", ev(Unexpired, pin, true, 0, 0), pin, ruling{verdict: act, because: []string{"pin"}}},
		{"equal on a blind cluster", ev(Unexpired, pin, false, 0, 0), pin, ruling{verdict: act, because: []string{"pin"}}},
		{"10 minutes later", ev(Unexpired, pin.Add(Slack), true, 0, 0), pin, ruling{verdict: act, because: []string{"pin"}}},
		{"10 minutes earlier", ev(Unexpired, pin.Add(-Slack), true, 0, 0), pin, ruling{verdict: act, because: []string{"pin"}}},
		{"11 minutes later", ev(Unexpired, pin.Add(Slack+time.Minute), true, 1, 0), pin, ruling{verdict: settle, as: OtherCertificate}},
		{"past pin, nothing readable", ev(Unclear, now, false, 0, 0), ends(-1), ruling{verdict: settle, as: Expired}},
		{"past pin, other certificate", ev(Unexpired, pin, true, 0, 0), ends(-1), ruling{verdict: settle, as: Expired}},
		{"expired at the pin", ev(Expired, now.Add(time.Minute), true, 0, 0), now.Add(time.Minute), ruling{verdict: settle, as: Expired}},
		{"removed", ev(Removed, now, false, 0, 0), pin, ruling{verdict: settle, as: Removed}},
		{"later", ev(Unexpired, ends(900), true, 0, 0), pin, ruling{verdict: settle, as: OtherCertificate}},
		{"can be a renewal", ev(Unexpired, renewal, true, 0, 0), soon, ruling{verdict: dunno, why: RenewalPossible}},
		{"too short for a renewal", ev(Unexpired, renewal.Add(-time.Second), true, 0, 0), soon, ruling{verdict: settle, as: OtherCertificate}},
		{"too early for a renewal", ev(Unexpired, ends(181).AddDate(3, 0, 0), true, 0, 0), ends(181),
			ruling{verdict: settle, as: OtherCertificate}},
		{"earlier", ev(Unexpired, ends(200), true, 0, 0), pin, ruling{verdict: dunno, why: PinNotShown}},
		{"unissued", ev(Unissued, time.Time{}, true, 0, 0), pin, ruling{verdict: dunno, why: PinNotShown}},
		{"unlisted", ev(Unlisted, time.Time{}, true, 0, 0), pin, ruling{verdict: dunno, why: PinNotShown}},
		{"expired elsewhere", ev(Expired, ends(-9), true, 0, 0), pin, ruling{verdict: dunno, why: PinNotShown}},
		{"unclear", ev(Unclear, now, true, 0, 0), pin, ruling{verdict: dunno, why: CertificateUnclear}},
		{"valid without an expiry", ev(Unexpired, time.Time{}, true, 0, 0), pin, ruling{verdict: dunno, why: CertificateUnclear}},
	} {
		if diff := cmp.Diff(c.want, pinned(c.ev, []Pin{{Expires: c.pin}}, now), compareRulings); diff != "" {
			t.Errorf("%s: %s", c.name, diff)
		}
	}
	two := []Pin{{Expires: ends(-1)}, {Expires: pin}}
	if got := pinned(ev(Unexpired, pin, true, 0, 0), two, now); got.verdict != act {
		t.Errorf("one of two pins in force: %+v, want a clean", got)
	}
}

// Every combination of what can be seen hits exactly one row of the table as
// semantics.md writes it: the rows are stated again here as predicates.
func TestDepartedRowsAreDisjointAndComplete(t *testing.T) {
	valid := func(e Evidence) bool { return e.Certificate.State == Unexpired }
	unclear := func(e Evidence) bool { return e.Certificate.State == Unclear }
	ended := func(e Evidence) bool { return !valid(e) && !unclear(e) }
	rows := func(e Evidence) bool { return len(e.Rows) > 0 }
	type line struct {
		name string
		hit  func(Evidence, IdentityState) bool
		want verdict
	}
	table := []line{
		{"valid", func(e Evidence, _ IdentityState) bool { return valid(e) }, act},
		{"ended or unclear, rows", func(e Evidence, _ IdentityState) bool { return !valid(e) && rows(e) }, act},
		{"ended, owner only, deleted", func(e Evidence, id IdentityState) bool {
			return ended(e) && !rows(e) && e.GrantsSeen && len(e.Owner) > 0 && id == Deleted
		}, settle},
		{"ended, owner only, live", func(e Evidence, id IdentityState) bool {
			return ended(e) && !rows(e) && e.GrantsSeen && len(e.Owner) > 0 && id == Live
		}, left},
		{"ended, none", func(e Evidence, _ IdentityState) bool {
			return ended(e) && !rows(e) && e.GrantsSeen && len(e.Owner) == 0
		}, settle},
		{"ended, not visible", func(e Evidence, _ IdentityState) bool { return ended(e) && !rows(e) && !e.GrantsSeen }, dunno},
		{"unclear, no rows", func(e Evidence, _ IdentityState) bool { return unclear(e) && !rows(e) }, dunno},
	}
	combinations := 0
	for _, state := range []CertState{Unexpired, Removed, Unissued, Expired, Unlisted, Unclear} {
		for _, seen := range []bool{true, false} {
			for r := range 2 {
				for o := range 2 {
					for _, id := range []IdentityState{Live, Deleted} {
						e := ev(state, ends(5), seen, r, o)
						var hits []line
						for _, l := range table {
							if l.hit(e, id) {
								hits = append(hits, l)
							}
						}
						name := fmt.Sprint(state, " seen ", seen, " rows ", r, " owner ", o, " ", id)
						if len(hits) != 1 {
							t.Fatalf("%s hits %d rows", name, len(hits))
						}
						if got := departed(e, id).verdict; got != hits[0].want {
							t.Errorf("%s: %d, want %d (%s)", name, got, hits[0].want, hits[0].name)
						}
						combinations++
						for _, pin := range []time.Time{ends(-1), ends(5), ends(4), ends(6), ends(400)} {
							if got := pinned(e, []Pin{{Expires: pin}}, now); got.verdict == 0 || got.verdict == left {
								t.Errorf("%s, pin %v: no decision", name, pin)
							}
							combinations++
						}
					}
				}
			}
		}
	}
	t.Logf("%d combinations", combinations)
}

func TestCertificateJoinsTwoSurfaces(t *testing.T) {
	failed := &Fault{Kind: Unavailable, Op: "x"}
	missing := &Fault{Kind: NotFound, Op: "x"}
	later, sooner := ends(700), ends(300)
	rowOf := func(s CertState, at time.Time) *Subject {
		return &Subject{UID: "1", States: NewStates(State{Cluster: "c", Cert: s, Expires: at})}
	}
	holds := func(s CertState, at time.Time) *ClusterList {
		return &ClusterList{Cluster: "c", Holders: []Holder{{UID: "1", Cert: s, Expires: at}}}
	}
	nobody := &ClusterList{Cluster: "c"}
	for _, c := range []struct {
		name  string
		id    IdentityState
		s     *Subject
		list  *ClusterList
		want  CertState
		fault bool
	}{
		{"row in force", Live, rowOf(Unexpired, later), nil, Unexpired, false},
		{"row removed, list not needed", Live, rowOf(Removed, now), nil, Removed, false},
		{"row removed, list in force", Live, rowOf(Removed, now), holds(Unexpired, later), Unexpired, false},
		{"row removed, list unknown", Live, rowOf(Removed, now), holds(CertUnknown, now), Unclear, false},
		{"row removed, list failed but not needed", Live, rowOf(Removed, now), &ClusterList{Cluster: "c", Err: failed}, Removed, false},
		{"no row, list not read", Live, &Subject{UID: "1"}, nil, Unclear, true},
		{"no row, absent", Live, &Subject{UID: "1"}, nobody, Unlisted, false},
		{"no row, list expired", Live, &Subject{UID: "1"}, holds(Expired, ends(-9)), Expired, false},
		{"no row, list failed", Live, &Subject{UID: "1"}, &ClusterList{Cluster: "c", Err: failed}, Unclear, true},
		{"row unknown, absent", Live, rowOf(CertUnknown, now), nobody, Unlisted, false},
		{"row unknown, list unknown", Live, rowOf(CertUnknown, now), holds(CertUnknown, now), Unclear, false},
		{"row in a new state", Live, rowOf("Suspended", now), nobody, Unclear, false},
		{"row expired in the future", Live, rowOf(Expired, later), nil, Unclear, false},
		{"row removed, list expired in the future", Live, rowOf(Removed, now), holds(Expired, later), Unclear, false},
		{"no row, list expired in the future", Live, &Subject{UID: "1"}, holds(Expired, later), Unclear, false},
		{"rows failed", Live, &Subject{UID: "1", StatesErr: failed}, nobody, Unclear, true},
		{"rows not found, live", Live, &Subject{UID: "1", StatesErr: missing}, nobody, Unclear, true},
		{"rows not found, deleted", Deleted, &Subject{UID: "1", StatesErr: missing}, nobody, Unlisted, false},
		{"rows not found, deleted, list in force", Deleted, &Subject{UID: "1", StatesErr: missing}, holds(Unexpired, later), Unexpired, false},
		{"deleted, removed, list not read", Deleted, rowOf(Removed, now), nil, Unclear, true},
		{"deleted, removed, list failed", Deleted, rowOf(Removed, now), &ClusterList{Cluster: "c", Err: failed}, Unclear, true},
		{"deleted, removed, absent", Deleted, rowOf(Removed, now), nobody, Removed, false},
		{"deleted, in force, list failed", Deleted, rowOf(Unexpired, later), &ClusterList{Cluster: "c", Err: failed}, Unexpired, false},
		{"both in force", Live, rowOf(Unexpired, sooner), holds(Unexpired, later), Unexpired, false},
	} {
		got, f := certificate(c.id, c.s, c.list, "c", now)
		if got.State != c.want || (f != nil) != c.fault {
			t.Errorf("%s: %s, fault %v; want %s, fault %v", c.name, got.State, f, c.want, c.fault)
		}
	}
	if got, _ := certificate(Live, rowOf(Unexpired, sooner), holds(Unexpired, later), "c", now); !got.Expires.Equal(later) {
		t.Errorf("of two expiries the later one counts, got %v", got.Expires)
	}
}
