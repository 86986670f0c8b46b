package node

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ackrevoke/e2e/plane"
)

// The names that the chart gives with the release name ackrevoke.
const (
	chart   = "deploy/chart/ackrevoke"
	cronJob = "ackrevoke"
)

// release is the chart, installed into a namespace of its own for one account.
type release struct {
	*node
	namespace string
	account   *account
	volume    string // the folder on the node that its claim gets
	values    []string
}

// prepare makes what the chart expects to be there: a namespace, a Secret with
// the keys, and a volume that its claim will find. flags are more of run.
func (n *node) prepare(t *testing.T, namespace string, a *account, id string, flags ...string) *release {
	t.Helper()
	r := &release{node: n, namespace: namespace, account: a}
	r.kubectl(t, "create", "namespace", namespace)
	r.kubectl(t, "label", "namespace", namespace, onNode)
	n.keys(t, namespace, id)
	r.volume = n.folder(t, namespace, namespace)
	r.values = []string{"--set=image.repository=" + repository, "--set=image.tag=" + tag, "--set=existingSecret.name=keys",
		"--set=storage.className=" + namespace, "--set=schedule=0 0 29 2 *",
		"--set=args={" + strings.Join(append(a.flags(), flags...), ",") + "}"}
	return r
}

// keys makes a Secret with those of a simulated account.
func (n *node) keys(t *testing.T, namespace, id string) {
	t.Helper()
	n.Kubectl(t, "", "--namespace="+namespace, "create", "secret", "generic", "keys",
		"--from-literal=ALIBABA_CLOUD_ACCESS_KEY_ID=simulated-"+id, "--from-literal=ALIBABA_CLOUD_ACCESS_KEY_SECRET=not-a-secret-"+id)
}

// folder makes a volume for a claim of this class, and returns where it is.
func (n *node) folder(t *testing.T, name, class string) string {
	t.Helper()
	path := filepath.Join(n.host.Dir, "volumes", name)
	plane.Must(t, os.MkdirAll(path, 0o755))
	plane.Must(t, os.Chown(path, 65532, 65532)) // fsGroup changes no hostPath
	n.Kubectl(t, fmt.Sprintf(volume, name, class, path), "apply", "--filename=-")
	return path
}

const volume = `apiVersion: v1
kind: PersistentVolume
metadata: {name: %s}
spec:
  storageClassName: %s
  capacity: {storage: 20Gi}
  accessModes: [ReadWriteOnce, ReadWriteMany]
  persistentVolumeReclaimPolicy: Retain
  hostPath: {path: %s, type: Directory}
`

// install installs or upgrades it.
func (r *release) install(t *testing.T, values ...string) {
	t.Helper()
	args := append([]string{"upgrade", "--install", "ackrevoke", chart, "--namespace", r.namespace}, r.values...)
	r.Helm(t, append(args, values...)...)
}

func (r *release) kubectl(t *testing.T, args ...string) string {
	t.Helper()
	return r.Kubectl(t, "", append([]string{"--namespace=" + r.namespace}, args...)...)
}

// begin makes a Job of the CronJob, as a person does who wants an answer now.
func (r *release) begin(t *testing.T, name string) {
	t.Helper()
	r.kubectl(t, "create", "job", name, "--from=cronjob/"+cronJob)
}

// ended is how a Job ended, and its last pod; report is what lies on the volume.
type ended struct {
	job
	pods []pod
	log  string
}

func (e ended) exit() terminated {
	if len(e.pods) == 0 || e.pods[len(e.pods)-1].end() == nil {
		return terminated{ExitCode: -1, Message: "no pod has ended"}
	}
	return *e.pods[len(e.pods)-1].end()
}

// reason is why a Job has failed, empty where it has not.
func (e ended) reason() string {
	if c := of(e.Status.Conditions, "Failed"); c.Status == "True" {
		return c.Reason
	}
	return ""
}

// run begins a Job and waits for its end.
func (r *release) run(t *testing.T, name string) ended {
	t.Helper()
	r.begin(t, name)
	return r.wait(t, name)
}

// wait waits until a Job has ended.
func (r *release) wait(t *testing.T, name string) ended {
	t.Helper()
	var e ended
	plane.Await(t, "the end of the Job "+name, func() (bool, string) {
		err := r.Read("/apis/batch/v1/namespaces/"+r.namespace+"/jobs/"+name, &e.job)
		if err != nil || !e.ended() {
			said, _ := r.TryKubectl("", "--namespace="+r.namespace, "describe", "job/"+name, "pods")
			return false, fmt.Sprint(err, said)
		}
		return true, ""
	})
	e.pods = r.pods(t, name)
	if said, err := r.TryKubectl("", "--namespace="+r.namespace, "logs", "job/"+name); err == nil {
		e.log = said
	}
	t.Logf("the Job %s: %+v, %d pods, the last ended as %+v", name, e.Status.Conditions, len(e.pods), e.exit())
	return e
}

// pods are those of a Job that are still known.
func (r *release) pods(t *testing.T, job string) []pod {
	t.Helper()
	var list struct{ Items []pod }
	plane.Must(t, r.Read("/api/v1/namespaces/"+r.namespace+"/pods?labelSelector=batch.kubernetes.io/job-name="+job, &list))
	return list.Items
}

// read is a file on the volume; a pod's user wrote it.
func (r *release) read(t *testing.T, name string) []byte {
	t.Helper()
	return plane.ReadFile(t, filepath.Join(r.volume, name))
}

// lastLine is the closing line in a log.
func lastLine(log string) string {
	log = strings.TrimSpace(log)
	return log[strings.LastIndex(log, "\n")+1:]
}
