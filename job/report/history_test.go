package report

import (
	"bytes"
	"reflect"
	"testing"
)

// Every field is in the schema, and what stands in a history harms no terminal.
func TestHistoryIsHarmless(t *testing.T) {
	t.Parallel()
	h := NewHistory(hostile, hostile)
	poison(reflect.ValueOf(h).Elem())
	var b bytes.Buffer
	must(t, HistoryTable(&b, h, Look{}))
	data, err := h.Encode()
	must(t, err)
	for _, r := range b.String() + string(data) {
		if r != '\n' && hidden(r) {
			t.Fatalf("holds %U:\n%s", r, b.String())
		}
	}
}

func TestHistorySchema(t *testing.T) {
	t.Parallel()
	open, shut := compile(t, parse(t, Schema("history"))), compile(t, closed(parse(t, Schema("history"))))
	h := NewHistory("", "")
	poison(reflect.ValueOf(h).Elem())
	h.Schema = HistoryName
	for i := range h.Runs {
		h.Runs[i].Kind = PastRestore
		for k := range h.Runs[i].Writes {
			h.Runs[i].Writes[k].Resurrected.Certificate, h.Runs[i].Writes[k].GivenBack.Certificate = SameCertificate, ""
		}
	}
	for _, h := range []*History{h, NewHistory("", "")} {
		data, err := h.Encode()
		must(t, err)
		doc := parse(t, data)
		for _, s := range []interface{ Validate(any) error }{open, shut} {
			if err := s.Validate(doc); err != nil {
				t.Errorf("%v\n%s", err, data)
			}
		}
	}
}

func TestHistoryCounts(t *testing.T) {
	t.Parallel()
	h := NewHistory("", "")
	e := &Earlier{}
	h.Runs = []PastRun{{Writes: []PastWrite{{Proven: true, Resurrected: e}, {GivenBack: e, Unfinished: true}}}, {Proofs: []PastProof{{}}}}
	h.Count()
	if want := (PastSummary{Runs: 2, Writes: 2, Proven: 1, Resurrected: 1, GivenBack: 1, Unfinished: 1, Proofs: 1}); h.Summary != want {
		t.Errorf("%+v, want %+v", h.Summary, want)
	}
}
