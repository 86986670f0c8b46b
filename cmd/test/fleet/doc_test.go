// Package fleet runs the program over folders of policy files, one account each,
// against a simulated service with several accounts behind one address. What is
// asserted is the summary, the reports, and the calls that each account saw.
//
// fleet_test.go plays the six accounts of which three are in trouble, shards_test.go
// shares the files among processes and puts their summaries together, bench_test.go
// prints the memory that two thousand files take.
package fleet
