package report

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestDecodeRefuses(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ in, says string }{
		"nothing":         {"", "not a report"},
		"null":            {"null", `schema is ""`},
		"a list":          {"[]", "not a report"},
		"another version": {`{"schema":"ackrevoke.report/v2","run":7}`, "ackrevoke.report/v2"},
		"a hostile name":  {`{"schema":"\u001b[2J"}`, `u{1b}[2J`},
		"a uid as number": {`{"schema":"ackrevoke.report/v1","principals":[{"uid":200000000000000001}]}`, "principals.uid"},
		"an odd time":     {`{"schema":"ackrevoke.report/v1","run":{"startedAt":"yesterday"}}`, "RFC 3339"},
		"a far time":      {`{"schema":"ackrevoke.report/v1","run":{"startedAt":"0000-01-01T00:00:00Z"}}`, "year 0"},
		"two documents":   {`{"schema":"ackrevoke.report/v1"}{}`, "not a report"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, err := Decode([]byte(tc.in))
			if err == nil || r != nil || !strings.Contains(err.Error(), tc.says) {
				t.Errorf("%v, %v; want %q", r, err, tc.says)
			}
		})
	}
}

func TestReadNamesTheFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "x.json")
	if _, err := Read(path); err == nil || !strings.Contains(err.Error(), path) {
		t.Error(err)
	}
	put(t, path, "")
	if err := os.Truncate(path, maxSize+1); err != nil { // no bytes of the disk
		t.Fatal(err)
	}
	if _, err := Read(path); err == nil || !strings.Contains(err.Error(), path+": larger than 1024 MiB") {
		t.Error(err)
	}
	put(t, path, "{}")
	if _, err := Read(path); err == nil || !strings.Contains(err.Error(), path) {
		t.Error(err)
	}
}

func TestEncodeIsHarmless(t *testing.T) {
	t.Parallel()
	hostile := "\x00\x1b[2J\x7f\u009b\u202e\u2066\u200b\ufeff\u2028\U000e0041\u3164 <&> é 生"
	r := New()
	r.Run.ID = hostile
	data := encoded(t, r)
	for _, c := range string(data) {
		if c != '\n' && hidden(c) {
			t.Errorf("holds %U", c)
		}
	}
	if !bytes.Contains(data, []byte("<&> é 生")) {
		t.Error("escapes what is harmless")
	}
	back, err := Decode(data)
	if err != nil || back.Run.ID != hostile {
		t.Errorf("%q, %v", back.Run.ID, err)
	}
}

// FuzzDecode: an error leaves nothing, and what decodes has one form.
func FuzzDecode(f *testing.F) {
	seeds, err := filepath.Glob(filepath.Join("testdata", "*.json"))
	if err != nil || len(seeds) < len(samples) {
		f.Fatalf("seeds: %v (%v)", seeds, err)
	}
	for _, seed := range seeds {
		data, err := os.ReadFile(seed)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Add([]byte(`{"schema":"ackrevoke.report/v1","outcomes":[{"after":{}}],"plan":{"actions":null}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := Decode(data)
		if err != nil {
			if r != nil {
				t.Error("an error and a report")
			}
			return
		}
		_ = Check(r) // must not panic, whatever it says
		var tables bytes.Buffer
		_ = PlanTable(&tables, r, Look{})
		_ = ResultTable(&tables, r, Look{})
		first, err := r.Encode()
		if err != nil {
			t.Fatal(err)
		}
		back, err := Decode(first)
		if err != nil {
			t.Fatal(err)
		}
		for _, text := range []string{string(first), tables.String()} {
			for _, c := range text {
				if c != '\n' && Hidden(c) {
					t.Errorf("holds %U", c)
				}
			}
		}
		if second, err := back.Encode(); err != nil || !bytes.Equal(first, second) {
			t.Errorf("%v\n%s\nthen\n%s", err, first, second)
		}
	})
}

func TestRecognize(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "x.json")
	if err := Recognize(path, SchemaName); !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
	whole := string(encoded(t, New()))
	for text, is := range map[string]bool{
		whole:                              true,
		strings.Replace(whole, " ", "", 1): true,
		`{"run":{"schema":"x"},"list":[{},["schema"]],"schema":"ackrevoke.report/v1","last":"schema"}`: true,

		"":                                 false,
		"{}":                               false,
		`{"schema":"ackrevoke.report/v2"}`: false,
		`{"run":{"schema":"ackrevoke.report/v1"}}`:                              false,
		`{"run":"schema","to":"ackrevoke.report/v1"}`:                           false,
		`{"schema":{"schema":"ackrevoke.report/v1"}}`:                           false,
		`["schema","ackrevoke.report/v1"]`:                                      false,
		`{"schema":"ackrevoke.report/v1"}{}`:                                    false,
		`{"schema":"ackrevoke.report/v1"} and notes of mine`:                    false,
		`{"schema":"ackrevoke.report/v1",`:                                      false,
		`{"schema":"ackrevoke.report/v1","list":[1,}]}`:                         false,
		`{"schema":"ackrevoke.report/v1","list":[{"of":[1,}]}]}`:                false,
		`{"schema":"ackrevoke.report/v1","a":{"b":{"c":{"d":{"e":}}}}}`:         false,
		`{"schema":"ackrevoke.report/v1","a":` + strings.Repeat(`{"a":`, 1<<20): false,
		`{"schema":"ackrevoke.report/v1","a":` + strings.Repeat("[", 1<<20):     false,
		`"schema"`:                        false,
		whole[1:]:                         false,
		whole + whole:                     false,
		whole + "notes of mine\n" + whole: false,
		whole + "\n":                      true, // white space is no other document
		"{\n  \"schema\": \"ackrevoke.report/v1\",\nthis is my diary\n}\n":                                false,
		strings.TrimSuffix(whole, "\n}\n") + ",\n  \"schema\": \"my own one\"\n}\n":                       false,
		strings.TrimSuffix(whole, "\n}\n") + ",\n  \"long\": \"" + strings.Repeat("x", 1<<20) + "\"\n}\n": true,
		strings.TrimSuffix(whole, "\n}\n") + ",\n" + strings.Repeat("x", 1<<20) + "\n}\n":                 false,
		"\n" + whole[:len(whole)-4]:                              false,
		whole[:len(whole)-2]:                                     false,
		`[{"schema":"ackrevoke.report/v1"}]`:                     false,
		`{"schema":"ackrevoke.report/v1","schema":"my own one"}`: false,
	} {
		put(t, path, text)
		if err := Recognize(path, SchemaName); (err == nil) != is {
			t.Errorf("%.80s: %v", text, err)
		}
	}
}
