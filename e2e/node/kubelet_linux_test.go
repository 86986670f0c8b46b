package node

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"ackrevoke/e2e/plane"
)

// startKubelet starts a kubelet and waits until its node is ready.
func startKubelet(t *testing.T, cluster *plane.Cluster, h *host, runtime containerd) *plane.Component {
	t.Helper()
	dir := filepath.Join(h.Dir, "kubelet")
	plane.Must(t, os.MkdirAll(dir, 0o755))
	ports := plane.FreePorts(t, 2)
	config, kubeconfig := filepath.Join(dir, "config.yaml"), filepath.Join(dir, "kubeconfig")
	plane.Write(t, config, fmt.Appendf(nil, kubeletConfig, dir, runtime.socket(), h.Group, ports[0], ports[1],
		filepath.Join(cluster.Dir, "ca.crt")))
	identity := cluster.CA.Client("system:node:"+nodeName, "system:nodes")
	plane.Write(t, kubeconfig, plane.ReadFile(t, plane.Kubeconfig(t, cluster.Server, cluster.CA.PEM(), identity)))
	k := plane.Launch(t, dir, "kubelet", "--config="+config, "--kubeconfig="+kubeconfig, "--root-dir="+filepath.Join(dir, "root"),
		"--cert-dir="+filepath.Join(dir, "pki"), "--hostname-override="+nodeName)
	plane.Await(t, "the node", func() (bool, string) {
		var node struct {
			Status struct{ Conditions []condition }
		}
		if err := cluster.Read("/api/v1/nodes/"+nodeName, &node); err != nil {
			return false, err.Error() + "\n" + k.Tail()
		}
		return has(node.Status.Conditions, "Ready"), fmt.Sprintf("%+v\n%s", node.Status.Conditions, k.Tail())
	})
	return k
}

// kubeletConfig takes the kubelet's folder, the socket of the runtime, the
// cgroup above all pods, two ports and the CA. The last minor that runs on
// cgroups of version 1 has to be told to.
const kubeletConfig = `apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
port: %[4]d
readOnlyPort: 0
healthzPort: %[5]d
healthzBindAddress: 127.0.0.1
authentication: {anonymous: {enabled: false}, webhook: {enabled: false}, x509: {clientCAFile: "%[6]s"}}
authorization: {mode: AlwaysAllow}
containerRuntimeEndpoint: unix://%[2]s
cgroupDriver: cgroupfs
cgroupRoot: /%[3]s
failCgroupV1: false
failSwapOn: false
enforceNodeAllocatable: [none]
makeIPTablesUtilChains: false
resolvConf: ""
oomScoreAdj: 0
maxOpenFiles: 20000
imageGCHighThresholdPercent: 100
imageGCLowThresholdPercent: 99
evictionHard: {memory.available: 50Mi, nodefs.available: "1%%", imagefs.available: "1%%"}
podLogsDir: %[1]s/podlogs
volumePluginDir: %[1]s/plugins
`
