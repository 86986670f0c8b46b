package ack

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"

	"ackrevoke/policy"
)

// reading is one read of the client: how many rows it found, the ids of them.
type reading struct {
	name string
	read func(*lab) ([]string, error)
	// believed says whether the answers are what they were taken for, read here
	// once more without any of the types of this room.
	believed func(ids []string, pages []any) bool
}

func ids[T any](rows []T, err error, id func(T) string) ([]string, error) {
	if err != nil && rows != nil {
		panic("a list and an error")
	}
	out := []string{}
	for _, r := range rows {
		out = append(out, id(r))
	}
	return out, err
}

var readings = []reading{
	{"users", func(l *lab) ([]string, error) { r, err := l.Users(l.ctx, nil); return ids(r, err, uidOf) }, markers("Users", "User")},
	{"roles", func(l *lab) ([]string, error) { r, err := l.Roles(l.ctx, nil); return ids(r, err, uidOf) }, markers("Roles", "Role")},
	{"clusters", func(l *lab) ([]string, error) {
		r, err := l.RegionClusters(l.ctx, "eu-central-1")
		return ids(r, err, func(c policy.Cluster) string { return c.ID })
	}, totals("page_info", "clusters")},
	{"states", func(l *lab) ([]string, error) {
		r, err := l.States(l.ctx, "1")
		return ids(r, err, func(s policy.State) string { return s.Cluster })
	}, totals("page", "states")},
	{"holders", func(l *lab) ([]string, error) {
		r, err := l.Holders(l.ctx, "c1")
		return ids(r, err, func(h policy.Holder) string { return h.UID })
	}, totals("page", "states")},
	{"grants", func(l *lab) ([]string, error) {
		r, err := l.Grants(l.ctx, "1")
		return ids(r, err, func(g policy.Grant) string { return g.Cluster + "/" + g.Role })
	}, func(ids []string, pages []any) bool {
		rows, is := pages[0].([]any)
		return is && len(rows) == len(ids)
	}},
	{"cluster", func(l *lab) ([]string, error) {
		c, err := l.Cluster(l.ctx, "c1")
		return []string{c.ID}, err
	}, func(ids []string, pages []any) bool { return ids[0] == "c1" && field(pages[0], "cluster_id") == "c1" }},
	{"caller", func(l *lab) ([]string, error) {
		c, err := l.Caller(l.ctx)
		return []string{c.AccountID, c.UID}, err
	}, func(ids []string, pages []any) bool {
		return ids[0] != "" && ids[1] != "" && plainID(field(pages[0], "AccountId")) == ids[0]
	}},
}

// field is a field of an object by its name in any case, nil if there is none.
func field(v any, name string) any {
	object, _ := v.(map[string]any)
	for k, v := range object {
		if strings.EqualFold(k, name) {
			return v
		}
	}
	return nil
}

func plainID(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case json.Number:
		return v.String()
	}
	return ""
}

// totals believes a listing only if it states how many rows there are, and as
// many were read; a Swarm cluster is the one row that is left out on purpose.
func totals(at, list string) func([]string, []any) bool {
	return func(ids []string, pages []any) bool {
		swarm := 0
		for _, p := range pages {
			rows, _ := field(p, list).([]any)
			for _, r := range rows {
				if field(r, "cluster_type") == "aliyun" {
					swarm++
				}
			}
		}
		said := plainID(field(field(pages[0], at), "total_count"))
		n, err := strconv.Atoi(said)
		return err == nil && n-swarm <= len(ids) && len(ids) <= n
	}
}

// markers believes a listing only if it has the list itself, says that it ends,
// and not a row of it was lost.
func markers(outer, inner string) func([]string, []any) bool {
	return func(ids []string, pages []any) bool {
		n := 0
		for _, p := range pages {
			object, _ := field(p, outer).(map[string]any)
			listed := false
			for k := range object {
				listed = listed || strings.EqualFold(k, inner)
			}
			rows, is := field(object, inner).([]any)
			if !listed || field(p, "IsTruncated") == nil || !is && field(object, inner) != nil {
				return false
			}
			n += len(rows)
			switch field(p, "IsTruncated") {
			case true, "true", "1", json.Number("1"):
				continue
			}
			return n == len(ids) && !slices.Contains(ids, "")
		}
		return false
	}
}

