// Command interop tries the simulated account with clients that nobody here wrote, for make interop: the vendor's own SDK for Go,
// in releases from 2024 to 2026. A simulation that only its authors' client has read could be wrong in everything that the two
// have in common.
//
// Every client calls every operation that the account serves and it has a method for, over real HTTP, against the real ackrevoke
// simulate. What the SDK decoded into its own types is held against the bytes that it was sent, against the estate file, read by a
// parser of this program's own, and against the account's record of calls. What comes out is a table, and a number of differences.
//
//	clients/*        one module for each release, so that each has the dependencies it was published with; they call
//	call/            with the SDK's own methods and types, by reflection, as this program asks them to
//	clients.go       which there are           operations.go  what has to be tried, by whom
//	account.go       ackrevoke simulate        tap.go         what went over the wire
//	estate.go        the file                  rows.go        what it means, in the service's words
//	player.go        a call, and its checks    compare.go     sent, held and wanted
//	cs_*.go, rpc.go, kubeconfig.go, refusals.go               what is played
//
// It is a module of its own, as the rest of e2e is, so that the program's has none of these dependencies.
package main

import (
	"errors"
	"fmt"
	"os"
	"time"
)

func main() {
	if err := interop(); err != nil {
		fmt.Fprintln(os.Stderr, "interop:", err)
		os.Exit(1)
	}
}

func interop() error {
	began := time.Now()
	dir, err := os.MkdirTemp("", "ackrevoke-interop-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	s := &stage{program: "../../bin/ackrevoke", dir: dir, estate: "estate.yaml"}
	defer s.close()
	all := clients()
	for _, c := range all {
		if err := c.open(); err != nil {
			return fmt.Errorf("%w (is the folder the one of this program, and was the program built?)", err)
		}
		defer c.stop()
	}
	ready := time.Since(began)

	t := newTable(all)
	for _, c := range all {
		if err := s.play(c, all, t); err != nil {
			return err
		}
	}
	if err := complete(t, all, s.program); err != nil {
		return err
	}
	n := t.print(os.Stdout)
	fmt.Printf("\nbuilt in %.1f s, played in %.1f s\n", ready.Seconds(), (time.Since(began) - ready).Seconds())
	fmt.Printf("differences: %d\n", n)
	if n > 0 {
		return errors.New("the simulated account and the clients disagree")
	}
	return nil
}

// play shows one client three accounts of one estate: one to work on, one that behaves otherwise, and one where nothing is allowed.
func (s *stage) play(c *client, all []*client, t *table) error {
	work, err := s.serve("issueKubeconfig: true, task: {after: 300ms}", "")
	other, err2 := s.serve(differently, "")
	closed, err3 := s.serve("issueKubeconfig: true", nothingAllowed)
	e, err4 := readEstate(s.estate)
	if err := errors.Join(err, err2, err3, err4); err != nil {
		return err
	}
	p := player{client: c, helper: newest(all, c.service), table: t, estate: e}.at(work)
	switch c.service {
	case "cs":
		p.reads()
		p.notThere()
		p.deployer(newest(all, "sts"))
		p.kubeconfigs()
		p.writing()
		p.at(other).elsewhere()
	case "ram":
		p.ram()
		p.ramAs(newest(all, "sts"))
	case "sts":
		p.sts()
	}
	p.strangers()
	p.at(closed).denials()
	return nil
}

func newest(all []*client, service string) *client {
	for _, c := range all {
		if c.service == service && c.newest {
			return c
		}
	}
	return nil
}
