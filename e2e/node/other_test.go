//go:build !linux

package node

import (
	"fmt"
	"os"
	"testing"
)

func TestMain(*testing.M) {
	fmt.Println("make e2e-node: skipped, for a kubelet needs Linux")
	os.Exit(0)
}
