package node

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"ackrevoke/e2e/plane"
)

// document is a section of docs/operate.md, whose commands are typed one after
// the other, as they stand there, by somebody in a folder with the repository's
// deploy and files of their own.
type document struct {
	*node
	dir     string
	lines   []string          // to be typed
	files   map[string]string // that it shows, by the name in their first line
	account *account
}

// section reads the commands of "Install in a cluster".
func (n *node) section(t *testing.T) *document {
	t.Helper()
	text := string(plane.ReadFile(t, filepath.Join(plane.Repository, "docs", "operate.md")))
	_, text, _ = strings.Cut(text, "\n## Install in a cluster\n")
	text, _, _ = strings.Cut(text, "\n## ")
	d := &document{node: n, dir: t.TempDir(), files: map[string]string{}}
	for _, block := range regexp.MustCompile("(?ms)^```(sh|yml)\n(.*?)^```$").FindAllStringSubmatch(text, -1) {
		if first, _, _ := strings.Cut(block[2], "\n"); block[1] == "yml" {
			d.files[strings.TrimPrefix(first, "# ")] = block[2]
		}
		for line := range strings.Lines(block[2]) {
			// What ends a retired account's group is sent to a gateway in another test (TestRetiredAccount).
			if line = strings.TrimSpace(line); block[1] == "sh" && line != "" && !strings.HasPrefix(line, "curl -X DELETE ") {
				d.lines = append(d.lines, line)
			}
		}
	}
	plane.Must(t, os.Symlink(filepath.Join(plane.Repository, "deploy"), filepath.Join(d.dir, "deploy")))
	n.Tools(t, d.dir)
	for name, text := range d.files {
		d.write(t, name, text)
	}
	return d
}

func (d *document) write(t *testing.T, name, text string) {
	t.Helper()
	plane.Write(t, filepath.Join(d.dir, name), []byte(text))
}

// types types the next line, which begins like this, and returns what it says.
func (d *document) types(t *testing.T, begins string) string {
	t.Helper()
	if len(d.lines) == 0 || !strings.HasPrefix(d.lines[0], begins) {
		t.Fatalf("the next line is not %q: %q", begins, d.lines)
	}
	line := d.lines[0]
	d.lines = d.lines[1:]
	return d.again(t, line)
}

// again types a line, once more if need be.
func (d *document) again(t *testing.T, line string) string {
	t.Helper()
	t.Logf("$ %s", line)
	var out []byte
	plane.Await(t, line, func() (bool, string) {
		p := exec.Command("bash", "-o", "pipefail", "-c", line)
		p.Dir, p.Env = d.dir, append(d.Env(), "PATH="+d.dir+":"+os.Getenv("PATH"))
		var err error
		out, err = p.CombinedOutput()
		// A log can be followed when the pod has started: docs/operate.md says so.
		if err != nil && !strings.Contains(line, " logs ") {
			t.Fatalf("%v\n%s", err, out)
		}
		return err == nil, fmt.Sprintf("%v\n%s", err, out)
	})
	t.Logf("%s", out)
	return string(out)
}

// storyOfTheDocument types all of it. What the document leaves to the reader is
// done as it says; what there is not here, a role of RAM and a way to the
// account, is keys in a Secret and the network of the node.
func storyOfTheDocument(t *testing.T, n *node) {
	d := n.section(t)
	d.account = simulate(t, "", estate())
	install := d.lines[0]
	plane.Step(t, "docs/operate.md word for word, Install: the pod is admitted to a restricted namespace and runs there", func(t *testing.T) {
		d.ready(t)
		d.types(t, "helm upgrade --install")
		d.types(t, "kubectl label namespace")
		n.Kubectl(t, "", "--namespace=ackrevoke", "create", "job", "restricted", "--from=cronjob/ackrevoke")
		r := &release{node: n, namespace: "ackrevoke", account: d.account}
		e := r.wait(t, "restricted")
		wantEnd(t, e, 1, "PodFailurePolicy") // its own loopback, where no account is
		wantMessage(t, e, "exit 1")
		n.Kubectl(t, "", "label", "namespace", "ackrevoke", "pod-security.kubernetes.io/enforce-", onNode)
	})
	r := &release{node: n, namespace: "ackrevoke", account: d.account, volume: filepath.Join(n.host.Dir, "volumes", "documented")}
	plane.Step(t, "docs/operate.md, Look: the log ends with what is left to revoke", func(t *testing.T) {
		d.types(t, "kubectl -n ackrevoke create job now")
		if log := d.types(t, "kubectl -n ackrevoke logs -f job/now"); !strings.Contains(lastLine(log), "exit 3") {
			t.Error(log)
		}
		d.types(t, "kubectl -n ackrevoke delete job now")
	})
	plane.Step(t, "docs/operate.md, Revoke: the first command once more; Read the report: a Job prints it from the claim", func(t *testing.T) {
		d.claim(t, install)
		wantEnd(t, r.run(t, "revoke"), 0, "")
		d.types(t, "helm get values")
		d.types(t, "helm template ackrevoke")
		d.types(t, "kubectl -n ackrevoke wait")
		d.types(t, "kubectl -n ackrevoke logs job/ackrevoke-read > report.json")
		d.types(t, "kubectl -n ackrevoke delete job ackrevoke-read")
		var got report
		plane.Must(t, json.Unmarshal([]byte(d.read(t, "report.json")), &got))
		if got.Verdict.Name != "converged" || len(got.Outcomes) != 9 {
			t.Errorf("%+v", got)
		}
	})
	d.givesBack(t, install)
	d.ends(t, r)
}

