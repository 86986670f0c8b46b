package cli_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ackrevoke/cmd/test/stage"
	"ackrevoke/job/end"
)

// The contract says of each exit code what the one table of them says, and no
// other code; the README has a row for each.
func TestDocsHaveTheEndings(t *testing.T) {
	contract := string(stage.Must(os.ReadFile(filepath.Join("..", "..", "docs", "contract.md"))))
	readme := string(stage.Must(os.ReadFile(filepath.Join("..", "..", "README.md"))))
	_, rows, _ := strings.Cut(contract, "| code | meaning | verdict |")
	rows, _, _ = strings.Cut(rows, "\n\n")
	if n := strings.Count(rows, "\n| "); n != len(end.Table) {
		t.Errorf("docs/contract.md has %d exit codes, and there are %d:%s", n, len(end.Table), rows)
	}
	for _, e := range end.Table {
		if row := fmt.Sprintf("| %d | %s | ", e.Code, e.Means); !strings.Contains(rows, row) {
			t.Errorf("docs/contract.md lacks %q", row)
		}
		if !strings.Contains(readme, fmt.Sprintf("\n| %d | ", e.Code)) && !strings.Contains(readme, fmt.Sprintf(", %d | ", e.Code)) &&
			!strings.Contains(readme, fmt.Sprintf("\n| %d, ", e.Code)) {
			t.Errorf("the README has no row for exit code %d", e.Code)
		}
	}
}
