// Package liar tries to make the program do what nobody may forgive: touch whom
// nobody listed, say done when it is not, say clean when it could not see, or cry
// wolf in a healthy account. Thousands of made-up accounts are lived through by
// the real program, and what it reports must equal what an oracle foretells from
// the ground truth. The oracle shares no code with what it judges.
//
// Read it in this order:
//
//	world_test.go   fable: one made-up account, policy and faults, a plain value
//	draw*_test.go   how it is drawn from a seed; wild_draw, wild_sound and sharp_draw are the cruel ones
//	files_test.go   the same as the files that program and simulator read
//	sight_test.go   what anybody could see of it at a moment
//	oracle*_test.go what a run must then say and do
//	play_test.go    one life: run after run of the real program
//	compare_test.go what it said against what was foretold
//	ground_test.go  what it did against the truth, whatever it said; safe, repeat, regret, wild, emptied, resurrect go on
//	liar_test.go    all worlds, how they are counted and how a bad one is shrunk
//
// audit_*_test.go do the same for audit, restore_test.go for what was taken
// wrongly, keys_test.go for every way to be given keys.
//
//	LIAR_SEED=7 go test -run '^TestLiar$' ./cmd/test/liar    one world, and everything about it
package liar
