// Package browser opens the pages that ackrevoke writes in a real headless
// Chromium, and looks at them as people do: with the eyes, on paper, with the
// keyboard alone, without scripts; and as axe-core does for those who cannot see
// them. make test-browser runs it. The pages are those of the real program on
// simulated accounts, and of documents in which every text means harm.
//
//	main_test.go       Chromium and axe-core       table_test.go     what was shown
//	trap_test.go       what would leave the browser
//	documents_test.go  documents of every verdict  hostile_test.go   texts that mean harm
//	tab_test.go        a page in the browser       look.js           what is asked of it there
//	verdict_test.go    each page, and no request   large_test.go     200 principals on 500 clusters
//	keyboard_test.go   Tab, filter, sort           script_test.go    without JavaScript
//	width_test.go      320 to 2,000 pixels         print_test.go     on paper, and the pictures of the docs
//	axe_test.go        axe-core, and contrast      pdf_test.go       a PDF, read back
//
// It is a module of its own, as the rest of e2e is, so that the program's has none
// of these dependencies.
package browser
