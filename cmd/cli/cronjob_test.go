package cli_test

import (
	"bytes"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"gopkg.in/yaml.v3"

	"ackrevoke/cmd/cli"
	"ackrevoke/cmd/test/stage"
)

// The CronJobs of deploy/kustomize, which are rendered from the chart, give arguments
// that the program takes, and end as deploy/chart/ackrevoke/values.yaml says.
func TestCronJobs(t *testing.T) {
	for _, c := range []struct {
		base, name string
		exit       int
	}{{"base", "ackrevoke", 3}, {"revoke", "ackrevoke", 0}, {"base", "ackrevoke-audit", 3}} {
		t.Run(c.base+" "+c.name, func(t *testing.T) {
			args := arguments(t, filepath.Join(stage.Root(), "deploy", "kustomize", c.base, "resources.yaml"), c.name)
			data := t.TempDir()
			for i := range args {
				args[i] = strings.Replace(args[i], "/etc/ackrevoke", stage.Root(), 1)
				args[i] = strings.Replace(args[i], "/var/lib/ackrevoke", data, 1)
			}
			args = append(args, "--simulate", filepath.Join(stage.Root(), "testdata", "estate.yaml"))
			synctest.Test(t, func(t *testing.T) { // where waiting costs nothing
				began, wire := time.Now(), newInMemory()
				var stdout, stderr bytes.Buffer
				p := cli.Program{Args: args, Stdin: strings.NewReader(""), Stdout: &stdout, Stderr: &stderr,
					Now:    func() time.Time { return stage.Noon.Add(time.Since(began)) },
					Listen: func() (net.Listener, error) { return wire, nil }, Dial: wire.dial}
				if code := p.Run(t.Context()); code != c.exit {
					t.Errorf("%v: exit %d, want %d\n%s", args, code, c.exit, stderr.String())
				}
				if args[0] == "audit" {
					stage.Fits(t, "audit", stdout.Bytes())
				}
			})
		})
	}
}

// arguments are those of the first container of a CronJob in a file of manifests.
func arguments(t *testing.T, file, name string) []string {
	t.Helper()
	d := yaml.NewDecoder(bytes.NewReader(stage.Must(os.ReadFile(file))))
	for {
		var job struct {
			Kind     string
			Metadata struct{ Name string }
			Spec     struct {
				JobTemplate struct {
					Spec struct {
						Template struct {
							Spec struct{ Containers []struct{ Args []string } }
						}
					}
				} `yaml:"jobTemplate"`
			}
		}
		if err := d.Decode(&job); err == io.EOF {
			t.Fatalf("%s has no CronJob %s", file, name)
		} else if err != nil {
			t.Fatal(err)
		}
		if job.Kind == "CronJob" && job.Metadata.Name == name {
			return job.Spec.JobTemplate.Spec.Template.Spec.Containers[0].Args
		}
	}
}
