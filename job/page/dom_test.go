package page_test

import (
	"bytes"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

func parse(t *testing.T, data []byte) *html.Node {
	t.Helper()
	root, err := html.Parse(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	return root
}

// nodes are all nodes of a document, in order.
func nodes(root *html.Node) []*html.Node {
	var all []*html.Node
	for n := range root.Descendants() {
		all = append(all, n)
	}
	return all
}

// text is what stands on a page: not its style and script.
func text(t *testing.T, data []byte) string {
	t.Helper()
	var b strings.Builder
	for _, n := range nodes(parse(t, data)) {
		if n.Type == html.TextNode && n.Parent.Data != "style" && n.Parent.Data != "script" {
			b.WriteString(n.Data + "\n")
		}
	}
	return b.String()
}

// skeleton is what a page is made of: its elements, and the names of their
// attributes; with the values, but for what a row can be filtered by.
func skeleton(t *testing.T, data []byte) string {
	t.Helper()
	var b strings.Builder
	for _, n := range nodes(parse(t, data)) {
		if n.Type != html.ElementNode {
			continue
		}
		b.WriteString("<" + n.Data)
		for _, a := range n.Attr {
			if a.Key == "data-s" {
				a.Val = "..."
			}
			b.WriteString(" " + a.Key + "=" + a.Val)
		}
		b.WriteString(">\n")
	}
	return b.String()
}
