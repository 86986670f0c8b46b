package node

// The parts of Kubernetes' objects that the stories look at.

type meta struct {
	Name, Namespace, UID string
	Labels, Annotations  map[string]string
}

type condition struct{ Type, Status, Reason, Message string }

// has says whether a condition holds.
func has(all []condition, kind string) bool { return of(all, kind).Status == "True" }

func of(all []condition, kind string) condition {
	for _, c := range all {
		if c.Type == kind {
			return c
		}
	}
	return condition{}
}

type job struct {
	Metadata meta
	Status   struct {
		Conditions                []condition
		Active, Succeeded, Failed int
		// Of an Indexed Job.
		CompletedIndexes, FailedIndexes string
	}
}

// ended says whether nothing more will come of it.
func (j job) ended() bool {
	return has(j.Status.Conditions, "Complete") || has(j.Status.Conditions, "Failed")
}

type pod struct {
	Metadata meta
	Status   struct {
		Phase             string
		Conditions        []condition
		ContainerStatuses []struct {
			ContainerID string
			State       struct {
				Running    *struct{}
				Waiting    *struct{ Reason, Message string }
				Terminated *terminated
			}
		}
	}
}

// terminated is how a container ended.
type terminated struct {
	ExitCode        int
	Signal          int
	Reason, Message string
}

// end is that of the pod's only container, nil while it has not ended.
func (p pod) end() *terminated {
	for _, s := range p.Status.ContainerStatuses {
		return s.State.Terminated
	}
	return nil
}
