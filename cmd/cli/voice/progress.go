package voice

import (
	"fmt"
	"time"
)

// stage is one of those that a command goes through, some of them side by side.
type stage struct {
	done  int
	begun time.Time
}

// begin names a stage, on a terminal, before anything of it is done; of is 0 for
// a stage that is one step.
func (v *Voice) begin(name string, of int) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.screen != nil {
		v.stages[name] = &stage{begun: v.now()}
		v.tell(name, of)
	}
}

// progress says that one more of a stage is done.
func (v *Voice) progress(name string, of int) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.screen == nil {
		return
	}
	if v.stages[name] == nil {
		v.stages[name] = &stage{begun: v.now()}
	}
	v.stages[name].done++
	v.tell(name, of)
}

func (v *Voice) tell(name string, of int) {
	s := v.stages[name]
	if of == 0 {
		v.screen.Progress(name + " ...")
		return
	}
	v.screen.Progress(fmt.Sprintf("%s: %d of %d%s", name, s.done, of, remaining(v.now().Sub(s.begun), s.done, of)))
}

// remaining says how long the rest of a stage takes if it goes on as it went,
// once that can be told and is worth a word.
func remaining(took time.Duration, done, of int) string {
	if done < 1 || took < 3*time.Second || done >= of {
		return ""
	}
	left := took / time.Duration(done) * time.Duration(of-done)
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
	if v.screen != nil {
		v.screen.Quiet()
	}
}

// Quiet ends the line of progress.
func (v *Voice) Quiet() {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.clear()
}
