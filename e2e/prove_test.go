// Package e2e asks a real kube-apiserver what the simulated one cannot answer
// for: whether a client certificate still opens anything.
//
// It is a module of its own, so that the program's has none of Kubernetes'
// dependencies; it needs nothing but Go. The first run compiles etcd and
// Kubernetes, which takes minutes; the binary is kept in .cache under a name
// that its sources give it.
//
//	plane/      a Kubernetes on loopback         server/     the binary of it
//	.           what prove says of certificates  make e2e-control-plane
//	chart/      the chart on an API server       make e2e-control-plane
//	node/       the image in pods on a node      make e2e-node
//	signal/     a Pushgateway and promtool       make e2e-signal
//	interop/    releases of the vendor's SDK     make interop
package e2e

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ackrevoke/e2e/plane"
)

func TestMain(m *testing.M) { os.Exit(plane.Main(m, "prove")) }

// cluster is one that leaked files are tried on.
type cluster struct{ *plane.Cluster }

func startCluster(t *testing.T, flags ...string) *cluster {
	t.Helper()
	return &cluster{plane.NewCluster(t, flags...)}
}

const uid = "200000000000000001"

// The names of ACK: the subject is the certificate's name, <uid>-<digits>.
var name = uid + "-1676970192"

const rbac = "/apis/rbac.authorization.k8s.io/v1"

// bind gives a role to a user as ACK does, on the whole cluster for no
// namespace, and returns the path of the binding.
func (c *cluster) bind(subject, role, namespace string) string {
	c.T.Helper()
	uid, _, _ := strings.Cut(subject, "-")
	kind, binding, path := "ClusterRoleBinding", uid+"-clusterrolebinding", rbac+"/clusterrolebindings"
	if namespace != "" {
		kind, binding, path = "RoleBinding", uid+"-"+namespace+"-rolebinding", rbac+"/namespaces/"+namespace+"/rolebindings"
	}
	c.Apply("POST", path, fmt.Sprintf(`{"apiVersion":"rbac.authorization.k8s.io/v1","kind":%q,"metadata":{"name":%q},
		"roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"ClusterRole","name":%q},
		"subjects":[{"apiGroup":"rbac.authorization.k8s.io","kind":"User","name":%q}]}`, kind, binding, role, subject))
	return path + "/" + binding
}

// remove takes a binding of the subject away.
func (c *cluster) remove(binding, namespace string) {
	c.T.Helper()
	c.Apply("DELETE", binding, "")
	c.await(name, namespace, `"allowed":false}`) // no reason: no binding is left that it could name
}

