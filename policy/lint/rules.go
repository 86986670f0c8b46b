package lint

import (
	"slices"
	"strings"

	"ackrevoke/policy"
)

// Rule is one thing that can be wrong or doubtful. Its name is public: it stands in
// comments of policies and in the settings of pipelines.
type Rule struct {
	ID       string
	Severity Severity
	Title    string // a few words, as the name of a test
	Meaning  string // what it is, and why it matters
	Fix      string // what to do about it
	Wrong    string // a part of a policy that has it, and
	Right    string // one that has not; see Whole
}

// Rules of valid policies: warnings.
const (
	NoCrossCheck  = "no-cross-check"
	LongDeparted  = "long-departed"
	NoTicket      = "lockout-without-ticket"
	NearUID       = "near-uid"
	RoundedUID    = "rounded-uid"
	ProtectedName = "protected-name"
	Order         = "out-of-order"
	RaisedCap     = "raised-cap"
	EndsSoon      = "exception-ends-soon"
	Ended         = "exception-ended"
	AllowForm     = "allow-form"
)

// Rules about files as such, which only who opens them can find.
const (
	Missing      = "missing-file"
	Unreadable   = "unreadable-file"
	AccountTwice = "account-twice"
	ReportName   = "report-name"
)

// Rules returns all rules, in the order in which they are best read.
func Rules() []Rule { return slices.Concat(ofFiles, ofText, ofKeys, ofValues, ofMeaning, warnings) }

// byID are the rules by name.
var byID = func() map[string]Rule {
	all := map[string]Rule{}
	for _, r := range Rules() {
		all[r.ID] = r
	}
	return all
}()

// Lookup returns the rule of a name. For another name, near is what was most likely
// meant, "" for nothing.
func Lookup(id string) (r Rule, near string, ok bool) {
	r, ok = byID[id]
	if !ok {
		near = policy.Nearest(id, IDs())
	}
	return r, near, ok
}

// IDs are the names of all rules, as Rules has them.
func IDs() []string {
	var ids []string
	for _, r := range Rules() {
		ids = append(ids, r.ID)
	}
	return ids
}

// nearest is what was meant by a name that is none, for the end of a sentence.
func nearest(id string) string {
	if near := policy.Nearest(id, IDs()); near != "" {
		return "; did you mean " + near + "?"
	}
	return ""
}

// Whole makes a policy of an example, which is as short as a reader likes it: an
// entry, or a key beside version and account.
func Whole(example string) string {
	const head = "version: 1\naccount: \"1234567890123456\"\n"
	switch {
	case strings.HasPrefix(example, "  - "):
		return head + "principals:\n" + example
	case strings.HasPrefix(example, "- "):
		return head + "principals: " + example[2:]
	}
	for _, alone := range []string{"guards:", "accepted:", "scope:", "timeZone:", "assumeRole:", "externalId:"} {
		if strings.HasPrefix(example, alone) {
			if strings.Contains(example, "\nprincipals:") {
				return head + example
			}
			return head + example + "principals: []\n"
		}
	}
	return example
}
