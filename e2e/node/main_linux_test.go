// Package node runs the image in pods: a scheduler, a kubelet, containerd and
// runc on this machine, and the control plane of package plane. make e2e-node
// runs it; it needs Linux and root, and fetches containerd, runc and the CNI
// plugins by apt without installing them. It puts back what it changes on the
// machine and fails where something of it stays.
//
// The pods run what make image made; the simulated account is ackrevoke simulate
// on the machine. It listens on loopback alone, so the cluster puts pods onto
// the network of the node (network_linux_test.go); the chart is as it is.
//
//	able       what the machine must give
//	host       the machine before and after      stories    what is shown, in order
//	node       the whole node                    revoke     the life of a release
//	runtime    containerd                        broken     a deadline, a kill, a drain
//	kubelet    kubelet                           accounts   six accounts in three pods
//	image      the images on it                  document   docs/operate.md word for word
//	account    the simulated account             release    the chart in a namespace
package node

import (
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"testing"

	"ackrevoke/e2e/plane"
)

// debian is the folder with the unpacked packages.
var debian string

func TestMain(m *testing.M) { os.Exit(start(m)) }

func start(m *testing.M) int {
	if os.Geteuid() != 0 {
		fmt.Println("make e2e-node: skipped, for a kubelet and containerd need root")
		return 0
	}
	err := able()
	if err != nil {
		fmt.Println("make e2e-node: skipped:", err)
		return 0
	}
	if debian, err = plane.Debian("containerd", "runc", "containernetworking-plugins", "busybox-static"); err != nil {
		fmt.Println("make e2e-node: skipped:", err)
		return 0
	}
	return plane.Main(m, "make e2e-node")
}

// TestNode starts one node, plays every story on it, and looks at the machine
// when it is gone.
func TestNode(t *testing.T) {
	h, err := alone()
	plane.Must(t, err)
	interrupted := make(chan os.Signal, 1)
	signal.Notify(interrupted, os.Interrupt, syscall.SIGTERM)
	go func() {
		<-interrupted
		plane.Say("interrupted; putting the machine back: %v", h.restore())
		os.Exit(1)
	}()
	t.Run("node", func(t *testing.T) { stories(t, startNode(t, h)) })
	plane.Step(t, "nothing is left of the node: no process, mount, cgroup, network interface, folder; the sysctls are what they were",
		func(t *testing.T) {
			if err := h.restore(); err != nil {
				t.Error(err)
			}
			for _, thing := range h.left() {
				t.Error("left behind: " + thing)
			}
		})
}
