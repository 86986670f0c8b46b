package voice

import (
	"testing"
	"time"
)

func TestRemaining(t *testing.T) {
	for _, c := range []struct {
		took     time.Duration
		done, of int
		want     string
	}{
		{time.Second, 5, 10, ""}, {2 * time.Second, 1, 10, ""}, {10 * time.Second, 11, 11, ""}, {10 * time.Second, 11, 12, ""},
		{10 * time.Second, 10, 30, ", about 20s left"}, {10 * time.Minute, 10, 30, ", about 20m left"}, {10 * time.Second, 0, 0, ""},
	} {
		if got := remaining(c.took, c.done, c.of); got != c.want {
			t.Errorf("%+v: %q", c, got)
		}
	}
}
