package liar

import (
	"slices"
	"time"
)

// drawStrange draws what the documentation does not exclude and the oracle does
// not compute, so that only safety is asked of such a world: reads that lag
// longer than a proof waits, and effects that come about when it ends or between
// two runs (what is seen then hangs on the moment of each read), and refusals
// that look like another answer, a denial, something not found, a conflict or a
// failure of the server (then it is the number of tries that decides).
func (f *fable) drawStrange(p pencil) {
	f.strange = true
	switch p.IntN(5) {
	case 0:
		f.open.lag = 5 * time.Minute // longer than a proof waits
	case 1:
		f.open.effect = oneOf(p, 90*time.Second, 3*time.Minute, 10*time.Minute) // about as long, or between two runs
	case 2:
		f.open.refusalCode = oneOf(p, "Forbidden.InUse", "ErrorClusterNotFound", "ErrAuthorizationConflict", "InternalError")
		f.open.refusalStatus = oneOf(p, 403, 404, 409, 500, 503)
		for i := range f.list.entries {
			f.list.entries[i].unforced = true
		}
	case 3:
		f.open.unreachableCode = oneOf(p, "StatusForbidden", "ErrorClusterNotFound", "ServiceUnavailable", "ErrorJsonDecode")
		f.open.unreachableStatus = oneOf(p, 403, 404, 409, 500, 503)
		f.clusters[p.IntN(len(f.clusters))].unreachable = true
	case 4: // the second application plans by what was before the first, and the service has nothing to take
		f.open.cleanNothing, f.open.effect = "notFound", 0
		for _, e := range f.list.entries {
			f.faults = append(f.faults, drawnFault{on: "ListUserKubeConfigStates", uid: e.uid, from: 4 + p.IntN(2), times: 1, do: "lag",
				delay: time.Hour})
		}
	}
}

var faultKinds = []string{"throttle", "error", "denied", "tokenExpires", "empty500", "html502", "redirect", "resetBefore", "hang",
	"acceptNothing",
	"resetAfter", "noContent", "truncated", "slow", "lag", "wrongTotal", "repeatPage", "certificateOnly", "grantsOnly", "takesTooMuch",
	"takesAllClusters"}

func (f *fable) drawFaults(p pencil) {
	for range 1 + p.IntN(3) {
		m := drawnFault{do: oneOf(p, faultKinds...), from: mostly(p, 50, 1, 2, 3, 4), times: mostly(p, 40, 1, 2, 3, 6)}
		m.on = oneOf(p, "read", "write", "any", "CleanClusterUserPermissions", "UpdateUserPermissions", "DescribeUserPermission",
			"ListUserKubeConfigStates",
			"ListClusterKubeconfigStates", "DescribeClustersForRegion", "DescribeClusterDetail", "ListUsers", "ListRoles", "GetCallerIdentity")
		switch m.do {
		case "certificateOnly", "grantsOnly", "takesTooMuch", "takesAllClusters":
			m.on = "CleanClusterUserPermissions"
		case "tokenExpires":
			m.on, m.from = oneOf(p, "any", "write", "write"), 1+p.IntN(20)
			if m.on == "write" {
				m.from = 1 + p.IntN(2)
			}
		case "acceptNothing":
			m.on = mostly(p, 30, "write", "any", "read")
		case "lag":
			m.on, m.delay, m.times = oneOf(p, "read", "DescribeUserPermission", "ListUserKubeConfigStates"),
				oneOf(p, 5*time.Second, time.Hour), 1+p.IntN(6)
			if p.chance(50) { // what the second application reads is older than the first
				m.from, m.times = 8+p.IntN(12), 20
			}
		case "slow":
			m.delay = oneOf(p, 3*time.Second, 20*time.Second, 40*time.Second)
		case "throttle":
			m.retryAfter = oneOf(p, 0, 5*time.Second)
		case "error":
			m.code, m.status = oneOf(p, "Whatever", "ErrAuthorizationConflict", "InternalError", "SignatureDoesNotMatch"),
				oneOf(p, 400, 403, 409, 500, 503)
			if p.chance(15) { // of a read it would be the service's own lie
				m.on, m.code, m.status = "write", oneOf(p, "ErrorKubeConfigNotFound", "ErrorClusterNotFound"), 404
			}
		}
		if len(f.list.entries) > 0 && p.chance(30) {
			m.uid = oneOf(p, f.list.entries...).uid
		}
		if p.chance(20) {
			m.cluster = oneOf(p, f.clusters...).id
		}
		if p.chance(8) {
			m.times = 0
		}
		f.faults = append(f.faults, m)
	}
}

// prompt says that what a write did is seen at once.
func (f *fable) prompt() bool {
	return f.open.lag == 0 && f.open.effect == 0 && f.open.cleanRenewed == "both" &&
		!slices.ContainsFunc(f.faults, func(m drawnFault) bool { return m.do == "lag" })
}

// lasting says that a fault does not end, so that no later run need converge.
func (f *fable) lasting() bool {
	return slices.ContainsFunc(f.faults, func(m drawnFault) bool { return m.times == 0 || m.do == "tokenExpires" })
}
