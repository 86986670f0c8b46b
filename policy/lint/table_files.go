package lint

import "ackrevoke/policy"

const (
	alice = `  - {uid: "234567890123456781", name: alice, reason: departed}` + "\n"
	bare  = "version: 1\naccount: \"1234567890123456\"\nprincipals: []\n"
)

// ofFiles are the rules about a file as such. They have no examples: what is wrong is
// not in the file.
var ofFiles = []Rule{
	{ID: Missing, Severity: Error, Title: "there is no such file",
		Meaning: "Nothing has the name that was given, or nothing that a folder or a pattern stands for is a policy file.",
		Fix:     "check the path and the folder that the command runs in"},
	{ID: Unreadable, Severity: Error, Title: "the file cannot be read",
		Meaning: "The file is there and cannot be opened or read, or is no regular file: a folder among files, a pipe, a device.",
		Fix:     "check the kind of the file and who may read it"},
	{ID: AccountTwice, Severity: Error, Title: "two files of a folder are about one account",
		Meaning: "run --policy-dir runs none of several files that are about one account: which list is meant, nobody can know.",
		Fix:     "put both lists into one file"},
	{ID: ReportName, Severity: Error, Title: "the report of the file would take another's place",
		Meaning: "run --policy-dir writes one report for each file, named as the file. Two files that differ in .yaml and .yml alone, or in " +
			"upper and lower case, would write one report, and a file named summary would write over the summary.",
		Fix: "rename the file"},
}

// ofText are the rules about the text, before it is a policy.
var ofText = []Rule{
	{ID: policy.RuleTooLarge, Severity: Error, Title: "the file is larger than 1 MiB",
		Meaning: "A policy is at most 1 MiB, some 10,000 entries with uid, name, reason and ticket: it bounds what a hostile file costs.",
		Fix:     "take out entries that a report calls retirable, and long notes"},
	{ID: policy.RuleNotUTF8, Severity: Error, Title: "the text is not UTF-8",
		Meaning: "The file is UTF-16 or UTF-32, as Windows programs write, or has bytes that are not UTF-8, as in Latin-1 or GBK.",
		Fix:     "save the file as UTF-8",
		Wrong:   "version: 1\naccount: \"1234567890123456\"\n# M\xfcller has left\nprincipals: []\n",
		Right:   "version: 1\naccount: \"1234567890123456\"\n# Müller has left\nprincipals: []\n"},
	{ID: policy.RuleControl, Severity: Error, Title: "a control character",
		Meaning: "Control characters (Unicode Cc, except tab and line ends) change what a terminal shows. They may stand nowhere, also not as " +
			"an escape.",
		Fix:   "remove it",
		Wrong: `  - {uid: "234567890123456781", name: alice, reason: departed, note: "\e[2J"}` + "\n",
		Right: `  - {uid: "234567890123456781", name: alice, reason: departed, note: left in May}` + "\n"},
	{ID: policy.RuleInvisible, Severity: Error, Title: "a character that cannot be seen",
		Meaning: "A no-break space or a zero-width character stands where YAML takes it for a letter. Chats, documents and web pages " +
			"put them there.",
		Fix:   "write an ordinary space, or nothing",
		Wrong: "version: 1\naccount: \"1234567890123456\"\nprincipals:\u00a0[]\n",
		Right: bare},
	{ID: policy.RuleLookalike, Severity: Error, Title: "a character that only looks like one of YAML",
		Meaning: "A full-width colon, comma or digit (an input method for Chinese writes them), a typographic quotation mark or a dash stands " +
			"where YAML needs its own. In notes and comments they are welcome.",
		Fix:   "write the ordinary character",
		Wrong: "version: 1\naccount：\"1234567890123456\"\nprincipals: []\n",
		Right: bare},
	{ID: policy.RuleTab, Severity: Error, Title: "a tab in the indentation",
		Meaning: "YAML indents with spaces only.",
		Fix:     "replace each tab by spaces",
		Wrong:   "  - uid: \"234567890123456781\"\n    name: alice\n\treason: departed\n",
		Right:   "  - uid: \"234567890123456781\"\n    name: alice\n    reason: departed\n"},
	{ID: policy.RuleSyntax, Severity: Error, Title: "the text is no YAML",
		Meaning: "The parser cannot read on; it often knows the line and seldom the column. Only the first such error of a file is known.",
		Fix:     "look at the line that is named and at the one above it: indentation, brackets, quotation marks",
		Wrong:   `  - {uid: "234567890123456781", name: alice, reason: departed` + "\n",
		Right:   alice},
	{ID: policy.RuleAlias, Severity: Error, Title: "an anchor, an alias or a merge key",
		Meaning: "What is written once and used twice is reviewed once. A policy states each value where it counts.",
		Fix:     "write the value out",
		Wrong:   "  - &a {uid: \"234567890123456781\", name: alice, reason: departed}\n",
		Right:   alice},
	{ID: policy.RuleTag, Severity: Error, Title: "an explicit tag",
		Meaning: "A tag like !!str changes what YAML reads a value as, and not every reader minds it.",
		Fix:     "take the tag out, and quote the value if it is a text",
		Wrong:   "  - {uid: \"234567890123456781\", name: !!str 42, reason: departed}\n",
		Right:   "  - {uid: \"234567890123456781\", name: \"42\", reason: departed}\n"},
	{ID: policy.RuleSecondDocument, Severity: Error, Title: "a second document",
		Meaning: "A --- begins a second document, which some readers pass over: a list there would be read by nobody.",
		Fix:     "put everything into one document",
		Wrong:   bare + "---\nprincipals: []\n",
		Right:   bare},
	{ID: policy.RuleEmpty, Severity: Error, Title: "the file is empty",
		Meaning: "There is nothing in it, or comments alone. A list of nobody is written as principals: [].",
		Fix:     "write version, account and principals",
		Wrong:   "# nobody has left\n",
		Right:   bare},
	{ID: policy.RuleNoPolicy, Severity: Error, Title: "the file is something else",
		Meaning: "It is the manifest of a Kubernetes object, a kubeconfig, or a report of this program. The message says where the policy is.",
		Fix:     "give the policy itself",
		Wrong:   "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ackrevoke}\ndata:\n  policy.yaml: |\n    version: 1\n    principals: []\n",
		Right:   bare},
}

