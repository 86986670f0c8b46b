package ack

import (
	"strings"
	"unicode"
)

// unspoilt refuses a key, a secret or a token that has in it what none has:
// white space and line ends, which come with echo, with a Secret made of a file
// and with a copied line, and which the service would call a wrong signature.
// The error names where the value stands and shows nothing of it.
func unspoilt(where, value string) error {
	at := strings.IndexFunc(value, func(r rune) bool { return r <= ' ' || r >= 0x7f })
	if at < 0 {
		return nil
	}
	what := "white space"
	switch r := []rune(value[at:])[0]; {
	case r == '\n' || r == '\r':
		what = "a line end"
	case !unicode.IsSpace(r):
		what = "a character that no key has"
	}
	place := " in it"
	switch {
	case strings.TrimSpace(value) == "":
		what, place = "nothing but white space", " in it"
	case strings.TrimSpace(value[at:]) == "":
		place = " at its end"
	case at == 0:
		place = " at its beginning"
	}
	return &failure{what: where + " has " + what + place, spoilt: true,
		hint: "set it again without: printf %s instead of echo, kubectl create secret --from-literal instead of a file with a line end"}
}

// written is a value and where it stands.
type written struct{ where, value string }

// allUnspoilt is the first error of several.
func allUnspoilt(values ...written) error {
	for _, v := range values {
		if err := unspoilt(v.where, v.value); err != nil {
			return err
		}
	}
	return nil
}
