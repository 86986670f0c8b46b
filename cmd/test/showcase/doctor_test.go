package showcase

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"gopkg.in/yaml.v3"

	"ackrevoke/cmd/test/stage"
	"ackrevoke/job/end"
)

// What doctor calls ready a dry run ends with 0, and what ends a dry run with
// another code doctor names: tried on every showcase.
func TestDoctorFindsWhatADryRunWouldMeet(t *testing.T) {
	stage.Keys(t, stage.Account)
	folders := stage.Must(filepath.Glob("../../../testdata/showcase/*/expect.yaml"))
	spread := map[string]int{}
	for _, f := range folders {
		folder := filepath.Dir(f)
		t.Run(filepath.Base(folder), func(t *testing.T) {
			var c showcase
			if err := yaml.Unmarshal(stage.Must(os.ReadFile(f)), &c); err != nil {
				t.Fatal(err)
			}
			stage.Bubble(t, stage.Must(os.ReadFile(filepath.Join(folder, "estate.yaml"))), c.Now, func(w *stage.World) {
				policy := c.Steps[0].args(folder)[1]
				dry := w.Run(context.Background(), "-p", policy)
				if dry.Code == end.CodeInvalid {
					return
				}
				if err := os.Remove(filepath.Join(w.Dir, "report.json")); err != nil {
					t.Fatal(err)
				}
				_, d := w.Examination("-p", policy)
				if (d.Code == end.CodeClean) != (dry.Code == end.CodeClean) {
					t.Errorf("doctor exits %d and a dry run %d\n%s", d.Code, dry.Code, d.Stdout)
				}
				spread[fmt.Sprintf("doctor %d, dry run %d", d.Code, dry.Code)]++
			})
		})
	}
	t.Log(spread)
}
