package node

import (
	"path/filepath"
	"testing"
	"time"

	"ackrevoke/e2e/plane"
)

// nodeName is what kubectl drain calls it.
const nodeName = "node1"

// node is a cluster of one.
type node struct {
	*plane.Cluster
	runtime containerd
	host    *host
}

// startNode brings everything up, and takes it down with the test: first what
// runs in pods, then the kubelet, then the runtime.
func startNode(t *testing.T, h *host) *node {
	t.Helper()
	n, all := &node{host: h}, time.Now()
	n.runtime = startContainerd(t, filepath.Join(h.Dir, "runtime"))
	n.Cluster = plane.NewCluster(t, "--allow-privileged=true")
	n.Control()
	n.Schedule()
	began := time.Now()
	startKubelet(t, n.Cluster, h, n.runtime)
	t.Logf("the node is ready %s after its kubelet was started", time.Since(began).Round(100*time.Millisecond))
	plane.Shown(all, "a node: etcd, API server, controllers, scheduler, containerd, and a kubelet that is ready")
	t.Cleanup(func() { n.empty(t) })
	return n
}

// empty deletes whatever makes pods and then the pods, and waits until none
// runs any more: what a killed kubelet leaves is a mount and a cgroup for each.
func (n *node) empty(t *testing.T) {
	t.Helper()
	n.Kubectl(t, "", "delete", "cronjobs,jobs,pods", "--all", "--all-namespaces", "--wait=false")
	plane.Await(t, "an empty node", func() (bool, string) {
		pods, err := n.TryKubectl("", "get", "pods", "--all-namespaces", "--output=name")
		tasks, failed := n.runtime.try("tasks", "list", "-q")
		return err == nil && failed == nil && pods+tasks == "", pods + tasks
	})
}
