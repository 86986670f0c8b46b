package ack

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"ackrevoke/policy"
)

// A client built for reading has no way to the account: the writes are refused
// at the seam, and the service never hears of them.
func TestReadingClientCannotWrite(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLab(t, Options{}, says(200, "{}"))
		for _, op := range operations {
			if !op.write {
				continue
			}
			_, err := l.call(l.ctx, op, args{cluster: "c1", uid: "2"}, nil)
			if f := faultOf(t, err); f.Kind != policy.Internal || f.Sent {
				t.Errorf("%s: %+v", op.name, f)
			}
		}
		if _, n, err := l.Clean(l.ctx, "c1", "2", true); err == nil || n != 0 {
			t.Error("clean was not refused")
		}
		if _, n, err := l.RevokeGrants(l.ctx, "2", policy.User, []policy.Grant{{Scope: policy.OnAllClusters, Role: "dev"}}); err == nil ||
			n != 0 {
			t.Error("revoking a grant was not refused")
		}
		if n := l.Calls(); len(l.requests()) != 0 || n.Writes != 0 {
			t.Errorf("the service saw %v", l.requests())
		}
	})
}

// The table is what the security review reads: these are its rules.
func TestOperationsTable(t *testing.T) {
	names := map[string]bool{}
	writes := ""
	for _, op := range operations {
		if names[op.name+op.fixed] {
			t.Errorf("%s stands twice", op.name)
		}
		names[op.name+op.fixed] = true
		if op.write {
			writes += strings.TrimSpace(op.name+" "+op.fixed) + ", "
		}
		if op.write != (op.by != 0) {
			t.Errorf("%s: write is %t, and who may is %b", op.name, op.write, op.by)
		}
		if op.answer != nothing && regexp.MustCompile(`(?i)user_?config|\bcerts\b|(create|update)accesskey|/config`).MatchString(op.name+op.path) {
			t.Errorf("%s may return a kubeconfig or a key", op.name)
		}
		if regexp.MustCompile(`^(Get|List|Describe)`).MatchString(op.name) == op.write {
			t.Errorf("%s: write is %t", op.name, op.write)
		}
		if op.service == csService && (op.method == "GET") == op.write {
			t.Errorf("%s: method %s, write is %t", op.name, op.method, op.write)
		}
		if versions[op.service] == "" || op.style == "" || op.answer == "" {
			t.Errorf("%s is incomplete", op.name)
		}
	}
	if writes != "CleanClusterUserPermissions, CleanUserPermissions, UpdateUserPermissions mode=delete, UpdateUserPermissions mode=patch, "+
		"RevokeK8sClusterKubeConfig, " {
		t.Errorf("the writes are %s", writes)
	}
}

// Each kind of client has the writes of its kind and no other: a run cannot
// give, a restore cannot clean, and only self touches the caller's own.
func TestEachClientHasItsOwnWrites(t *testing.T) {
	rows := []policy.Grant{{Scope: policy.OnCluster, Cluster: "c1", Role: "dev"}}
	for _, tt := range []struct {
		name    string
		options Options
		want    string
	}{
		{"reading", Options{}, ""},
		{"run", Options{Writes: true}, "clean take "},
		{"restore", Options{Grants: true}, "take give "},
		{"self", Options{Own: true}, "own "},
	} {
		synctest.Test(t, func(t *testing.T) {
			l := newLab(t, tt.options, says(200, "{}"))
			got := ""
			for _, call := range []struct {
				name string
				send func() (string, int, error)
			}{
				{"clean", func() (string, int, error) { return l.Clean(l.ctx, "c1", "2", true) }},
				{"take", func() (string, int, error) { return l.RevokeGrants(l.ctx, "2", policy.User, rows) }},
				{"give", func() (string, int, error) { return l.Grant(l.ctx, "2", policy.User, rows) }},
				{"own", func() (string, int, error) { return l.RevokeOwn(l.ctx, "c1") }},
			} {
				before := len(l.requests())
				_, n, err := call.send()
				if sent := len(l.requests()) > before; sent != (err == nil) || sent != (n == 1) {
					t.Errorf("%s of a client for %s: sent %t, %d attempts, %v", call.name, tt.name, sent, n, err)
				}
				if err == nil {
					got += call.name + " "
				}
			}
			if got != tt.want {
				t.Errorf("a client for %s can %q, want %q", tt.name, got, tt.want)
			}
		})
	}
}

func TestArgumentsThatDoNotFit(t *testing.T) {
	for _, tt := range []struct {
		op operation
		a  args
	}{
		{describeUserPermission, args{}},
		{describeUserPermission, args{uid: ".."}},
		{describeUserPermission, args{uid: "2", cluster: "c1"}},
		{describeUserPermission, args{uid: "2", query: map[string]string{"mode": "apply"}}},
		{describeUserPermission, args{uid: "2", body: []int{1}}},
		{cleanClusterUserPermissions, args{cluster: "", uid: "2"}},
		{cleanClusterUserPermissions, args{cluster: "c1"}},
		{updateUserPermissions, args{uid: "2"}},
		{updateUserPermissions, args{uid: "2", body: []int{1}, query: map[string]string{"mode": "apply"}}},
	} {
		if r, err := tt.op.with(tt.a); err == nil {
			t.Errorf("%s took %+v: %+v", tt.op.name, tt.a, r)
		}
	}
	synctest.Test(t, func(t *testing.T) {
		l := newLab(t, Options{Writes: true}, says(200, "{}"))
		_, _, err := l.Clean(l.ctx, "", "2", true)
		if f := faultOf(t, err); f.Kind != policy.Invalid || f.Sent || len(l.requests()) != 0 {
			t.Errorf("%+v", f)
		}
	})
}

