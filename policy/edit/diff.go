package edit

import "github.com/aymanbagabas/go-udiff"

// Diff is the change in the unified form that patch takes. What moves a
// cursor or hides is left as it is: whoever shows it makes it harmless.
func (e *Edit) Diff(name string) string {
	return udiff.Unified(name, name, string(e.Old), string(e.New))
}