// ready writes the files of somebody who has no RAM, and a simulated account.
func (d *document) ready(t *testing.T) {
	t.Helper()
	const role = "rrsa: {roleName: ackrevoke}"
	values := d.files["values.yaml"]
	if !strings.Contains(values, role) || !strings.Contains(values, "image: {repository: "+repository+", tag: "+tag+"}") {
		t.Fatalf("values.yaml of the document is\n%s", values)
	}
	flags, err := json.Marshal(d.account.flags())
	plane.Must(t, err)
	d.write(t, "values.yaml", strings.Replace(values, role, "existingSecret: {name: keys}", 1)+
		fmt.Sprintf("args: %[1]s\nrestore: {args: %[1]s}\nschedule: 0 0 29 2 *\n", flags))
	d.write(t, "policy.yaml", string(plane.ReadFile(t, filepath.Join(plane.Repository, "policy.yaml"))))
	d.Kubectl(t, "", "create", "namespace", "ackrevoke")
	d.keys(t, "ackrevoke", example)
}

// read is one of the files in the folder.
func (d *document) read(t *testing.T, name string) string {
	t.Helper()
	return string(plane.ReadFile(t, filepath.Join(d.dir, name)))
}

// claim adds what the document says to revoke, with a class that there is here.
func (d *document) claim(t *testing.T, install string) {
	t.Helper()
	d.folder(t, "documented", "alicloud-disk-essd")
	d.write(t, "values.yaml", d.read(t, "values.yaml")+"revoke: true\nstorage: {className: alicloud-disk-essd}\n")
	d.again(t, install)
}

// givesBack is "I revoked the wrong one", with the ids that stand there.
func (d *document) givesBack(t *testing.T, install string) {
	t.Helper()
	const bob = "200000000000000002"
	plane.Step(t, "docs/operate.md, I revoked the wrong one: the restore Job looks, and then gives back", func(t *testing.T) {
		text := d.read(t, "policy.yaml")
		from := strings.Index(text, "  - uid: \""+bob)
		d.write(t, "policy.yaml", text[:from])
		d.again(t, install)
		before := len(d.account.calls())
		d.types(t, "helm get values")
		d.types(t, "helm template ackrevoke")
		d.types(t, "kubectl -n ackrevoke logs -f job/ackrevoke-restore")
		if writes := d.account.writes(before); len(writes) > 0 {
			t.Errorf("looking wrote %+v", writes)
		}
		d.types(t, "helm template ackrevoke")
		d.types(t, "kubectl -n ackrevoke logs -f job/ackrevoke-restore-apply")
		d.types(t, "kubectl -n ackrevoke delete job ackrevoke-restore ackrevoke-restore-apply")
		if writes := d.account.writes(before); len(writes) != 1 || writes[0].UID != bob {
			t.Errorf("giving wrote %+v", writes)
		}
	})
}

// shares is "A CronJob for many accounts": the two that the document names, each in a pod.
// The keys are those of one of them, and the other is refused.
func (d *document) shares(t *testing.T, r *release) {
	t.Helper()
	plane.Step(t, "docs/operate.md, A CronJob for many accounts: a pod for each of two shards", func(t *testing.T) {
		text := d.read(t, "policy.yaml")
		d.write(t, "prod.yaml", text)
		d.write(t, "test.yaml", strings.Replace(text, example, "1234567890123457", 1))
		d.folder(t, "shared", "alicloud-disk-essd")
		d.types(t, "helm upgrade --install")
		if e := r.run(t, "shared"); e.reason() != "FailedIndexes" || e.Status.CompletedIndexes != "0" || e.Status.FailedIndexes != "1" {
			t.Errorf("%+v", e.Status)
		}
		d.again(t, "helm uninstall ackrevoke -n ackrevoke")
	})
}

// ends is "Upgrade, suspend, uninstall", and kustomize in the empty namespace.
func (d *document) ends(t *testing.T, r *release) {
	t.Helper()
	plane.Step(t, "docs/operate.md, Upgrade, suspend, uninstall: the claim outlives the release", func(t *testing.T) {
		d.types(t, "helm upgrade ackrevoke")
		if said := r.kubectl(t, "get", "cronjob", "ackrevoke", "--output=jsonpath={.spec.suspend} {..args}"); !strings.HasPrefix(said, "true") ||
			!strings.Contains(said, "--dry-run=false") {
			t.Error(said)
		}
		d.types(t, "helm uninstall")
		if said := r.kubectl(t, "get", "cronjobs,configmaps,pvc", "--output=name"); !strings.Contains(said, "persistentvolumeclaim/ackrevoke") ||
			strings.Contains(said, "cronjob") || strings.Contains(said, "policy") {
			t.Error(said)
		}
		d.types(t, "kubectl -n ackrevoke delete pvc ackrevoke")
	})
	d.shares(t, r)
	d.lines = d.lines[1:] // make image, which the node's image came from
	plane.Step(t, "docs/operate.md, With kustomize: the pod runs, and has no credentials, for its overlay gives none", func(t *testing.T) {
		r.kubectl(t, "label", "namespace", "ackrevoke", "network-") // its namespace is a restricted one again
		d.types(t, "kubectl apply -k deploy/kustomize/namespace")
		d.types(t, "kubectl apply -k deploy/kustomize/example")
		e := r.run(t, "kustomized")
		wantEnd(t, e, 1, "PodFailurePolicy")
		wantMessage(t, e, "exit 1")
	})
	if len(d.lines) > 0 {
		t.Errorf("nobody has typed %q", d.lines)
	}
}
