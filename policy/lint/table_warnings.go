package lint

import "ackrevoke/policy"

// warnings are the rules about valid policies. The examples are those of 22 November
// 2026.
var warnings = []Rule{
	{ID: NoCrossCheck, Severity: Warning, Title: "nothing beside the uid says who is meant",
		Meaning: "An entry that states neither name nor createdAt hits whoever has the uid. With one of the two, a mistyped uid is refused.",
		Fix:     "write name and createdAt; ackrevoke pin --write fills both in from RAM",
		Wrong:   "  - {uid: \"234567890123456781\", reason: departed}\n", Right: alice},
	{ID: LongDeparted, Severity: Warning, Title: "departed more than a year ago",
		Meaning: "effective is more than a year ago. Who left that long ago is mostly gone from RAM too, and an entry that nobody needs makes " +
			"a list that nobody reads. Entries without effective are not judged.",
		Fix:   "take the entry out once a report of a run calls it retirable; allow it with the reason where it must stay",
		Wrong: "  - {uid: \"234567890123456781\", name: alice, reason: departed, effective: 2025-11-01}\n",
		Right: "  - {uid: \"234567890123456781\", name: alice, reason: departed, effective: 2026-11-01}\n"},
	{ID: NoTicket, Severity: Warning, Title: "a lockout without a ticket",
		Meaning: "compromised without certificates takes everything away from somebody who still works here. Whoever is asked why needs the " +
			"incident. With certificates the entry itself says what it is about.",
		Fix:   "write ticket: and the incident",
		Wrong: "  - {uid: \"234567890123456781\", name: alice, reason: compromised, until: 2026-12-31}\n",
		Right: "  - {uid: \"234567890123456781\", name: alice, reason: compromised, until: 2026-12-31, ticket: SEC-118}\n"},
	{ID: NearUID, Severity: Warning, Title: "two uids that are almost the same",
		Meaning: "Two uids of one kind differ in one digit, or in the last four only: a slip of the finger, or digits that a spreadsheet lost. " +
			"uids of RAM lie far apart. Those of fewer than nine digits are not compared.",
		Fix:   "check both in RAM, ackrevoke show UID says who it is; allow it with the reason where both are meant",
		Wrong: alice + "  - {uid: \"234567890123456789\", name: bob, reason: departed}\n",
		Right: alice + "  - {uid: \"287654321098765432\", name: bob, reason: departed}\n"},
	{ID: RoundedUID, Severity: Warning, Title: "a uid that ends in three zeros",
		Meaning: "A spreadsheet keeps 15 digits of a number and writes zeros for the rest; a uid has 18. Judged are uids of more than 15 " +
			"digits, in principals, guards.protect and accepted.",
		Fix:   "take the uid from RAM again, and keep such a column as text",
		Wrong: "  - {uid: \"234567890123456000\", name: alice, reason: departed}\n", Right: alice},
	{ID: ProtectedName, Severity: Warning, Title: "a pattern of guards.protect that is about an entry",
		Meaning: "guards.protect says that nobody of such a name may be revoked, and an entry states such a name: the run will refuse the entry.",
		Fix:     "take the entry out, or make the pattern narrower",
		Wrong:   "guards: {protect: [{name: \"ali*\"}]}\nprincipals:\n" + alice,
		Right:   "guards: {protect: [{name: \"ci-*\"}]}\nprincipals:\n" + alice},
	{ID: Order, Severity: Warning, Title: "the list is not in order of uids",
		Meaning: "ackrevoke add puts an entry in its place in a list that is in order of uids, and last in any other. In order, two people who " +
			"add entries seldom touch the same lines.",
		Fix:   "sort the entries by uid; allow it with the reason where the order means something else",
		Wrong: "  - {uid: \"287654321098765432\", name: bob, reason: departed}\n" + alice,
		Right: alice + "  - {uid: \"287654321098765432\", name: bob, reason: departed}\n"},
	{ID: RaisedCap, Severity: Warning, Title: "a cap above the default, for good",
		Meaning: "Caps bound what a wrong list can do: 10 principals and 200 actions for departed, 5 principals for compromised. guards.raise " +
			"lifts them until a date, and then they hold again.",
		Fix:   "state guards.raise with a date instead; allow it with the reason where the cap must be higher for good",
		Wrong: "guards: {maxPrincipals: 60}\n",
		Right: "guards: {maxPrincipals: 10, raise: {maxPrincipals: 60, until: 2027-01-31}}\n"},
	{ID: EndsSoon, Severity: Warning, Title: "an exception ends within 14 days",
		Meaning: "accepted and guards.raise end at their date, and the next run is red or refused. 14 days are time for a review.",
		Fix:     "settle what it excepts, or have a later date reviewed",
		Wrong:   "accepted: [{what: listing, until: 2026-11-30, why: the audit of the list is under way}]\n",
		Right:   "accepted: [{what: listing, until: 2027-01-31, why: the audit of the list is under way}]\n"},
	{ID: Ended, Severity: Warning, Title: "an exception has ended",
		Meaning: "The row no longer accepts or raises anything, and reads as if it did.",
		Fix:     "take it out, or have a later date reviewed",
		Wrong:   "guards: {raise: {maxPrincipals: 60, until: 2026-11-01}}\n",
		Right:   "guards: {raise: {maxPrincipals: 60, until: 2027-01-31}}\n"},
	{ID: policy.RuleHidden, Severity: Warning, Title: "a value with a character that cannot be seen",
		Meaning: "A name, a ticket or a pattern has a no-break space or a zero-width character in it: it looks like another and is not the same.",
		Fix:     "write it again without the character",
		Wrong:   "  - {uid: \"234567890123456781\", name: ali\u200bce, reason: departed}\n", Right: alice},
	{ID: policy.RuleSwallowed, Severity: Warning, Title: "a line that looks like a key and is none",
		Meaning: "Behind a key stands a full-width colon, so YAML takes the line for more of the text above it: the key is not set.",
		Fix:     "write an ordinary colon and a space; quote the text above where the line belongs to it",
		Wrong:   "  - uid: \"234567890123456781\"\n    name: alice\n    reason: departed\n    note: left in May\n      until：2027-01-31\n",
		Right:   "  - uid: \"234567890123456781\"\n    name: alice\n    reason: departed\n    note: left in May\n    until: 2027-01-31\n"},
	{ID: AllowForm, Severity: Warning, Title: "a comment that allows nothing",
		Meaning: "A comment allows warnings on its line, on the next one where it stands alone, or in the whole file where it stands above all " +
			"keys. It names rules and, behind a colon, the reason. Errors cannot be allowed.",
		Fix:   "write # ackrevoke:allow RULE: REASON",
		Wrong: "# ackrevoke:allow near-uid\nversion: 1\naccount: \"1234567890123456\"\nprincipals: []\n",
		Right: "# ackrevoke:allow near-uid: made-up uids of a test account\nversion: 1\naccount: \"1234567890123456\"\nprincipals: []\n"},
}
