package report

// Limits returns what no run can end, one sentence each. They stand in every
// report: a list of what was taken away reads as "everything" otherwise.
func Limits() []string {
	return []string{
		"What the service confirms to have removed is the KubeConfig record and the grants that ACK made, nothing beyond.",
		"A certificate may go on authenticating until it expires, for Kubernetes has no revocation list.",
		"Bindings made by hand for the user name <uid> or <uid>-<digits>, or for groups, stay.",
		"A certificate whose organisation is system:masters is beyond RBAC and keeps its power.",
		"Connections that are already open are not closed.",
		"Service-account tokens that the person made stay valid.",
		"Access through ack-ram-authenticator mappings stays.",
		"The RAM identity itself stays, with its console login and access keys; a live one can fetch a new file.",
		"People who come through CloudSSO or role SSO have no credential of their own that could be revoked.",
		"What was removed can be restored from the 30-day recycle bin, which is why every run looks again.",
		"A grant managed by Terraform comes back with its next apply: take it out there first.",
		"A second writer to the same account is not detected.",
	}
}
