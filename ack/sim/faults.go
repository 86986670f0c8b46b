package sim

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"gopkg.in/yaml.v3"
)

// Faults are a script of what goes wrong, and when. They come from LoadFaults only, and each Account counts for itself.
//
//	faults:
//	  - on: CleanClusterUserPermissions   # an operation, or read, write, any
//	    uid: "200000000000000001"         # optional: only calls about this principal
//	    cluster: c1                       # optional: only calls about this cluster
//	    region: cn-hangzhou               # optional: only calls about this region (DescribeClustersForRegion)
//	    account: "1234567890123456"       # optional: only in this account, where several are behind one address
//	    from: 1                           # default: the n-th call that fits this rule
//	    times: 1                          # default; 0: all from there on
//	    do: throttle                      # see the table
//	    retryAfter: 5s                    # of throttle, optional
//	    explicit: false                   # of denied; true: by a policy that forbids it, not for want of one that allows it
//	    code: ErrorX                      # of error, with status and message
//	    delay: 3s                         # of slow and lag
//
// The first rule that fits and has calls left is applied; the signature is checked all the same. Where several accounts are behind
// one address, each has the whole script.
//
//	do                effect   the client sees
//	throttle          none     the estate's throttling answer
//	error, denied     none     that error; the published denial, with the missing RAM action
//	tokenExpires      none     InvalidSecurityToken.Expired, on this call and all after it with its access key
//	empty500, html502 none     a server's or a proxy's failure
//	redirect          none     302 to another path
//	resetBefore       none     a connection that breaks off
//	hang              none     nothing, until it gives up
//	acceptNothing     none     a success
//	resetAfter        done     a connection that breaks off
//	noContent         done     204
//	truncated         done     half of the body
//	slow              done     the answer, after delay
//	lag               done     the state as it was delay ago (reads)
//	wrongTotal        done     a list that says it has one more
//	repeatPage        done     the first page again
//	short             done     a list of clusters without its last one, and totals that fit
//	certificateOnly   half     a clean that leaves the grants
//	grantsOnly        half     a clean that leaves the certificate
//	takesTooMuch      more     a clean that takes the grants on other clusters along
//	takesAllClusters  more     a clean that takes the all-clusters grant along
type Faults struct{ rules []rule }

// kinds are what a fault can do.
var kinds = []string{"throttle", "error", "denied", "tokenExpires", "empty500", "html502", "redirect", "resetBefore", "hang",
	"acceptNothing", "resetAfter", "noContent", "truncated", "slow", "lag", "wrongTotal", "repeatPage", "short",
	"certificateOnly", "grantsOnly", "takesTooMuch", "takesAllClusters"}

var ruleKeys = []string{"on", "uid", "cluster", "region", "account", "from", "times", "do", "explicit", "code", "status", "message",
	"delay", "retryAfter"}

// rule is one line of the script; fitted counts the calls that fit it.
type rule struct {
	on, uid, cluster    string
	region, account     string
	from, times, status int
	do, code, message   string
	delay, retryAfter   time.Duration
	explicit            bool
	fitted              int
}

// LoadFaults reads a script as strictly as an estate is read.
func LoadFaults(name string, data []byte) (*Faults, error) {
	s := &source{name: name}
	top, err := s.document(data)
	if err != nil {
		return nil, err
	}
	script := &Faults{}
	file := s.object(top, "a fault script", "faults")
	file.need("faults")
	for _, n := range file.list("faults") {
		script.rules = append(script.rules, s.rule(n))
	}
	if err := s.err(); err != nil {
		return nil, err
	}
	return script, nil
}

func (s *source) rule(n *yaml.Node) rule {
	f := s.object(n, "a fault", ruleKeys...)
	r := rule{on: f.text("on"), cluster: f.optional("cluster", ""), region: f.optionally("region", ""),
		from: f.number("from", 1, 1, 1<<30), times: f.number("times", 1, 0, 1<<30), do: f.text("do"),
		explicit: f.flag("explicit", false), code: f.optionally("code", "ErrorInternal"),
		status: f.number("status", http.StatusBadRequest, 400, 599), message: f.optionally("message", "a fault of the script"),
		delay: f.duration("delay", time.Second), retryAfter: f.duration("retryAfter", 0)}
	if f.nodes["uid"] != nil {
		r.uid = f.uid("uid")
	}
	if f.nodes["account"] != nil {
		r.account = f.uid("account")
	}
	if r.do != "" && !slices.Contains(kinds, r.do) {
		s.fail(f.nodes["do"], "do must be one of %s", strings.Join(kinds, ", "))
	}
	if r.on != "" && !slices.Contains([]string{"read", "write", "any"}, r.on) && !served(r.on) {
		s.fail(f.nodes["on"], "on must be an operation that is served, or read, write, any")
	}
	return r
}

// fault finds the rule for a call and names it in the record.
func (a *Account) fault(q *request) *rule {
	a.mu.Lock()
	defer a.mu.Unlock()
	for i := range a.faults {
		r := &a.faults[i]
		if !r.fits(q) || r.account != "" && r.account != a.estate.account {
			continue
		}
		r.fitted++
		if r.fitted >= r.from && (r.times == 0 || r.fitted < r.from+r.times) {
			q.Fault = r.do
			if r.do == "tokenExpires" {
				a.expired[q.signature.key] = true
			}
			found := *r
			return &found
		}
	}
	return nil
}

func (r *rule) fits(q *request) bool {
	on := r.on == "any" || r.on == q.Operation || r.on == "write" && q.Write || r.on == "read" && !q.Write
	return on && (r.uid == "" || r.uid == q.UID) && (r.cluster == "" || r.cluster == q.Cluster) &&
		(r.region == "" || r.region == q.Region)
}
