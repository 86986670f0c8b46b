package report

import (
	"fmt"
	"slices"
	"strings"
)

// First joins the first few names and says how many are left out, so that a part is
// never taken for the whole.
func First(most int, names []string) string {
	if more := len(names) - most; more > 0 {
		names = append(slices.Clone(names[:most]), fmt.Sprintf("and %d more", more))
	}
	return strings.Join(names, ", ")
}
