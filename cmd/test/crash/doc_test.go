// Package crash runs the real process, and kills it, interrupts it, or lets two of
// them meet. Whatever a dead process leaves behind, the next one finishes the work
// and tells the truth about it.
//
// Read it in this order:
//
//	process_test.go      one process, what it says, how it ends
//	station_test.go      an account on a loopback port, where each call can be struck
//	sweep_test.go        run is killed at each of its calls: before it, after it, in the middle of a line
//	bulk_test.go         dies in a call of several clusters, and in what follows from it
//	others_test.go       the same for restore and self
//	files_linux_test.go  it is killed between two changes of a file
//	evidence_test.go     what is asserted afterwards, from the journal and the truth
//	signal_test.go       SIGINT and SIGTERM       lock_test.go  two at a time
//	unfinished_test.go   who tells of the dead one
//
// CRASH=full kills it at every call, for make crash; else at some.
package crash
