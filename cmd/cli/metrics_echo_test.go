package cli

import (
	"encoding/base64"
	"encoding/json"
	"html"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"ackrevoke/job/metrics"
	"ackrevoke/job/report"
)

// escapes are the forms in which an answer can repeat what it was sent.
var escapes = map[string]func(string) string{
	"as it is":              func(s string) string { return s },
	"of a query":            url.QueryEscape,
	"of a path, lower case": func(s string) string { return strings.ToLower(url.PathEscape(strings.ToLower(s))) },
	"of a query, twice":     func(s string) string { return url.QueryEscape(url.QueryEscape(s)) },
	"every byte":            func(s string) string { return eachByte(s, "%", 16) },
	"JSON":                  func(s string) string { text, _ := json.Marshal(s); return string(text) },
	"JSON, slashes":         func(s string) string { text, _ := json.Marshal(s); return strings.ReplaceAll(string(text), "/", `\/`) },
	"JSON in JSON": func(s string) string {
		text, _ := json.Marshal(s)
		text, _ = json.Marshal(string(text))
		return string(text)
	},
	"JSON, every character": func(s string) string { return eachByte(s, `\u00`, 16) },
	"Go":                    strconv.Quote,
	"Go, every byte":        func(s string) string { return eachByte(s, `\x`, 16) },
	"HTML":                  html.EscapeString,
	"HTML, every character": func(s string) string {
		return "&#" + strings.Join(strings.Split(eachByte(s, " ", 10), " ")[1:], ";&#") + ";"
	},
	"Basic":                  func(s string) string { return base64.StdEncoding.EncodeToString([]byte("robot:" + s)) },
	"Basic, of a query":      func(s string) string { return url.QueryEscape(base64.StdEncoding.EncodeToString([]byte("robot:" + s))) },
	"base64 of the password": func(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) },
}

func eachByte(s, mark string, base int) string {
	var b strings.Builder
	for _, c := range []byte(s) {
		b.WriteString(mark + strconv.FormatInt(int64(c), base))
	}
	return b.String()
}

// Whatever a gateway repeats of the user or the password, and in whatever form, is
// not told: neither in an answer, nor in what is no answer at all, which the
// library repeats between quotation marks.
func TestNothingThatRepeatsThePasswordIsTold(t *testing.T) {
	const password = `p4ss/w0rd+&<">\'{}=~?x y`
	for form, escape := range escapes {
		repeated := escape(password)
		if form == "of a path, lower case" && !strings.Contains(repeated, "%2f") {
			t.Fatal(repeated)
		}
		for how, text := range map[string]string{
			"in an answer":     "HTTP/1.1 403 Forbidden\r\nContent-Length: 9999\r\nConnection: close\r\n\r\nno\n{\"got\": " + repeated + "}",
			"the user as well": "HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\nwho is " + escape("robot") + "?",
		} {
			said := told(t, url.UserPassword("robot", password), text)
			if strings.HasPrefix(form, "Basic") && how == "the user as well" {
				continue // that is of another user
			}
			if !strings.Contains(said, "withheld, for it repeats the user or the password") {
				t.Errorf("%s, %s:\n%s", form, how, said)
			}
		}
		said := told(t, url.UserPassword("robot", password), "HTTP/1.1 "+repeated+"\r\n\r\n")
		if !strings.Contains(said, ": what it answered is no HTTP") || strings.Contains(said, "p4ss") {
			t.Errorf("%s:\n%s", form, said)
		}
	}
	const plain = "HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\npushed metrics are invalid"
	for _, who := range []*url.Userinfo{nil, url.User(""), url.UserPassword("", ""), url.UserPassword("robot", "\xff\xfe"),
		url.User("token")} {
		if said := told(t, who, plain); !strings.Contains(said, "pushed metrics are invalid") {
			t.Errorf("%v: %s", who, said)
		}
	}
	if said := told(t, url.User("token"), strings.Replace(plain, "invalid", "TOKEN token", 1)); strings.Contains(said, "token") {
		t.Error(said)
	}
}

// told is what a push says of a gateway that answers with a text.
func told(t *testing.T, who *url.Userinfo, answer string) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		c, _, err := w.(http.Hijacker).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		_, _ = c.Write([]byte(answer))
		_ = c.Close()
	}))
	defer server.Close()
	u, _ := url.Parse(server.URL)
	u.User = who
	g, err := parseGateway(u.String())
	if err != nil {
		t.Fatal(err)
	}
	set := metrics.New(nil)
	set.Add(metrics.Attempt{Account: "1234567890123456", Report: report.New()})
	failed := g.push(nil, set)
	if failed == nil {
		t.Fatal("it was pushed")
	}
	return failed.what + failed.hint
}
