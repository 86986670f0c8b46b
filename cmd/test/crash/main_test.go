package crash

import (
	"testing"

	"ackrevoke/cmd/test/stage"
)

func TestMain(m *testing.M) { stage.Main(m) }
