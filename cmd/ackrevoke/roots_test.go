package main

import (
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"os"

	"golang.org/x/crypto/x509roots/fallback/bundle"
)

// trusted is a command of testdata/script/roots.txtar: it says whom a process
// with the imports of this program trusts. Its argument is a PEM file with the
// CA of a company; the public authorities are those that are compiled in.
func trusted() {
	text, err := os.ReadFile(os.Args[1])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	block, _ := pem.Decode(text)
	fmt.Println("company:", count([][]byte{block.Bytes}))
	var public [][]byte
	for root := range bundle.Roots() {
		if root.Constraint == nil {
			public = append(public, root.Certificate)
		}
	}
	if len(public) < 50 {
		fmt.Fprintln(os.Stderr, len(public), "authorities are compiled in")
		os.Exit(1)
	}
	fmt.Println("public:", count(public))
}

// count says how many of these authorities the process trusts.
func count(certificates [][]byte) string {
	n := 0
	for _, der := range certificates {
		c, err := x509.ParseCertificate(der)
		if err != nil {
			return err.Error()
		}
		// Of the day it was made: the test is not about which are expired by now.
		at := c.NotBefore.Add(1)
		if _, err := c.Verify(x509.VerifyOptions{CurrentTime: at, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny}}); err == nil {
			n++
		}
	}
	switch n {
	case 0:
		return "none"
	case len(certificates):
		return "all"
	}
	return fmt.Sprintf("%d of %d", n, len(certificates))
}
