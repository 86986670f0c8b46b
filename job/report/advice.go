package report

import "ackrevoke/policy"

// Advice says what to do about an unknown, by its why.
func Advice(w policy.Why) string {
	switch w {
	case policy.NoTrace:
		return "check the uid for a typo; if the identity was deleted for certain, state deleted: true on the entry"
	case policy.MatchesNothing:
		return "correct it in the policy or take it out: it matches no cluster in scope"
	case policy.GrantsNotVisible:
		return "make the caller RBAC administrator of this cluster, or of all clusters, and run again"
	case policy.AllClustersNotVisible:
		return "make the caller RBAC administrator of all clusters, and run again"
	case policy.CertificateUnclear:
		return "look at the cluster's KubeConfig list in the console; run again when the service says what state the certificate has"
	case policy.ClusterNotListed:
		return "the listing of clusters is short: look for a condition (tags, resource groups) in the caller's RAM policy, and use the " +
			"central endpoint, which answers for every region"
	case policy.IdentityUnclear:
		return "look for the uid in the RAM console, also in its recycle bin, and look again in a minute; if it stays, the listing of RAM is " +
			"not complete for this caller"
	case policy.RegionNotRead:
		return "make the region readable for the caller; if it is not open to the account, " +
			"accept it until a date (accepted, what: unread, region)"
	case policy.ListingMayBeShort:
		return "give the caller cs:DescribeRegions and cs:DescribeClustersForRegion in RAM: the operation that was used instead is being " +
			"switched off"
	case policy.PinNotShown:
		return "check the pin's cluster and expiry: the service shows no such certificate there; take the pin out if a run has ended it"
	case policy.RenewalPossible:
		return "the pinned certificate may live on beside its renewal: lock the principal out (until:), or wait for the pin's expiry"
	case policy.ReadFailed:
		return "run again; check network, endpoints and the caller's permissions if it stays"
	}
	return "run again; if it stays, report it together with this report"
}
