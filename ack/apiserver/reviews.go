package apiserver

import (
	"encoding/json"
	"fmt"
)

// The three questions that every authenticated user may ask about itself. They
// create nothing, and are the same since Kubernetes 1.6; the first is since
// 1.28.
const (
	subjectPath = "/apis/authentication.k8s.io/v1/selfsubjectreviews"
	rulesPath   = "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews"
	accessPath  = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"

	subjectKind = "SelfSubjectReview"
	rulesKind   = "SelfSubjectRulesReview"
	accessKind  = "SelfSubjectAccessReview"
)

// subjectReview is whom the server takes the asker for.
type subjectReview struct {
	Status struct {
		UserInfo struct {
			Username string              `json:"username"`
			Groups   []string            `json:"groups"`
			Extra    map[string][]string `json:"extra"`
		} `json:"userInfo"`
	} `json:"status"`
}

// rulesReview is what the asker may do in one namespace. What an API server
// always sends is asked for by a pointer: an answer without it is none.
type rulesReview struct {
	Status *struct {
		ResourceRules    *[]resourceRule    `json:"resourceRules"`
		NonResourceRules *[]nonResourceRule `json:"nonResourceRules"`
		Incomplete       *bool              `json:"incomplete"`
		EvaluationError  string             `json:"evaluationError"`
	} `json:"status"`
}

type resourceRule struct {
	Verbs     []string `json:"verbs"`
	Groups    []string `json:"apiGroups"`
	Resources []string `json:"resources"`
	Names     []string `json:"resourceNames"`
}

type nonResourceRule struct {
	Verbs []string `json:"verbs"`
	URLs  []string `json:"nonResourceURLs"`
}

// accessReview is whether the asker may do one thing.
type accessReview struct {
	Status *struct {
		Allowed         *bool  `json:"allowed"`
		Reason          string `json:"reason"`
		EvaluationError string `json:"evaluationError"`
	} `json:"status"`
}

// telling are the things of which one is enough to be at the mercy of its
// holder. The rules of a namespace list what RBAC gives; these go through every
// authorizer of the server, and so find what the rules leave out.
//
//	everywhere: true   asked for all namespaces at once, which also covers what is in none
//	everywhere: false  asked in each of the namespaces
var telling = []struct {
	verb, group, resource, subresource string
	everywhere                         bool
}{
	{"*", "*", "*", "", true}, // everything
	{"get", "", "secrets", "", true},
	{"list", "", "secrets", "", true},
	{"list", "", "configmaps", "", true},
	{"list", "", "pods", "", true},
	{"create", "", "pods", "", true},
	{"create", "", "pods", "exec", true},
	{"create", "apps", "daemonsets", "", true},
	{"list", "", "nodes", "", true},
	{"create", "", "nodes", "proxy", true},  // any command on any node
	{"impersonate", "", "users", "", true},  // be somebody else
	{"impersonate", "", "groups", "", true}, // such as system:masters
	{"create", "", "serviceaccounts", "token", true},
	{"escalate", "rbac.authorization.k8s.io", "clusterroles", "", true},
	{"bind", "rbac.authorization.k8s.io", "clusterroles", "", true},
	{"create", "rbac.authorization.k8s.io", "clusterrolebindings", "", true},
	{"create", "certificates.k8s.io", "certificatesigningrequests", "", true},             // ask for a certificate
	{"update", "certificates.k8s.io", "certificatesigningrequests", "approval", true},     // and approve it
	{"create", "admissionregistration.k8s.io", "mutatingwebhookconfigurations", "", true}, // change what others create
	{"*", "*", "*", "", false},
	{"get", "", "secrets", "", false},
	{"list", "", "pods", "", false},
	{"create", "", "pods", "", false},
	{"create", "", "pods", "exec", false},
	{"create", "", "serviceaccounts", "token", false},
}

// object is the text of one question.
func object(kind, version string, spec any) []byte {
	q := map[string]any{"kind": kind, "apiVersion": version}
	if spec != nil {
		q["spec"] = spec
	}
	text, err := json.Marshal(q)
	if err != nil {
		panic(fmt.Sprintf("a question that is no JSON: %v", err)) // maps of strings
	}
	return text
}

func rulesQuestion(namespace string) []byte {
	return object(rulesKind, "authorization.k8s.io/v1", map[string]string{"namespace": namespace})
}

func accessQuestion(verb, group, resource, subresource, namespace string) []byte {
	return object(accessKind, "authorization.k8s.io/v1", map[string]any{"resourceAttributes": map[string]string{
		"verb": verb, "group": group, "resource": resource, "subresource": subresource, "namespace": namespace,
	}})
}
