package schedule

import (
	"strings"
	"testing"

	"github.com/robfig/cron/v3"
)

// Seven is Sunday wherever a day of the week may stand, and nowhere else.
func TestSevenIsSunday(t *testing.T) {
	for _, c := range []struct{ given, want string }{
		{"7", "0"}, {"07", "0"}, {"7-7", "0"}, {"7/1", "0"}, {"7/2", "0"},
		{"1,7", "1,0"}, {"7,1,7", "0,1,0"}, {"5-7", "5,6,0"}, {"6-7/1", "6,0"},
		{"1-7/2", "1,3,5,0"}, {"1-7/9", "1"}, {"0-7", "*"}, {"0-7/7", "0"},
		{"MON-7", "*"}, {"sat-7", "6,0"}, {"SUN-7/3", "0,3,6"}, {"mon,Fri-7", "1,5,6,0"},
		{"5", "5"}, {"1-5/2", "1,3,5"}, {"*", "*"}, {"*/7", "0"}, {"?", "*"}, {"mon-FRI", "1-5"},
	} {
		for _, prefix := range []string{"", "CRON_TZ=Asia/Shanghai ", "TZ=Asia/Shanghai  "} {
			got, want := parsed(t, prefix+"7 7 * 7 "+c.given), must(cron.ParseStandard(prefix+"7 7 * 7 "+c.want))
			for g, w := coming.from, coming.from; w.Before(coming.to); {
				if g, w = got.Next(g), want.Next(w); !g.Equal(w) {
					t.Fatalf("%s%s: runs at %s, want %s", prefix, c.given, g, w)
				}
			}
		}
	}
}

// What is no schedule is said to be none, with what is wrong about it.
func TestScheduleIsWrong(t *testing.T) {
	for expression, want := range map[string]string{
		"0 6 * * 8":                        "end of range (8) above maximum (6): 8",
		"0 6 * * 5-8":                      "end of range (8) above maximum (6): 5-8",
		"0 6 * * 8-7":                      "above maximum",
		"0 6 * * 7-3":                      "beginning of range (7) beyond end of range (3): 7-3",
		"0 6 * * 77":                       "end of range (77) above maximum (6): 77",
		"0 6 * * 5-7/0":                    "step of range should be a positive number: 5-7/0",
		"0 6 * * 5-7/x":                    "failed to parse int from x",
		"0 6 * * 5-7/":                     "failed to parse int",
		"0 6 * * 5-7/9999999999999999999":  "step of range should be a positive number: 5-7/9999999999999999999",
		"0 6 * * 1-5-7":                    "too many hyphens: 1-5-7",
		"0 6 * * 7/1/1":                    "too many slashes: 7/1/1",
		"0 6 * * -7":                       "failed to parse int",
		"0 6 * * someday":                  "failed to parse int from someday",
		"0 24 * * 7":                       "end of range (24) above maximum (23): 24",
		"0 6 * 7":                          "expected exactly 5 fields, found 4: [0 6 * 7]",
		"0 0 6 * * 7":                      "expected exactly 5 fields, found 6: [0 0 6 * * 7]",
		"CRON_TZ=Europe/Berlin":            "it is no schedule",
		"CRON_TZ=Europe/Nowhere 0 6 * * 7": "provided bad location Europe/Nowhere",
		"@every":                           "unrecognized descriptor: @every",
		"@every 7":                         "failed to parse duration",
		"":                                 "empty spec string",
	} {
		if s, err := Parse(expression); err == nil || s != nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, %v, want %s", expression, s, err, want)
		}
	}
}
