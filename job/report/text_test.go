package report

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"ackrevoke/policy"
)

func TestTables(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	for _, sample := range []func() *Report{incomplete, refused, invalid} {
		must(t, PlanTable(&b, sample(), Look{}))
		must(t, ResultTable(&b, sample(), Look{}))
		b.WriteString("--\n")
	}
	golden(t, "tables.txt", b.Bytes())
	for _, r := range b.String() {
		if r != '\n' && hidden(r) {
			t.Errorf("holds %U", r)
		}
	}
}

func TestStyleDoesNotMoveColumns(t *testing.T) {
	t.Parallel()
	var bare, styled bytes.Buffer
	must(t, ResultTable(&bare, incomplete(), Look{}))
	seen := map[Tone]bool{}
	must(t, ResultTable(&styled, incomplete(), Look{Style: func(tone Tone, s string) string {
		seen[tone] = true
		return "\x1b[1m" + s + "\x1b[0m"
	}}))
	if got := strings.NewReplacer("\x1b[1m", "", "\x1b[0m", "").Replace(styled.String()); got != bare.String() {
		t.Errorf("%s\nwithout style\n%s", got, bare.String())
	}
	for _, tone := range []Tone{ToneHeading, Tone(Unclear), Tone(Left), Tone(PendingYet)} {
		if !seen[tone] {
			t.Errorf("tone %q is missing", tone)
		}
	}
}

func TestDisplayWidth(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]int{"": 0, "abc": 3, "生产": 4, "e\u0301": 1, "ＡＢ": 4, "한": 2, "😀": 2} {
		if got := displayWidth(s); got != want {
			t.Errorf("%q: %d, want %d", s, got, want)
		}
	}
}

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("full") }

func TestTablesReportAFullDisk(t *testing.T) {
	t.Parallel()
	if PlanTable(full{}, incomplete(), Look{}) == nil || ResultTable(full{}, incomplete(), Look{}) == nil {
		t.Error("no error")
	}
}

func TestNewError(t *testing.T) {
	t.Parallel()
	if NewError(nil, "x") != nil {
		t.Error("an error out of none")
	}
	for _, k := range []policy.FaultKind{policy.Throttled, policy.Conflict, policy.NotFound, policy.Credentials, policy.Denied,
		policy.Declined,
		policy.Invalid, policy.Unavailable, policy.Timeout, policy.Canceled, policy.Internal, ""} {
		e := NewError(&policy.Fault{Op: "ListUsers", Kind: k}, "")
		if e.Hint == "" || e.Kind == "" || e.Message == "" {
			t.Errorf("%q: %+v", k, e)
		}
	}
	if e := NewError(&policy.Fault{Kind: policy.Denied}, "mine"); e.Hint != "mine" {
		t.Errorf("%+v", e)
	}
}
