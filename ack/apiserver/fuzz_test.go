package apiserver

import (
	"strings"
	"testing"
)

// Whatever a server answers: only its own refusal is one, an answer is of the
// kind that was asked for, and no reason is longer than a reader can bear.
func FuzzHear(f *testing.F) {
	f.Add(401, "application/json", `{"kind":"Status","apiVersion":"v1","status":"Failure","message":"Unauthorized","reason":"Unauthorized","code":401}`)
	f.Add(403, "application/json", `{"kind":"Status","apiVersion":"v1","status":"Failure","message":": User \"system:anonymous\" cannot create resource \"x\"","reason":"Forbidden","code":403}`)
	f.Add(404, "application/json", `{"kind":"Status","apiVersion":"v1","status":"Failure","reason":"NotFound","code":404}`)
	f.Add(201, "application/json", `{"kind":"SelfSubjectRulesReview","status":{"resourceRules":[{"verbs":["*"],"apiGroups":["*"],"resources":["*"]}],"nonResourceRules":[],"incomplete":false}}`)
	f.Add(201, "application/json", `{"kind":"SelfSubjectRulesReview","status":{"resourceRules":[{"verbs":null}],"nonResourceRules":null}}`)
	f.Add(502, "text/html", "<html>")
	f.Add(200, "application/json; charset", "null")
	f.Fuzz(func(t *testing.T, code int, contentType, body string) {
		var review rulesReview
		a := hear(code, contentType, []byte(body), rulesKind, &review)
		has := func(word string) bool {
			return strings.Contains(strings.ToLower(body), strings.ToLower(word)) || strings.Contains(body, `\u`)
		}
		switch a.said {
		case answered:
			if code != 200 && code != 201 || !has(rulesKind) {
				t.Errorf("HTTP %d %q counts as an answer", code, body)
			}
		case unauthorized:
			if code != 401 || !has("Status") || !has("Unauthorized") {
				t.Errorf("HTTP %d %q counts as a refusal", code, body)
			}
		case forbidden:
			if code != 403 || !has("Forbidden") {
				t.Errorf("HTTP %d %q counts as forbidden", code, body)
			}
		case notServed:
			if code != 404 {
				t.Errorf("HTTP %d %q counts as not served", code, body)
			}
		}
		if a.said != answered && (a.why == "" || len(a.why) > 1000) {
			t.Errorf("why: %q", a.why)
		}
		if review.Status != nil && review.Status.ResourceRules != nil {
			var all powers
			for _, r := range *review.Status.ResourceRules {
				if r.beyond() {
					all.add("default", Permission{Verbs: r.Verbs, Groups: r.Groups, Resources: r.Resources, Names: r.Names})
				}
			}
			if rows, _ := all.list(); len(rows) > 200 {
				t.Errorf("%d rows", len(rows))
			}
		}
	})
}
