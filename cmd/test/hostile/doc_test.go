// Package hostile gives the program what others control and means harm: names and
// messages that a terminal obeys, answers that are none, files and paths of the
// worst kind, proxies that listen. Nothing of it may forge a line, drive a
// terminal, end the program in a panic, or make it tell a secret.
//
// Read it in this order:
//
//	hostile_test.go  the texts of testdata/hostile in every name and message, in every form of output
//	audit_test.go    the same in an audit
//	secrets_test.go  keys and tokens, looked for in all that is said and written
//	proxy_test.go    a proxy on the way, and certificates of its own
package hostile
