package voice

import (
	"fmt"
	"time"
)

// progress rewrites one line on a terminal.
func (v *Voice) progress(stage string, of int) {
	if !v.live {
		return
	}
	if v.stage != stage {
		v.stage, v.count, v.begun = stage, 0, v.now()
	}
	v.count++
	fmt.Fprintf(v.w, "\r\x1b[K%s: %d of %d%s", stage, v.count, of, remaining(v.now().Sub(v.begun), v.count, of))
}

// remaining says how long the rest of a stage takes if it goes on as it went,
// once that can be told and is worth a word. The first has no beginning that
// was seen, so it does not count.
func remaining(took time.Duration, done, of int) string {
	if done < 2 || took < 3*time.Second || done >= of {
		return ""
	}
	left := took / time.Duration(done-1) * time.Duration(of-done)
	switch {
	case left < 2*time.Second:
		return ""
	case left < 2*time.Minute:
		return fmt.Sprintf(", about %ds left", int(left.Round(time.Second).Seconds()))
	}
	return fmt.Sprintf(", about %dm left", int(left.Round(time.Minute).Minutes()))
}

// clear takes the line of progress away.
func (v *Voice) clear() {
	if v.live {
		fmt.Fprint(v.w, "\r\x1b[K")
	}
}

// Quiet ends the line of progress.
func (v *Voice) Quiet() {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.clear()
}
