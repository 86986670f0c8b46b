// Package showcase plays the cases of testdata/showcase: each folder is an account,
// a policy and what must come of it, step by step, as a person would read it. What
// is asserted is the report and the calls that the account saw; after the last step
// that applied, one more run must write nothing.
//
// expect.yaml is the type showcase in showcase_test.go: a list that is not given is
// not looked at, an empty one means nothing. account_test.go reads the truth of the
// account, audit_test.go the steps that are audits, and doctor_test.go lets doctor
// foresee what a dry run of each case meets.
package showcase
