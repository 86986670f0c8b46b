package plane

import (
	"crypto/tls"
	"fmt"
	"net/http"
	"path/filepath"
	"time"
)

// Control starts the controllers: with them a CronJob makes Jobs and a Job
// makes pods, a namespace gets its service account, and what is deleted goes.
func (c *Cluster) Control() {
	c.T.Helper()
	c.server("kube-controller-manager", "--service-account-private-key-file="+filepath.Join(c.Dir, "account.key"),
		"--root-ca-file="+filepath.Join(c.Dir, "ca.crt"))
	Await(c.T, "the service account of the namespace default", func() (bool, string) {
		status, body, err := c.Get("/api/v1/namespaces/default/serviceaccounts/default")
		return err == nil && status == http.StatusOK, fmt.Sprintf("HTTP %d %.200s %v", status, body, err)
	})
}

// Schedule starts the scheduler, which gives pods to nodes.
func (c *Cluster) Schedule() {
	c.T.Helper()
	c.server("kube-scheduler")
}

// server starts a component that asks the API server as its administrator and
// answers /healthz on a port of its own.
func (c *Cluster) server(name string, flags ...string) {
	c.T.Helper()
	began, port := time.Now(), FreePorts(c.T, 1)[0]
	component := Launch(c.T, c.Dir, name, append([]string{"--kubeconfig=" + c.Kubeconfig(), "--leader-elect=false",
		"--bind-address=127.0.0.1", fmt.Sprintf("--secure-port=%d", port), "--cert-dir=" + filepath.Join(c.Dir, name)}, flags...)...)
	// It makes a certificate for itself, which nobody here could know.
	client := &http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{
		TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS12, InsecureSkipVerify: true}}}
	why, ok := await(component.Gone, func() (bool, string) {
		res, err := client.Get(fmt.Sprintf("https://127.0.0.1:%d/healthz", port))
		if err != nil {
			return false, err.Error()
		}
		_ = res.Body.Close()
		return res.StatusCode == http.StatusOK, res.Status
	})
	if !ok {
		c.T.Fatalf("%s is not healthy: %s\n%s", name, why, component.Tail())
	}
	c.T.Logf("%s is healthy after %s", name, time.Since(began).Round(100*time.Millisecond))
}