// ofKeys are the rules about keys, and about what kind of value they take.
var ofKeys = []Rule{
	{ID: policy.RuleNoMapping, Severity: Error, Title: "no mapping where one is needed",
		Meaning: "The file, scope, guards, raise and every row of a list are mappings of keys and values.",
		Fix:     "write keys and values, like {uid: \"234567890123456781\", reason: departed}",
		Wrong:   "  - alice\n", Right: alice},
	{ID: policy.RuleNoList, Severity: Error, Title: "no list where one is needed",
		Meaning: "principals, accepted, protect, clusters, certificates and the keys of scope take lists, also of one.",
		Fix:     "write a list, like [\"prod-*\"]",
		Wrong:   "scope: {include: \"prod-*\"}\n", Right: "scope: {include: [\"prod-*\"]}\n"},
	{ID: policy.RuleUnknownKey, Severity: Error, Title: "a key that there is not",
		Meaning: "A key that is passed over is a wish that nobody fulfils. The message names the keys there are.",
		Fix:     "correct the key, or take it out",
		Wrong:   "  - {uid: \"234567890123456781\", name: alice, reason: departed, unitl: 2027-01-31}\n",
		Right:   "  - {uid: \"234567890123456781\", name: alice, reason: departed, until: 2027-01-31}\n"},
	{ID: policy.RuleDuplicateKey, Severity: Error, Title: "a key that stands twice",
		Meaning: "Of two principals in one file a reader of YAML takes one, and each reader another.",
		Fix:     "take one out",
		Wrong:   "  - {uid: \"234567890123456781\", name: alice, name: bob, reason: departed}\n", Right: alice},
	{ID: policy.RuleMissingKey, Severity: Error, Title: "a key that must be there",
		Meaning: "The key is missing, or stands there without a value. The message says what to write, and where a uid is to be found.",
		Fix:     "write the key and its value",
		Wrong:   "  - {uid: \"234567890123456781\", name: alice}\n", Right: alice},
}
