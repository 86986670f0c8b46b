package policy

import (
	"fmt"
	"runtime"
	"slices"
	"testing"
	"time"
)

// BenchmarkMillion plans and guards 1,000 principals on 1,000 clusters: a million
// targets, of which each principal holds something on two. It shows the bytes that
// stay in use while the plan does, which grow with actions and not with targets. Of
// those who are deleted the list of each cluster is read as well.
func BenchmarkMillion(b *testing.B) {
	for _, identity := range []IdentityState{Live, Deleted} {
		b.Run(string(identity), func(b *testing.B) {
			now := time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)
			p, obs := crowded(1000, 1000, identity == Deleted)
			b.ReportAllocs()
			for b.Loop() {
				r := Resolve(p, obs.Directory, now)
				plan := Guard(Decide(r, obs), p.Guards, Approval{}, now)
				if len(plan.Actions) != 2000 || slices.ContainsFunc(plan.Guards, func(g GuardRow) bool { return g.Tripped }) {
					b.Fatalf("%d actions, %d refused, %d unknown", len(plan.Actions), len(plan.Refused), len(plan.Unknown))
				}
			}
			var m runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&m)
			b.ReportMetric(float64(m.HeapAlloc)/1e6, "MB-in-use")
			runtime.KeepAlive(obs)
		})
	}
}

// What is left to read is as long as the list of clusters, however many are deleted.
func TestNeedsGrowWithClusters(t *testing.T) {
	p, obs := crowded(1000, 1000, true)
	r := Resolve(p, obs.Directory, time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC))
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	lists, _ := r.Needs(obs.Subjects)
	runtime.ReadMemStats(&after)
	if used := after.TotalAlloc - before.TotalAlloc; len(lists) != 1000 || used > 4<<20 {
		t.Errorf("%d lists, for %d bytes", len(lists), used)
	}
}

// crowded is an account in which each of so many departed people holds a certificate
// on two clusters, and was never seen on the others.
func crowded(people, clusters int, deleted bool) (*Policy, Observation) {
	const account = "1234567890123456"
	p := &Policy{Account: account, Guards: Guards{MaxPrincipals: people, MaxRevocations: 2 * people}}
	obs := Observation{Directory: Directory{Caller: Caller{AccountID: account, UID: account, Type: RootAccount}}}
	rows := make([]State, clusters)
	for i := range rows {
		rows[i] = State{Cluster: fmt.Sprintf("c%032d", i), Cert: Unissued}
		obs.Directory.Clusters = append(obs.Directory.Clusters, Cluster{ID: rows[i].Cluster, Name: fmt.Sprint("cluster-", i),
			Region: "cn-hangzhou", Type: "ManagedKubernetes", State: "running"})
	}
	for i := range rows {
		if deleted {
			obs.Lists = append(obs.Lists, ClusterList{Cluster: rows[i].Cluster})
		}
	}
	for i := range people {
		uid := fmt.Sprintf("2%017d", i)
		p.Principals = append(p.Principals, Principal{UID: uid, Kind: User, Reason: Departed})
		if !deleted {
			obs.Directory.Users = append(obs.Directory.Users, Identity{UID: uid, Kind: User, Name: fmt.Sprint("user-", i)})
		}
		held := append([]State(nil), rows...)
		for k := range 2 {
			x := &held[(7*i+k)%clusters]
			x.Cert, x.Expires = Unexpired, time.Date(2048, 1, 1, 0, 0, 0, 0, time.UTC)
			if deleted {
				l := &obs.Lists[(7*i+k)%clusters]
				l.Holders = append(l.Holders, Holder{UID: uid, AccountType: "RamUser", AccountState: "Deleted", Cert: x.Cert, Expires: x.Expires})
			}
		}
		obs.Subjects = append(obs.Subjects, Subject{UID: uid, States: NewStates(held...)})
	}
	return p, obs
}

// BenchmarkHeldEverywhere plans for people who hold something on each of many clusters
// with long lists: deleted ones, whose names are in the lists, and live ones of whom one
// certificate is pinned.
func BenchmarkHeldEverywhere(b *testing.B) {
	const people, clusters, holders = 10, 200, 500
	now := time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)
	for _, identity := range []IdentityState{Live, Deleted} {
		b.Run(string(identity), func(b *testing.B) {
			p, obs := crowded(people, clusters, identity == Deleted)
			state := "Deleted"
			if identity == Live {
				state = "Active"
				obs.Lists = make([]ClusterList, clusters)
			}
			p.Guards.MaxRevocations = people * clusters
			until := now.AddDate(1, 0, 0)
			for i, c := range obs.Directory.Clusters {
				l := &obs.Lists[i]
				*l = ClusterList{Cluster: c.ID}
				for k := range holders {
					uid := fmt.Sprintf("2%017d", holders-1-k)
					l.Holders = append(l.Holders, Holder{UID: uid, Name: "user-" + uid, AccountState: state, Cert: Unexpired, Expires: until})
				}
			}
			for i := range p.Principals {
				rows := make([]State, clusters)
				for k, c := range obs.Directory.Clusters {
					rows[k] = State{Cluster: c.ID, Cert: Unexpired, Expires: until}
				}
				obs.Subjects[i].States = NewStates(rows...)
				if identity == Live {
					p.Principals[i].Reason, p.Principals[i].Pins = Compromised, []Pin{{Cluster: rows[0].Cluster, Expires: until}}
				}
			}
			for b.Loop() {
				plan := Decide(Resolve(p, obs.Directory, now), obs)
				if n := len(plan.Actions); n != people && n != people*clusters {
					b.Fatalf("%d actions, %+v", n, plan.Refused)
				}
			}
		})
	}
}