func TestWritesOnTheWire(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLab(t, Options{Writes: true}, inTurn(
			says(200, `{}`, "x-acs-request-id", "R-1"), says(204, "", "x-acs-request-id", "R-2"), says(200, `{"requestId":"R-3"}`),
			says(200, "", "x-acs-request-id", "R-4")))
		all := []policy.Grant{
			{Scope: policy.OnAllClusters, Role: "admin"},
			{Scope: policy.OnCluster, Cluster: "c1", Role: "my-view", Custom: true},
			{Scope: policy.OnNamespace, Cluster: "c1", Namespace: "payments", Role: "dev"},
		}
		var got []string
		note := func(id string, n int, err error) {
			if err != nil || n != 1 {
				t.Errorf("%d attempts, %v", n, err)
			}
			got = append(got, id)
		}
		note(l.Clean(l.ctx, "c1", "2", true))
		note(l.Clean(l.ctx, "c1", "2", false))
		note(l.RevokeGrants(l.ctx, "2", policy.User, all))
		note(l.RevokeGrants(l.ctx, "3", policy.Role, all[:1]))
		for _, r := range l.requests() {
			got = append(got, r.String()+" "+r.action+" "+r.body)
		}
		want := []string{"R-1", "R-2", "R-3", "R-4",
			"DELETE /cluster/c1/user/2/permissions?Force=true CleanClusterUserPermissions ",
			"DELETE /cluster/c1/user/2/permissions?Force=false CleanClusterUserPermissions ",
			`POST /permissions/users/2/update?mode=delete UpdateUserPermissions [{"cluster":"","is_custom":false,"is_ram_role":false,"namespace":"","role_name":"admin","role_type":"all-clusters"},` +
				`{"cluster":"c1","is_custom":true,"is_ram_role":false,"namespace":"","role_name":"my-view","role_type":"cluster"},` +
				`{"cluster":"c1","is_custom":false,"is_ram_role":false,"namespace":"payments","role_name":"dev","role_type":"namespace"}]`,
			`POST /permissions/users/3/update?mode=delete UpdateUserPermissions [{"cluster":"","is_custom":false,"is_ram_role":true,"namespace":"","role_name":"admin","role_type":"all-clusters"}]`,
		}
		if strings.Join(got, "\n") != strings.Join(want, "\n") {
			t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	})
}

func TestGivingAndOwnOnTheWire(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLab(t, Options{Grants: true, Own: true}, says(200, ""))
		rows := []policy.Grant{{Scope: policy.OnCluster, Cluster: "c1", Role: "my-view", Custom: true}, {Scope: policy.OnNamespace, Cluster: "c1",
			Namespace: "payments", Role: "dev"}}
		if _, _, err := l.Grant(l.ctx, "3", policy.Role, rows); err != nil {
			t.Error(err)
		}
		if _, _, err := l.RevokeOwn(l.ctx, "c1"); err != nil {
			t.Error(err)
		}
		var got []string
		for _, r := range l.requests() {
			got = append(got, r.String()+" "+r.action+" "+r.body)
		}
		want := []string{
			`POST /permissions/users/3/update?mode=patch UpdateUserPermissions [{"cluster":"c1","is_custom":true,"is_ram_role":true,"namespace":"","role_name":"my-view","role_type":"cluster"},` +
				`{"cluster":"c1","is_custom":false,"is_ram_role":true,"namespace":"payments","role_name":"dev","role_type":"namespace"}]`,
			"DELETE /k8s/c1/certs RevokeK8sClusterKubeConfig ",
		}
		if strings.Join(got, "\n") != strings.Join(want, "\n") {
			t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	})
}

func TestGrantsThatCannotBeSent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLab(t, Options{Writes: true}, says(200, "{}"))
		fine := policy.Grant{Scope: policy.OnAllClusters, Role: "dev"}
		for _, tt := range []struct {
			kind policy.Kind
			rows []policy.Grant
		}{
			{policy.User, nil},
			{"", []policy.Grant{fine}},
			{policy.User, []policy.Grant{fine, {Scope: policy.OnCluster, Cluster: "c1", Role: "admin", Owner: true}}},
			{policy.User, []policy.Grant{{Scope: policy.OnCluster, Role: "dev"}}},
			{policy.User, []policy.Grant{{Scope: policy.OnNamespace, Cluster: "c1", Role: "dev"}}},
			{policy.User, []policy.Grant{{Scope: policy.OnAllClusters, Cluster: "c1", Role: "dev"}}},
			{policy.User, []policy.Grant{{Scope: "galaxy", Role: "dev"}}},
			{policy.User, []policy.Grant{{Scope: policy.OnAllClusters}}},
		} {
			_, _, err := l.RevokeGrants(l.ctx, "2", tt.kind, tt.rows)
			if f := faultOf(t, err); f.Kind != policy.Internal || f.Sent {
				t.Errorf("%+v: %+v", tt.rows, f)
			}
		}
		if len(l.requests()) != 0 {
			t.Error("something was sent")
		}
	})
}

