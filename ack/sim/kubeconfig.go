package sim

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// The life of a kubeconfig [DOC].
const (
	shortestMinutes = 15
	longestMinutes  = 4320
	renewable       = 180 * 24 * time.Hour // before its end a kubeconfig can be had anew; the old one lives on
)

// describeKubeconfig is DescribeClusterUserKubeconfig: the caller's own kubeconfig, which is issued where there is none [DOC]. It
// is served only where the estate and the process both want it; everywhere else it is refused like the others that issue.
func (a *Account) describeKubeconfig(q *request) answer {
	if a.authority == nil {
		return a.issue(q)
	}
	c, refusal := a.writable(q.Cluster)
	if refusal != nil {
		return *refusal
	}
	private, err := strconv.ParseBool(strings.ToLower(first(q.params.Get("PrivateIpAddress"), "false")))
	if err != nil {
		return *refuse(http.StatusBadRequest, "InvalidParameter.PrivateIpAddress", "PrivateIpAddress must be true or false")
	}
	expires, refusal := a.wanted(q)
	if refusal != nil {
		return *refusal
	}
	expires = a.inForce(q, expires)
	return ok(struct {
		Config     string `json:"config"`
		Expiration string `json:"expiration"`
	}{a.authority.kubeconfig(q.UID, c, c.server(private), a.options.Now(), expires), expiry(expires)})
}

// wanted is when a kubeconfig that is issued now would expire: after 3 years, or after the minutes that are asked for [DOC].
func (a *Account) wanted(q *request) (time.Time, *answer) {
	now := a.options.Now().Truncate(time.Second)
	text := q.params.Get("TemporaryDurationMinutes")
	if text == "" {
		return now.AddDate(3, 0, 0), nil
	}
	minutes, err := strconv.Atoi(text)
	if err != nil || minutes < shortestMinutes || minutes > longestMinutes {
		return now, refuse(http.StatusBadRequest, "InvalidParameter.TemporaryDurationMinutes",
			"TemporaryDurationMinutes must be from %d to %d", shortestMinutes, longestMinutes)
	}
	return now.Add(time.Duration(minutes) * time.Minute), nil
}

// Fetch lets a principal fetch its kubeconfig of a cluster, as people do while nobody looks: in its last 180 days it is renewed, and
// the old one lives on. It returns when the one that was given out expires.
func (a *Account) Fetch(uid, cluster string) time.Time {
	a.mu.Lock()
	defer a.mu.Unlock()
	q := &request{Call: &Call{UID: uid, Cluster: cluster}}
	return a.inForce(q, a.options.Now().Truncate(time.Second).AddDate(3, 0, 0))
}

// inForce sees to it that the caller has a credential in force, and returns when it expires. One that has long to go is given out
// again. Within its last 180 days it is renewed, and goes on being valid beside the new one [DOC]; that there are never more than
// two is a choice.
func (a *Account) inForce(q *request, wanted time.Time) time.Time {
	now := a.options.Now()
	c := a.held(q.UID).certificates[q.Cluster]
	alive := a.state(c) == unexpired
	two := alive && now.Before(c.previous)
	if alive && (two || c.expires.Sub(now) > renewable) {
		return c.expires
	}
	if wanted.Equal(c.expires) {
		wanted = wanted.Add(time.Second) // the next certificate is another one, also in the same second
	}
	cluster, uid := q.Cluster, q.UID
	a.change(q, a.options.Ledger(), func(h *holdings) {
		next := h.certificates[cluster]
		if alive {
			next.previous = next.expires
		}
		next.uid, next.cluster, next.state, next.expires = uid, cluster, "", wanted
		h.certificates[cluster] = next
	})
	return wanted
}

// server is the address of the API server that a kubeconfig names.
func (c cluster) server(private bool) string {
	var url struct {
		Public   string `json:"api_server_endpoint"`
		Intranet string `json:"intranet_api_server_endpoint"`
	}
	_ = json.Unmarshal([]byte(c.masterURL), &url) // an estate may hold anything there: then there is no address
	if private {
		url.Public, url.Intranet = url.Intranet, url.Public
	}
	return first(url.Public, url.Intranet, "https://"+c.id+".invalid:6443")
}

// kubeconfig writes the file, with a key pair for the expiry; the same pair as long as it is the same credential.
func (y *authority) kubeconfig(uid string, c cluster, server string, now, expires time.Time) string {
	pair := y.pair(fmt.Sprintf("%s %s %d", uid, c.id, expires.Unix()), fmt.Sprintf("%s-%d", uid, now.Unix()), now, expires)
	return fmt.Sprintf(`apiVersion: v1
clusters:
- cluster:
    server: %q
    certificate-authority-data: %s
  name: kubernetes
contexts:
- context:
    cluster: kubernetes
    user: %q
  name: %[3]s-%[4]s
current-context: %[3]s-%[4]s
kind: Config
preferences: {}
users:
- name: %[3]q
  user:
    client-certificate-data: %[5]s
    client-key-data: %[6]s
`, server, y.certificate, uid, c.id, pair.certificate, pair.key)
}
