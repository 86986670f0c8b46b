// Package hostile gives the program what others control and means harm: names and
// messages that a terminal obeys, answers that are none, files and paths of the
// worst kind, proxies that listen. Nothing of it may forge a line, drive a
// terminal, end the program in a panic, or make it tell a secret.
//
// Read it in this order:
//
//	speak_test.go    what may never be in any form of output
//	hostile_test.go  the texts of testdata/hostile in every name and message
//	audit_test.go    the same in an audit
//	wire_test.go     answers that are none
//	files_test.go    arguments, files and paths
//	secrets_test.go  keys and tokens, looked for in all that is said and written
//	keys_test.go     keys that cannot be read are not repeated either
//	proxy_test.go    a proxy on the way, and certificates of its own
package hostile
