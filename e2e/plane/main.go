// Package plane is a Kubernetes on loopback for the tests of this module: etcd
// and the components, as processes of this user, in folders that go away with
// the test; a CA of its own; kubectl; and the table that the tests print at
// their end.
//
//	main.go       what happens before the first test and after the last
//	build.go      the binaries                cluster.go   etcd and kube-apiserver
//	authority.go  certificates, kubeconfigs   component.go processes, ports
//	table.go      what was shown              control.go   controllers, scheduler
//	kubectl.go    kubectl and helm, as a person uses them
package plane

import (
	"fmt"
	"os"
	"testing"
	"time"
)

// Main is the TestMain of a package: it compiles what the tests need, runs
// them, and prints the table of what they showed under a title.
func Main(m *testing.M, title string) int {
	return with(m, title, func() (err error) { serverBinary, err = buildServer(); return err })
}

// MainOfProgram is one without a cluster.
func MainOfProgram(m *testing.M, title string) int {
	return with(m, title, func() error { return nil })
}

func with(m *testing.M, title string, build func() error) int {
	began := time.Now()
	dir, err := os.MkdirTemp("", "ackrevoke-e2e-")
	if err != nil {
		fmt.Fprintln(os.Stderr, "e2e:", err)
		return 1
	}
	defer func() { _ = os.RemoveAll(dir) }()
	if err = build(); err == nil {
		Program, err = buildProgram(dir)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "e2e:", err)
		return 1
	}
	Say("ready to test after %s", time.Since(began).Round(time.Second))
	began = time.Now()
	code := m.Run()
	printTable(title, time.Since(began))
	return code
}
