package report

// PermissionText says in words what a leaked credential may do.
func PermissionText(m EvidencePermission) string { return permissionText(m) }

// AccessText says in words what was asked of a cluster.
func AccessText(a EvidenceAccess) string { return accessText(a) }
