// Package stage is what the tests of the program play on: simulated accounts, the
// way to ask the real program in front of them, and what it left behind. Only
// tests import it.
//
//	world.go    an account in a synctest bubble, and runs of cli.Program against it
//	ask.go      commands that only look      audit.go doctor.go  two of them, read back
//	restore.go  giving back                  self.go             the caller's own credential
//	gate.go     a cluster that a leaked file opens, or no more
//	city.go     a large account              faults.go           an account in which much goes wrong
//	schema.go   what is printed fits its schema, and the schema names all of it
//	secrets.go  keys that must never be said chain.go            every way to be given keys
//	binary.go   the real process, built once
package stage