// await waits until the API server knows of a change of RBAC: it judges by a
// copy that lags a little behind.
func (c *cluster) await(subject, namespace, says string) {
	c.T.Helper()
	question := fmt.Sprintf(`{"apiVersion":"authorization.k8s.io/v1","kind":"SubjectAccessReview","spec":{"user":%q,"groups":["system:authenticated"],
		"resourceAttributes":{"verb":"get","group":"apps","resource":"deployments","namespace":%q}}}`, subject, namespace)
	deadline := time.After(30 * time.Second)
	for {
		status, said, err := c.Do("POST", "/apis/authorization.k8s.io/v1/subjectaccessreviews", question)
		if err == nil && status == 201 && strings.Contains(said, says) {
			return
		}
		select {
		case <-deadline:
			c.T.Fatalf("the server does not say %s of %s: HTTP %d %s %v", says, subject, status, said, err)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// proof is what prove says as JSON.
type proof struct {
	Schema   string
	ExitCode int
	Proof    struct {
		Verdict, Why, Username string
		May                    []struct{ Verbs, APIGroups, Resources, Namespaces []string }
		Access                 []struct {
			Verb, Resource, Namespace, Reason string
			Allowed                           bool
		}
		Unanswered []string
	}
}

// prove runs the program on a file and expects an exit code and a verdict.
func (c *cluster) prove(file string, code int, verdict string, flags ...string) proof {
	c.T.Helper()
	args := append([]string{"prove", file, "--server", c.Server, "--format", "json"}, flags...)
	p := exec.Command(plane.Program, args...)
	// Nothing of this machine: no proxy, no keys of a person, no home.
	p.Env = []string{"PATH=" + os.Getenv("PATH")}
	var stdout, stderr bytes.Buffer
	p.Stdout, p.Stderr = &stdout, &stderr
	err := p.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		c.T.Fatal(err)
	}
	var got proof
	if err := json.Unmarshal(stdout.Bytes(), &got); err != nil {
		c.T.Fatalf("exit %d, %v\n%s%s", p.ProcessState.ExitCode(), err, stdout.String(), stderr.String())
	}
	c.T.Logf("exit %d %s: %s", p.ProcessState.ExitCode(), got.Proof.Verdict, got.Proof.Why)
	if p.ProcessState.ExitCode() != code || got.ExitCode != code || got.Proof.Verdict != verdict {
		c.T.Errorf("exit %d, want %d %s:\n%s%s", p.ProcessState.ExitCode(), code, verdict, stdout.String(), stderr.String())
	}
	data, err := os.ReadFile(file)
	plane.Must(c.T, err)
	for _, secret := range secretsOf(string(data)) {
		if strings.Contains(stdout.String()+stderr.String(), secret) {
			c.T.Error("key material in what it says")
		}
	}
	return got
}

// secretsOf finds the keys of a kubeconfig.
func secretsOf(file string) []string {
	var found []string
	for _, line := range strings.Split(file, "\n") {
		if _, key, ok := strings.Cut(line, "client-key-data: "); ok {
			found = append(found, key, key[:40], key[len(key)/2:])
		}
	}
	return found
}

// The whole life of a leaked certificate on one real API server.
func TestFromAliveToDead(t *testing.T) {
	plane.Shows(t, "prove tells a leaked certificate's life on a real API server: bound, freed, unknown CA, expired, stopped")
	c := startCluster(t)
	leaked := plane.Kubeconfig(t, c.Server, c.CA.PEM(), c.CA.Client(name))
	c.Apply("POST", rbac+"/clusterroles", `{"apiVersion":"rbac.authorization.k8s.io/v1","kind":"ClusterRole","metadata":{"name":"cs:dev"},
		"rules":[{"apiGroups":["apps"],"resources":["deployments"],"verbs":["*"]}]}`)

	t.Log("a certificate without any binding")
	got := c.prove(leaked, 0, "powerless")
	if got.Schema != "ackrevoke.prove/v1" || got.Proof.Username != name || len(got.Proof.May) > 0 {
		t.Errorf("%+v", got)
	}

	t.Log("bound on the cluster, as ACK does it")
	binding := c.bind(name, "cs:dev", "")
	c.await(name, "", `"allowed":true`)
	got = c.prove(leaked, 5, "alive")
	if len(got.Proof.May) != 1 || strings.Join(got.Proof.May[0].Resources, ",") != "deployments" {
		t.Errorf("it may %+v", got.Proof.May)
	}

	t.Log("its binding is removed")
	c.remove(binding, "")
	c.prove(leaked, 0, "powerless")

	t.Log("administrator of the cluster: the server names the binding")
	binding = c.bind(name, "cluster-admin", "")
	c.await(name, "", `"allowed":true`)
	got = c.prove(leaked, 5, "alive")
	named := false
	for _, a := range got.Proof.Access {
		if !a.Allowed {
			t.Errorf("an administrator may not %+v", a)
		}
		named = named || strings.Contains(a.Reason, uid+"-clusterrolebinding")
	}
	if !named {
		t.Error("no answer names the binding")
	}
	c.remove(binding, "")

	t.Log("bound in one namespace: seen only where it is looked for, and prove says where it looked")
	c.Apply("POST", "/api/v1/namespaces", `{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"web"}}`)
	binding = c.bind(name, "cs:dev", "web") // edit and view are empty here: a controller that does not run fills them
	c.await(name, "web", `"allowed":true`)
	c.prove(leaked, 5, "alive", "--namespace", "web")
	c.remove(binding, "web")
	c.prove(leaked, 0, "powerless", "--namespace", "web")

	t.Log("bound to a role that is not there: whoever makes it gives the certificate its power")
	binding = c.bind(name, "gone", "default")
	c.await(name, "default", `\"gone\" not found`)
	got = c.prove(leaked, 6, "unreachable")
	if !strings.Contains(got.Proof.Why, `"gone" not found`) {
		t.Error(got.Proof.Why)
	}
	c.remove(binding, "default")

	t.Log("the same name, signed by an unknown CA, which has another name or the same")
	c.bind(name, "cluster-admin", "")
	c.await(name, "", `"allowed":true`)
	for _, ca := range []string{"another", "kubernetes"} {
		c.prove(plane.Kubeconfig(t, c.Server, c.CA.PEM(), plane.NewAuthority(t, ca).Client(name)), 0, "dead")
	}

	t.Log("expired")
	got = c.prove(plane.Kubeconfig(t, c.Server, c.CA.PEM(), c.CA.ClientUntil(time.Now().Add(-time.Minute), name)), 0, "dead")
	if !strings.Contains(got.Proof.Why, "expired") {
		t.Error(got.Proof.Why)
	}

	t.Log("in system:masters, without any binding")
	got = c.prove(plane.Kubeconfig(t, c.Server, c.CA.PEM(), c.CA.Client("200000000000000009-1676970192", "system:masters")), 5, "alive")
	if !strings.Contains(got.Proof.Why, "system:masters") {
		t.Error(got.Proof.Why)
	}

	t.Log("the server is verified by the CA of the file, also where the file says not to")
	stranger := plane.Kubeconfig(t, c.Server, plane.NewAuthority(t, "stranger").PEM(), c.CA.Client(name))
	c.prove(stranger, 6, "unreachable")
	data, err := os.ReadFile(stranger)
	plane.Must(t, err)
	plane.Write(t, stranger, bytes.Replace(data, []byte("    server:"), []byte("    insecure-skip-tls-verify: true\n    server:"), 1))
	c.prove(stranger, 6, "unreachable")

	t.Log("a file with a program, a proxy and a token beside the certificate: none is used")
	canary := filepath.Join(t.TempDir(), "canary")
	armed := plane.Kubeconfig(t, c.Server, c.CA.PEM(), c.CA.Client(name),
		"token: not-a-token", "as: system:admin",
		"exec: {apiVersion: client.authentication.k8s.io/v1, command: /bin/sh, args: [-c, 'touch "+canary+"'], interactiveMode: Never}")
	data, err = os.ReadFile(armed)
	plane.Must(t, err)
	plane.Write(t, armed, bytes.Replace(data, []byte("    server:"), []byte("    proxy-url: http://127.0.0.1:1\n    server:"), 1))
	c.prove(armed, 5, "alive")
	if _, err := os.Stat(canary); !errors.Is(err, os.ErrNotExist) {
		t.Error("the program of the file was run")
	}

	t.Log("a stopped server")
	c.Stop()
	c.prove(leaked, 6, "unreachable")
}

// A file whose only credential is a program is refused, and the program is not run.
func TestExecIsNeverRun(t *testing.T) {
	plane.Shows(t, "prove never runs the program of a file")
	canary := filepath.Join(t.TempDir(), "canary")
	path := filepath.Join(t.TempDir(), "leaked.kubeconfig")
	plane.Write(t, path, []byte(`apiVersion: v1
kind: Config
current-context: x
contexts: [{name: x, context: {cluster: c, user: u}}]
clusters: [{name: c, cluster: {server: "https://127.0.0.1:1"}}]
users: [{name: u, user: {exec: {apiVersion: client.authentication.k8s.io/v1, command: /bin/sh, args: [-c, "touch `+canary+`"], interactiveMode: Never}}}]
`))
	p := exec.Command(plane.Program, "prove", path, "--server", "https://127.0.0.1:1")
	said, err := p.CombinedOutput()
	if err == nil || p.ProcessState.ExitCode() != 2 || !strings.Contains(string(said), "not inline") {
		t.Errorf("exit %d: %s", p.ProcessState.ExitCode(), said)
	}
	if _, err := os.Stat(canary); !errors.Is(err, os.ErrNotExist) {
		t.Error("the program of the file was run")
	}
}

// Without anonymous users a server answers the same.
func TestWithoutAnonymousUsers(t *testing.T) {
	plane.Shows(t, "prove says the same where nobody is anonymous")
	c := startCluster(t, "--anonymous-auth=false")
	c.prove(plane.Kubeconfig(t, c.Server, c.CA.PEM(), c.CA.Client(name)), 0, "powerless")
	c.prove(plane.Kubeconfig(t, c.Server, c.CA.PEM(), plane.NewAuthority(t, "another").Client(name)), 0, "dead")
}

// A balancer that ends TLS with a certificate of the cluster's own CA, and asks
// for none, hides the credential from the server: what that says of nobody is
// nothing about the credential.
func TestBehindABalancer(t *testing.T) {
	plane.Shows(t, "prove is not fooled by a balancer that hides the certificate")
	c := startCluster(t)
	c.Server = front(t, c)
	c.prove(plane.Kubeconfig(t, c.Server, c.CA.PEM(), c.CA.Client(name)), 6, "unreachable")
}
