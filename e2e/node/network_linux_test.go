package node

import (
	"strings"
	"testing"

	"ackrevoke/e2e/plane"
)

// The simulated account listens on loopback and nowhere else, and the program
// speaks plain HTTP with loopback alone. So in a namespace with this label
// every pod uses the network of the node. The cluster sees to it: what the
// chart makes is installed as it is.
const onNode = "network=node"

// nodeNetwork has pods put onto the network of the node, and waits until they are.
func (n *node) nodeNetwork(t *testing.T) {
	t.Helper()
	n.Kubectl(t, onNodePolicy, "apply", "--filename=-")
	n.Kubectl(t, "", "create", "namespace", "probe")
	n.Kubectl(t, "", "label", "namespace", "probe", onNode)
	const probe = `{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "probe"},
		"spec": {"containers": [{"name": "probe", "image": "none"}]}}`
	plane.Await(t, "the policy of pods on the node's network", func() (bool, string) {
		_, said, err := n.Do("POST", "/api/v1/namespaces/probe/pods?dryRun=All", probe)
		return err == nil && strings.Contains(said, `"hostNetwork":true`), said
	})
}

const onNodePolicy = `apiVersion: admissionregistration.k8s.io/v1
kind: MutatingAdmissionPolicy
metadata: {name: on-the-node}
spec:
  matchConstraints:
    namespaceSelector: {matchLabels: {network: node}}
    resourceRules: [{apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [pods]}]
  failurePolicy: Fail
  reinvocationPolicy: Never
  mutations:
  - patchType: ApplyConfiguration
    applyConfiguration: {expression: "Object{spec: Object.spec{hostNetwork: true}}"}
---
apiVersion: admissionregistration.k8s.io/v1
kind: MutatingAdmissionPolicyBinding
metadata: {name: on-the-node}
spec: {policyName: on-the-node}
`
