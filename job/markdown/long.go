package markdown

import "ackrevoke/job/report"

// Long is Text for what is put together of several texts, with room for 4000 runes;
// see report.Harmless.
func Long(s string) string { return escape(report.Harmless(s)) }
