package node

import (
	"testing"
	"time"
)

func stories(t *testing.T, n *node) {
	n.Kubectl(t, smoke, "apply", "-f", "-")
	time.Sleep(5 * time.Second)
	t.Log(n.Kubectl(t, "", "get", "pods,jobs", "-o", "wide"))
	t.Log(n.Kubectl(t, "", "describe", "pods"))
}

const smoke = `
apiVersion: batch/v1
kind: Job
metadata: {name: smoke}
spec:
  backoffLimit: 0
  template:
    spec:
      restartPolicy: Never
      hostNetwork: true
      containers:
      - {name: x, image: "ackrevoke.test/pause:v1", imagePullPolicy: Never}
`
