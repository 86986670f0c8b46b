package ack

import (
	"strings"
	"testing"

	"ackrevoke/policy"
)

type row struct{ id, what string }

func rowID(r row) string { return r.id }

// listed is a page in short: "3: a b c=x" is a total, then ids, some with a content.
func listed(s string) page[row] {
	t, list, _ := strings.Cut(s, ":")
	var p page[row]
	if t != "" {
		if err := p.total.UnmarshalJSON([]byte(t)); err != nil {
			panic(err)
		}
	}
	for _, f := range strings.Fields(list) {
		id, what, _ := strings.Cut(f, "=")
		p.rows = append(p.rows, row{id, what})
	}
	return p
}

func TestPages(t *testing.T) {
	for _, tt := range []struct {
		name  string
		pages []string
		want  string // ids, or "!" and a word of the fault
	}{
		{"nothing", []string{"0:"}, ""},
		{"one page", []string{"2: a b"}, "a b"},
		{"two pages", []string{"3: a b", "3: c"}, "a b c"},
		{"smaller pages than asked", []string{"3: a", "3: b", "3: c"}, "a b c"},
		{"the set moved, nothing is missing", []string{"3: a b", "3: b c"}, "a b c"},
		{"no total", []string{": a"}, "!states no total"},
		{"no total later", []string{"2: a", ": b"}, "!states no total"},
		{"null total", []string{"null: a"}, "!states no total"},
		{"another total", []string{"3: a b", "2: c"}, "!total was 3"},
		{"a grown total", []string{"3: a b", "4: c d"}, "!total was 3"},
		{"empty too early", []string{"3: a b", "3:"}, "!empty after 2 of 3"},
		{"empty at once", []string{"3:"}, "!empty after 0 of 3"},
		{"the same page again", []string{"3: a b", "3: a b"}, "!repeats"},
		{"an earlier page again", []string{"5: a b", "5: c d", "5: a b"}, "!repeats"},
		{"more than the total", []string{"1: a b"}, "!2 rows where the total is 1"},
		{"rows where there are none", []string{"0: a"}, "!1 rows where the total is 0"},
		{"a row without an id", []string{"2: a =x"}, "!without an id"},
		{"twice, and short", []string{"3: a a b", "3:"}, "!empty after 2 of 3"},
		{"twice with another content", []string{"3: a=x b", "3: a=y c"}, "!two different rows for a"},
		{"twice with another content on one page", []string{"2: a=x a=y"}, "!two different rows for a"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			asked := 0
			got, err := pages(listUserStates, 1, rowID, func(n int) (page[row], error) {
				asked++
				if n != asked || n > len(tt.pages) {
					t.Fatalf("asked for page %d after %d pages", n, asked-1)
				}
				return listed(tt.pages[n-1]), nil
			})
			check(t, got, err, tt.want, asked, len(tt.pages))
		})
	}
}

func TestLeaves(t *testing.T) {
	// "a b > m" is a page with more to follow at marker m.
	for _, tt := range []struct {
		name  string
		pages []string
		want  string
	}{
		{"nothing", []string{""}, ""},
		{"one page", []string{"a b"}, "a b"},
		{"two pages", []string{"a b > m", "c"}, "a b c"},
		{"an empty last page", []string{"a b > m", ""}, "a b"},
		{"no marker", []string{"a >"}, "!without a marker"},
		{"the same marker again", []string{"a > m", "b > m"}, "!marker"},
		{"an earlier marker", []string{"a > m", "b > n", "c > m"}, "!marker"},
		{"an id twice", []string{"a > m", "a"}, "!a is listed twice"},
		{"an id twice on one page", []string{"a a"}, "!a is listed twice"},
		{"no id", []string{"a =x"}, "!without an id"},
		{"empty, but more", []string{" > m"}, "!empty page"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			asked, last := 0, ""
			got, err := leaves(listUsers, rowID, nil, func(marker string) (leaf[row], error) {
				if marker != last || asked == len(tt.pages) {
					t.Fatalf("asked for marker %q after %d pages, want %q", marker, asked, last)
				}
				list, next, more := strings.Cut(tt.pages[asked], ">")
				asked++
				last = strings.TrimSpace(next)
				return leaf[row]{rows: listed(":" + list).rows, more: more, marker: last}, nil
			})
			check(t, got, err, tt.want, asked, len(tt.pages))
		})
	}
}

func check(t *testing.T, got []row, err error, want string, asked, there int) {
	t.Helper()
	if word, failed := strings.CutPrefix(want, "!"); failed {
		f := faultOf(t, err)
		if f.Kind != policy.Unavailable || !strings.Contains(f.Message, word) || !strings.Contains(f.Message, "contradictory") {
			t.Errorf("fault %+v, want %q", f, word)
		}
		if got != nil {
			t.Errorf("a short list came with the fault: %v", got)
		}
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, r := range got {
		ids = append(ids, r.id)
	}
	if strings.Join(ids, " ") != want || asked != there {
		t.Errorf("got %v after %d of %d pages, want %s", ids, asked, there, want)
	}
}

// What the page function fails with is passed on as it is.
func TestPagesPassFaultsOn(t *testing.T) {
	denied := &policy.Fault{Op: "x", Kind: policy.Denied}
	if got, err := pages(listUserStates, 1, rowID, func(int) (page[row], error) { return page[row]{}, denied }); err != denied || got != nil {
		t.Errorf("%v, %v", got, err)
	}
	if got, err := leaves(listUsers, rowID, nil, func(string) (leaf[row], error) { return leaf[row]{}, denied }); err != denied || got != nil {
		t.Errorf("%v, %v", got, err)
	}
}
