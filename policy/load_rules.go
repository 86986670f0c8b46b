package policy

// Rules are the ways in which a policy can be wrong: what a [Problem] is an example
// of. The names are public; policy/lint says what each means, and how to mend it.
const (
	// The file.
	RuleTooLarge       = "too-large"
	RuleNotUTF8        = "not-utf8"
	RuleControl        = "control-character"
	RuleInvisible      = "invisible-character"
	RuleLookalike      = "lookalike-character"
	RuleTab            = "tab-indentation"
	RuleSyntax         = "yaml-syntax"
	RuleAlias          = "yaml-alias"
	RuleTag            = "yaml-tag"
	RuleSecondDocument = "second-document"
	RuleEmpty          = "empty-policy"
	RuleNoPolicy       = "no-policy"

	// Keys, and what kind of value they take.
	RuleNoMapping    = "not-a-mapping"
	RuleNoList       = "not-a-list"
	RuleUnknownKey   = "unknown-key"
	RuleDuplicateKey = "duplicate-key"
	RuleMissingKey   = "missing-key"
	RuleText         = "text-form"
	RuleEmptyText    = "empty-text"
	RuleEmptyList    = "empty-list"
	RuleNumber       = "number-form"
	RuleFlag         = "flag-form"
	RuleWord         = "unknown-word"
	RuleGlob         = "glob-form"
	RuleExactID      = "exact-id"
	RuleDate         = "date-form"
	RuleOffset       = "no-offset"
	RuleYear         = "year-range"
	RuleTimeZone     = "time-zone"

	// What the keys say.
	RuleVersion     = "version"
	RuleAccount     = "account-form"
	RuleUID         = "uid-form"
	RuleUIDTwice    = "uid-twice"
	RuleProtected   = "uid-protected"
	RuleProtectRow  = "protect-row"
	RuleAcceptedRow = "accepted-row"
	RuleAssumeRole  = "assume-role"
	RuleExternalID  = "external-id"
	RuleNever       = "never-in-effect"
	RulePins        = "pins-on-departed"
	RuleNoEnd       = "compromised-without-end"
)
