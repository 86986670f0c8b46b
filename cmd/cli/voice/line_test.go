package voice

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"ackrevoke/job/end"
	"ackrevoke/job/report"
)

// What others control is made harmless by the writer, whoever hands it over; a
// command that goes on is whole, however long it is.
func TestWritersEscape(t *testing.T) {
	evil, long := "prod\x1b]0;owned\a\u202e\nFORGED", "/"+strings.Repeat("very/long/", 1000)
	for _, format := range []string{"console", "json"} {
		var out bytes.Buffer
		v := New(Listener{To: &out, Format: format, Level: "trace", Args: []string{"restore", long},
			Now: func() time.Time { return time.Unix(0, 0) }})
		v.Info().Str("name", evil).Text("message", evil).Whole("path", evil).Say(evil)
		v.errors([]report.Error{{Message: evil, Hint: evil}})
		Say(&out, "%s", evil)
		for _, bad := range []string{"\x1b", "\a", "\u202e", "\nFORGED"} {
			if strings.Contains(out.String(), bad) {
				t.Errorf("%s: %q is in %q", format, bad, out.String())
			}
		}
		r := &report.Restore{}
		r.Run.Mode, r.Verdict.Name = report.DryRun, end.Planned
		v.CloseRestore(r, "")
		if want := "ackrevoke restore " + long + " --dry-run=false"; !strings.Contains(out.String(), want) {
			t.Errorf("%s: the command that goes on is not whole", format)
		}
	}
}
