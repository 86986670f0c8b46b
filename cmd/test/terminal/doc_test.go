// Package terminal runs the real process in a real terminal, tmux's, of several
// widths, against the simulated account, and looks at the screen as a person sees it.
//
//	screen_test.go    one screen: the program runs on it, and what stands there then
//	terminal_test.go  what holds of every screen, and testdata/<case>-<columns>.txt, which
//	                  is written anew with UPDATE=1
//
// Where there is no tmux it is skipped.
package terminal

import (
	"testing"

	"ackrevoke/cmd/test/stage"
)

func TestMain(m *testing.M) { stage.Main(m) }
