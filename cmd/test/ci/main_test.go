// Package ci plays what deploy/ci does in somebody's pipeline: the script of the
// action runs as it stands, with a git repository, the real program, and a gh
// that writes down what it was asked for.
package ci

import (
	"testing"

	"ackrevoke/cmd/test/stage"
)

func TestMain(m *testing.M) { stage.Main(m) }
