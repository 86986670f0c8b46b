package main

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
)

// estate is an account of so many, of whom the leavers hold a certificate and a
// grant on so many clusters each.
type estate struct {
	users, clusters int
	leavers         int
	each            int    // clusters on which a leaver holds something
	from            int    // the first leaver, where an estate has several lots of them
	account         string // "" is the usual one
}

const usual = "1234567890123456"

func (e estate) id() string {
	if e.account != "" {
		return e.account
	}
	return usual
}

func (e estate) name() string {
	return fmt.Sprintf("%s-%d-%d-%d-%d-%d", e.id(), e.users, e.clusters, e.from, e.leavers, e.each)
}

func uid(i int) string     { return fmt.Sprintf("2%017d", i+1) }
func cluster(i int) string { return fmt.Sprintf("c%032d", i+1) }

// file writes something once, and returns its path.
func (b *bench) file(name string, write func(*bufio.Writer)) (path string, err error) {
	path = filepath.Join(b.folder, name)
	if _, err := os.Stat(path); err == nil {
		return path, nil
	}
	f, err := os.Create(path)
	if err != nil {
		return "", err
	}
	w := bufio.NewWriter(f)
	write(w)
	if err := w.Flush(); err != nil {
		return "", err
	}
	return path, f.Close()
}

// estate writes the account as the simulator takes it. Who is beyond its users is
// deleted from RAM, as most leavers are.
func (b *bench) estate(e estate) (path string, err error) {
	return b.file(e.name()+".estate.yaml", func(w *bufio.Writer) {
		fmt.Fprintf(w, "account: %q\ncaller: {type: Account}\nbehaviour: {clustersV1: served}\nusers:\n", e.id())
		for i := range e.users {
			fmt.Fprintf(w, "  - {uid: %q, name: user-%06d.somebody, created: 2024-01-01T00:00:00Z}\n", uid(i), i)
		}
		fmt.Fprint(w, "roles: [{uid: \"300000000000000001\", name: deployer, created: 2024-01-01T00:00:00Z}]\n")
		if e.from+e.leavers > e.users {
			fmt.Fprintln(w, "deleted:")
		}
		for i := max(e.users, e.from); i < e.from+e.leavers; i++ {
			fmt.Fprintf(w, "  - {uid: %q, name: user-%06d.somebody}\n", uid(i), i)
		}
		fmt.Fprintln(w, "clusters:")
		for i := range e.clusters {
			fmt.Fprintf(w, "  - {id: %s, name: cluster-%04d-prod, region: cn-hangzhou, created: 2024-01-01T00:00:00Z}\n", cluster(i), i)
		}
		e.rows(w, "credentials", "expires: 2048-01-01T00:00:00Z")
		e.rows(w, "grants", "role: dev")
	})
}

func (e estate) rows(w *bufio.Writer, section, what string) {
	fmt.Fprintf(w, "%s:\n", section)
	for i := e.from; i < e.from+e.leavers; i++ {
		for k := range e.each {
			fmt.Fprintf(w, "  - {uid: %q, cluster: %s, %s}\n", uid(i), cluster((7*i+k)%e.clusters), what)
		}
	}
}

// policy writes the one that lists the leavers.
func (b *bench) policy(e estate) (path string, err error) {
	return b.file(e.name()+".policy.yaml", func(w *bufio.Writer) {
		fmt.Fprintf(w, "version: 1\naccount: %q\nguards: {maxPrincipals: 10000, maxRevocations: 100000}\nprincipals:\n", e.id())
		for i := e.from; i < e.from+e.leavers; i++ {
			deleted := ""
			if i >= e.users {
				deleted = ", deleted: true"
			}
			fmt.Fprintf(w, "  - {uid: %q, name: user-%06d.somebody, reason: departed%s}\n", uid(i), i, deleted)
		}
	})
}