// repeats reports whether an object says a thing twice, in whatever case: what
// it means then is anybody's guess, and not compared here.
func repeats(d *json.Decoder) bool {
	type level struct {
		keys  map[string]bool
		isKey bool
	}
	var levels []level
	for {
		token, err := d.Token()
		if err != nil {
			return false
		}
		top := len(levels) - 1
		if name, is := token.(string); is && top >= 0 && levels[top].keys != nil && levels[top].isKey {
			folded := strings.ToUpper(strings.ToLower(name))
			if levels[top].keys[folded] {
				return true
			}
			levels[top].keys[folded], levels[top].isKey = true, false
			continue
		}
		switch token {
		case json.Delim('{'):
			levels = append(levels, level{map[string]bool{}, true})
			continue
		case json.Delim('['):
			levels = append(levels, level{})
			continue
		case json.Delim('}'), json.Delim(']'):
			levels = levels[:top]
			top--
		}
		if top >= 0 {
			levels[top].isKey = levels[top].keys != nil
		}
	}
}

// Whatever the service answers to a read, on the first page and on all others:
// there is an error, and nothing beside it, or the answer says what was made of
// it. No garbage is an empty list, and no row is lost. The read is the real
// one, with the SDK, through the seam, in time that costs nothing.
func FuzzReads(f *testing.F) {
	seeds, err := filepath.Glob("testdata/answers/*.txt")
	if err != nil || len(seeds) < 12 {
		f.Fatalf("the seeds are gone: %v (%v)", seeds, err)
	}
	for _, seed := range seeds {
		data, err := os.ReadFile(seed)
		if err != nil {
			f.Fatal(err)
		}
		first, then, _ := strings.Cut(string(data), "\n---\n")
		for i := range readings {
			f.Add(uint8(i), 200, first, then)
		}
	}
	for i, body := range odd {
		f.Add(uint8(i), 200, body, body)
		f.Add(uint8(i), 404, body, "")
	}
	f.Fuzz(func(t *testing.T, which uint8, status int, first, then string) {
		r := readings[int(which)%len(readings)]
		if status < 200 || status > 999 {
			status = 200 // others are no answers to HTTP
		}
		synctest.Test(t, func(t *testing.T) {
			served := 0
			l := newLab(t, Options{}, func(w http.ResponseWriter, r *http.Request) {
				served++
				if served == 1 {
					says(status, first)(w, r)
				} else {
					says(200, then)(w, r)
				}
			}).past()
			got, err := r.read(l)
			if err != nil {
				fault := faultOf(t, err)
				if fault.Kind == policy.NotFound && (!json.Valid([]byte(first)) && !json.Valid([]byte(then)) || fault.Code == "") {
					t.Fatalf("garbage is absent: %s: %+v", r.name, fault)
				}
				return
			}
			// A repeated read shows its last answers.
			bodies := []string{first}
			for range served - 1 {
				bodies = append(bodies, then)
			}
			var all []any
			for i, body := range bodies {
				if repeats(json.NewDecoder(strings.NewReader(body))) {
					return
				}
				d := json.NewDecoder(strings.NewReader(body))
				d.UseNumber()
				var v any
				if d.Decode(&v) != nil || i == 0 && status >= 300 {
					all = nil // it was not believed, and asked for again
					continue
				}
				all = append(all, v)
			}
			if len(all) > 0 && r.believed(got, all) {
				return
			}
			// The first one may have been JSON and not believed, too.
			if len(all) > 1 && r.believed(got, all[1:]) {
				return
			}
			t.Fatalf("%s: %q out of %d %q, then %q", r.name, got, status, first, then)
		})
	})
}
