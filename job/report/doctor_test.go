package report

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"

	"ackrevoke/job/end"
)

const hostile = "a\x1b[2J\x1b]0;x\a\u202e\u200b\r\nb\xff"

// poison puts hostile text wherever text has a place, and something into every
// list and pointer.
func poison(v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		poison(v.Elem())
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[Time]() {
			return
		}
		for i := range v.NumField() {
			poison(v.Field(i))
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		for i := range 2 {
			poison(v.Index(i))
		}
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		value := reflect.New(v.Type().Elem()).Elem()
		poison(value)
		v.SetMapIndex(reflect.ValueOf(hostile), value)
	case reflect.String:
		v.SetString(hostile)
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int64:
		v.SetInt(6)
	}
}

// Whatever stands in an examination, its text and its JSON harm no terminal.
func TestExaminationIsHarmless(t *testing.T) {
	t.Parallel()
	e := NewDoctor()
	poison(reflect.ValueOf(e).Elem())
	answers := []Answer{Answered, Denied, Missed, NotTried, Answer(hostile)}
	for _, match := range []Match{SameAccount, OtherAccount, NoAccount} {
		for _, told := range []Enumeration{Enumerates, LeavesOut, NotTold} {
			e.Account.Match, e.StatesList.Answer = match, told
			e.Reads = nil
			for _, a := range answers {
				e.Reads = append(e.Reads, Reading{Operation: hostile, Actions: []string{hostile}, Answer: a, Tried: 2, Failed: 1, Why: hostile})
			}
			var b bytes.Buffer
			must(t, DoctorText(&b, e, Look{}))
			if !utf8.Valid(b.Bytes()) {
				t.Error("the text is not valid")
			}
			for _, r := range b.String() {
				if r != '\n' && hidden(r) {
					t.Fatalf("the text holds %U:\n%q", r, b.String())
				}
			}
		}
	}
	data, err := e.Encode()
	must(t, err)
	for _, r := range string(data) {
		if r != '\n' && hidden(r) {
			t.Fatalf("the JSON holds %U", r)
		}
	}
}

// A list of an examination is empty rather than null, in a fresh one too.
func TestExaminationHasNoNullLists(t *testing.T) {
	t.Parallel()
	data, err := (&Doctor{}).Encode()
	must(t, err)
	var top map[string]any
	must(t, json.Unmarshal(data, &top))
	for name, v := range top {
		if v == nil && name != "policy" && name != "grant" {
			t.Errorf("%s is null", name)
		}
	}
	for _, name := range []string{"missing", "unknown", "refused", "residual", "guards", "blind", "reasons"} {
		if !strings.Contains(string(data), `"`+name+`": []`) {
			t.Errorf("%s is not an empty list", name)
		}
	}
}

// The verdict is the weightiest finding: 1 before 6, and a warning is none.
func TestConclude(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		codes []int
		want  int
		name  end.Name
		n     int
	}{
		{nil, 0, end.Ready, 0}, {[]int{0}, 0, end.Ready, 0}, {[]int{0, 6, 6}, 6, end.Incomplete, 1}, {[]int{6, 1, 0}, 1, end.Errored, 2},
		{[]int{1}, 1, end.Errored, 1},
	} {
		e := NewDoctor()
		for _, c := range tt.codes {
			e.Findings = append(e.Findings, Finding{ExitCode: c})
		}
		e.Conclude()
		if e.Verdict.ExitCode != tt.want || e.Verdict.Name != tt.name || len(e.Verdict.Reasons) != tt.n {
			t.Errorf("%v: %+v", tt.codes, e.Verdict)
		}
	}
}

// Long lists are cut in the text, and say so; the JSON has all of them.
func TestExaminationTextIsBounded(t *testing.T) {
	t.Parallel()
	e := NewDoctor()
	e.Clusters = []Clusters{{Region: "r", State: "running", Clusters: 500}}
	for range 500 {
		e.Blind = append(e.Blind, Place{Cluster: Cluster{ID: "c", Name: "name"}, InScope: true})
		e.Findings = append(e.Findings, Finding{Message: "m", Hint: "h"})
		e.Entries.Unknown = append(e.Entries.Unknown, Named{Unknown: Unknown{UID: "1", Cluster: "c"}})
	}
	var b bytes.Buffer
	must(t, DoctorText(&b, e, Look{}))
	if n := strings.Count(b.String(), "\n"); n > 100 || strings.Count(strings.Join(strings.Fields(b.String()), " "), "and 480 more") != 3 {
		t.Errorf("%d lines\n%s", n, b.String())
	}
	for _, line := range strings.Split(b.String(), "\n") {
		if len(line) > textWidth+2 && !strings.Contains(line, "(exit") {
			t.Errorf("%d wide: %s", len(line), line)
		}
	}
}
