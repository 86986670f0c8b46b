package metrics

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var row = regexp.MustCompile("(?m)^\\| `ackrevoke_([a-z_]+)(?:\\{([a-z, ]+)\\})?` \\|")

// The table in docs/operate.md has the families of this package, each with its
// labels, and no others.
func TestDocumented(t *testing.T) {
	page, err := os.ReadFile("../../docs/operate.md")
	if err != nil {
		t.Fatal(err)
	}
	want, got := map[string]string{}, map[string]string{}
	for _, f := range families {
		want[f.name] = strings.Join(f.labels(), ", ")
	}
	for _, m := range row.FindAllStringSubmatch(string(page), -1) {
		got[m[1]] = m[2]
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}
