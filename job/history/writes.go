package history

import (
	"time"

	"ackrevoke/job/report"
	"ackrevoke/job/write"
	"ackrevoke/policy"
)

// Write is one write that a journal tells of.
type Write struct {
	write.Line               // the intent of its first try, which saw it all
	Status     report.Status // the last word on it; "" where there is none
	Ended      time.Time     // when that was said

	takenAway bool // of what was given back: the same restore took it away again, and proved it
}

// proven is what the journal says of a write of a restore or of self that was read back.
const proven report.Status = "proven"

// Gone reports whether the write was proven: both surfaces were seen clear. No
// other word of the journal proves that.
//
//	revoked, absent      both surfaces clear
//	collateral           likewise, and something beside it went missing too
//	accepted, gone       what the service answered, and nothing else is known
//	unverified, failed, blocked, skipped, none
func (w *Write) Gone() bool {
	if w.Operation != policy.Clean && w.Operation != policy.RevokeGrant {
		return false
	}
	return w.Status == report.WasRevoked || w.Status == report.WasAbsent || w.Status == report.WasCollateral
}

// gaveBack reports whether a restore gave rows back, or may have.
func (w *Write) gaveBack() bool {
	switch w.Status {
	case report.WasFailed, report.WasBlocked, report.WasSkipped:
		return false
	}
	return w.Operation == write.GivesBack && !w.takenAway
}

// when is the time of the last that is known of it.
func (w *Write) when() time.Time {
	if w.Ended.IsZero() {
		return w.At
	}
	return w.Ended
}

// writesOf reads the writes of a journal in the order of their intents. lean leaves
// out what a principal held, which is most of a journal. An error says what of the
// journal cannot be believed; what else it says is told all the same.
func writesOf(k write.Kept, lean bool) ([]*Write, error) {
	type key struct{ run, action string }
	var all []*Write
	last := map[key]*Write{} // a restore gives back and takes back under one name
	err := k.Each(func(l *write.Line) {
		at := key{l.Run, l.Action}
		w := last[at]
		switch {
		case l.Type == "intent" && (w == nil || w.Operation != l.Operation):
			last[at] = &Write{Line: *l}
			if all = append(all, last[at]); lean {
				last[at].Grants, last[at].Rows = nil, nil
			}
		case l.Type == "outcome" && w != nil:
			w.Status, w.Ended = report.Status(l.Status), l.At
			if given := len(all) - 1; w.Operation == write.TakesBack && w.Status == proven {
				for ; given >= 0; given-- {
					if g := all[given]; g.Run == l.Run && g.Action == l.Action && g.Operation == write.GivesBack {
						g.takenAway = true
					}
				}
			}
		}
	})
	return all, err
}
