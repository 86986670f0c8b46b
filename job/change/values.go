package change

import (
	"slices"
	"strings"
	"time"

	"ackrevoke/policy"
)

// apart returns what is in one list only, each once and in order of the lists:
// what the order or a repetition says is nothing.
func apart(old, new []string) (gone, come []string) {
	return only(old, new), only(new, old)
}

func only(list, other []string) []string {
	there := map[string]bool{}
	for _, s := range other {
		there[s] = true
	}
	var rest []string
	for _, s := range list {
		if !there[s] {
			rest = append(rest, s)
			there[s] = true
		}
	}
	return rest
}

func texts[T any](list []T, text func(T) string) []string {
	all := make([]string, 0, len(list))
	for _, x := range list {
		all = append(all, text(x))
	}
	return all
}

// list is a list for people, whatever order it was written in.
func list(s []string) string {
	s = slices.Clone(s)
	slices.Sort(s)
	return strings.Join(slices.Compact(s), ", ")
}

func zone(p *policy.Policy) string {
	if p.Location == nil {
		return time.UTC.String()
	}
	return p.Location.String()
}

// moment is a time as the service shows it; "" for none. Nothing of it is
// rounded, for a policy may state parts of a second.
func moment(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339Nano)
}

// firstDay is a beginning as the file has it: a day, where it is the first
// moment of one.
func firstDay(t time.Time, p *policy.Policy) string {
	if local, first := dawn(t, p); first {
		return local.Format(time.DateOnly)
	}
	return moment(t)
}

// lastDay is an end as the file has it: the day that ends there, where one does.
func lastDay(t time.Time, p *policy.Policy) string {
	if local, first := dawn(t, p); first {
		return local.Add(-time.Nanosecond).Format(time.DateOnly)
	}
	return moment(t)
}

// dawn reports whether a moment is the first one of a day in the policy's time
// zone.
func dawn(t time.Time, p *policy.Policy) (time.Time, bool) {
	if t.IsZero() || p.Location == nil {
		return t, false
	}
	local := t.In(p.Location)
	return local, local.Day() != local.Add(-time.Nanosecond).Day()
}

// begins and ends are two moments as their files have them, or to the second
// where the files have the same day and mean two.
func begins(old time.Time, before *policy.Policy, new time.Time, after *policy.Policy) (string, string) {
	return distinct(old, firstDay(old, before), new, firstDay(new, after))
}

func ends(old time.Time, before *policy.Policy, new time.Time, after *policy.Policy) (string, string) {
	return distinct(old, lastDay(old, before), new, lastDay(new, after))
}

func distinct(old time.Time, oldText string, new time.Time, newText string) (string, string) {
	if oldText == newText {
		return moment(old), moment(new)
	}
	return oldText, newText
}
