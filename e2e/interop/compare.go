package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// obj is an object of JSON.
type obj = map[string]any

// decode reads JSON with its numbers as they are written.
func decode(text []byte) (any, error) {
	if len(text) == 0 {
		return nil, nil
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	var out any
	err := d.Decode(&out)
	return out, err
}

// plain gives what was written in Go the form that decode gives.
func plain(value any) any {
	text, err := json.Marshal(value)
	if err != nil {
		panic(err) // all of it is written in this program
	}
	out, _ := decode(text)
	return out
}

func text(value any) string {
	out, _ := json.Marshal(value)
	return string(out)
}

// comparison holds what a client decoded against the bytes that it was sent.
type comparison struct {
	fields   []string        // all that its type has
	values   int             // that were sent and are held as they were
	lost     []string        // paths that were sent, and its type has no field for
	spoilt   []string        // what is held otherwise than it was sent
	sent     map[string]bool // paths of values that were
	anything bool            // inside a free map, which holds whatever there is
}

// known says whether the type has a field at a path, or below it.
func (c *comparison) known(path string) bool {
	return c.anything || slices.ContainsFunc(c.fields, func(f string) bool {
		rest, below := strings.CutPrefix(f, path)
		return below && (rest == "" || strings.ContainsAny(rest[:1], ".[{"))
	})
}

// walk compares what was sent at a path with what is held of it. An empty list or map, and null, may be held as nothing.
func (c *comparison) walk(path string, sent, held any) {
	switch sent := sent.(type) {
	case obj:
		c.object(path, sent, held)
	case []any:
		list, is := held.([]any)
		if len(list) != len(sent) || (!is && held != nil) {
			c.spoil("%s: %d rows were sent, and %s is held", path, len(sent), text(held))
			return
		}
		for i := range sent {
			c.walk(path+"[]", sent[i], list[i])
		}
	default:
		if sent != held {
			c.spoil("%s: %s was sent, and %s is held", path, text(sent), text(held))
			return
		}
		c.values++
		c.sent[path] = true
	}
}

func (c *comparison) object(path string, sent obj, held any) {
	have, is := held.(obj)
	if !is && (held != nil || len(sent) > 0) {
		c.spoil("%s: %s was sent, and %s is held", path, text(sent), text(held))
		return
	}
	free := !c.anything && slices.Contains(c.fields, path+"{}")
	c.anything = c.anything || free
	for name, value := range sent {
		if at := path + "." + name; c.known(at) {
			c.walk(at, value, have[name])
		} else if !slices.Contains(c.lost, at) {
			c.lost = append(c.lost, at)
		}
	}
	for name := range have {
		if _, there := sent[name]; !there {
			c.spoil("%s.%s: nothing was sent, and %s is held", path, name, text(have[name]))
		}
	}
	if free {
		c.anything = false
	}
}

func (c *comparison) spoil(format string, args ...any) {
	c.spoilt = append(c.spoilt, fmt.Sprintf(format, args...))
}

// differ says in what a body differs from what the estate has, by the keys that the estate speaks of; lacks tells the paths that
// the client cannot hold. Rows are compared whatever their order, which nothing documents.
func differ(path string, want, got any, lacks func(string) bool) []string {
	switch want := want.(type) {
	case obj:
		have, _ := got.(obj)
		var out []string
		for name, value := range want {
			if at := path + "." + name; !lacks(at) {
				out = append(out, differ(at, value, have[name], lacks)...)
			}
		}
		return out
	case []any:
		return differRows(path, want, got, lacks)
	}
	if want != got {
		return []string{fmt.Sprintf("%s: the estate has %s, the client %s", path, text(want), text(got))}
	}
	return nil
}

func differRows(path string, want []any, got any, lacks func(string) bool) []string {
	list, _ := got.([]any)
	left := slices.Clone(list)
	var out []string
	for _, row := range want {
		i := slices.IndexFunc(left, func(have any) bool { return len(differ(path+"[]", row, have, lacks)) == 0 })
		if i < 0 {
			out = append(out, fmt.Sprintf("%s: the estate has the row %s, the client does not", path, text(row)))
			continue
		}
		left = slices.Delete(left, i, i+1)
	}
	for _, row := range left {
		out = append(out, fmt.Sprintf("%s: the client has the row %s, the estate does not", path, text(row)))
	}
	return out
}
