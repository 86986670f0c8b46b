package node

// The parts of Kubernetes' objects that the stories look at.

type condition struct{ Type, Status, Reason, Message string }

// has says whether a condition holds.
func has(all []condition, kind string) bool {
	for _, c := range all {
		if c.Type == kind {
			return c.Status == "True"
		}
	}
	return false
}