// Only an unforced clean can be declined.
func TestDeclined(t *testing.T) {
	for _, tt := range []struct {
		status int
		code   string
		force  bool
		want   policy.FaultKind
	}{
		{400, "ActiveInSevenDays", false, policy.Declined},
		{409, "ActiveInSevenDays", false, policy.Declined},
		{400, "ActiveInSevenDays", true, policy.Invalid},
		{403, "StatusForbidden", false, policy.Denied},
		{404, "ErrorClusterNotFound", false, policy.NotFound},
		{500, "InternalError", false, policy.Unavailable},
	} {
		synctest.Test(t, func(t *testing.T) {
			l := newLab(t, Options{Writes: true}, says(tt.status, code(tt.code)))
			_, _, err := l.Clean(l.ctx, "c1", "2", tt.force)
			if f := faultOf(t, err); f.Kind != tt.want || f.Code != tt.code || f.RequestID != "R-1" || !f.Sent {
				t.Errorf("%+v, want %s", f, tt.want)
			}
		})
	}
}

// Over real connections: a redirected DELETE is an error, and where it leads
// to never hears of it.
func TestRedirectsAreRefused(t *testing.T) {
	var followed atomic.Int32
	target := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		followed.Add(1)
		io.WriteString(w, "{}")
	}))
	defer target.Close()
	for _, status := range []int{301, 302, 303, 307, 308} {
		from := httptest.NewServer(http.RedirectHandler(target.URL+"/?secret=1", status))
		c, err := New(Options{Credential: StaticKeys("a", "test-secret"), Endpoints: Endpoints{CS: from.URL, RAM: from.URL, STS: from.URL},
			Writes: true})
		if err != nil {
			t.Fatal(err)
		}
		_, n, err := c.Clean(t.Context(), "c1", "2", true)
		f := faultOf(t, err)
		if f.Kind != policy.Unavailable || !f.Sent || f.Status != status || n != 1 || !strings.Contains(f.Message, "redirect refused") ||
			strings.Contains(f.Message, "secret") {
			t.Errorf("%d: %d attempts, %+v", status, n, f)
		}
		c.Close()
		from.Close()
	}
	if followed.Load() != 0 {
		t.Errorf("the redirect was followed %d times", followed.Load())
	}
}

// One client, many callers: under the race detector this is the test of Client
// being safe for concurrent use, and of connections being kept.
func TestConcurrentUse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var dials atomic.Int32
		p := &pipes{conns: make(chan net.Conn), done: make(chan struct{})}
		server := &http.Server{Handler: says(200, `{"IsTruncated":false,"Users":{"User":[]},"Roles":{"Role":[]}}`)}
		go server.Serve(p)
		c, err := New(Options{Credential: StaticKeys("a", "b"), Endpoints: local, ReadQPS: 1000, DialContext: func(ctx context.Context, n,
			a string) (net.Conn, error) {
			dials.Add(1)
			return p.dial(ctx, n, a)
		}})
		if err != nil {
			t.Fatal(err)
		}
		var wg sync.WaitGroup
		for range 16 {
			wg.Go(func() {
				for range 10 {
					if _, err := c.Users(t.Context(), nil); err != nil {
						t.Error(err)
					}
					if _, err := c.Roles(t.Context(), nil); err != nil {
						t.Error(err)
					}
				}
			})
		}
		wg.Wait()
		if n := c.Calls(); n.Reads != 320 || n.ByOperation["ListUsers"] != 160 {
			t.Errorf("%+v", n)
		}
		if dials.Load() > 160 { // a dial may lose a race against a connection that came free
			t.Errorf("%d connections for 320 calls", dials.Load())
		}
		c.Close()
		server.Close()
		synctest.Wait()
	})
}

func TestNewRefuses(t *testing.T) {
	keys := StaticKeys("a", "b")
	for _, tt := range []struct {
		o    Options
		says string
	}{
		{Options{}, "no credential"},
		{Options{Credential: keys, ReadQPS: -1}, "read rate"},
		{Options{Credential: keys, WriteQPS: -1}, "write rate"},
		{Options{Credential: keys, CallTimeout: -time.Second}, "call timeout"},
		{Options{Credential: keys, Endpoints: Endpoints{RAM: "http://ram.aliyuncs.com"}}, "loopback"},
	} {
		if _, err := New(tt.o); err == nil || !strings.Contains(err.Error(), tt.says) {
			t.Errorf("%+v: %v", tt.o, err)
		}
	}
}
