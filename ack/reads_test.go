package ack

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"ackrevoke/policy"

	"github.com/google/go-cmp/cmp"
)

// Every read: what goes over the wire, and what the answer becomes.
func TestReads(t *testing.T) {
	when := time.Date(2024, 2, 1, 2, 20, 30, 0, time.UTC)
	for _, tt := range []struct {
		name, body string
		read       func(*lab) (any, error)
		want       any
		wire       string
		action     string
		version    string
	}{
		{
			name: "caller, root", body: `{"AccountId":"1","IdentityType":"Account","Arn":"acs:ram::1:root","UserId":"1","RequestId":"r"}`,
			read: func(l *lab) (any, error) { return l.Caller(l.ctx) },
			want: policy.Caller{Type: policy.RootAccount, AccountID: "1", UID: "1", ARN: "acs:ram::1:root"},
			wire: "POST /", action: "GetCallerIdentity", version: "2015-04-01",
		},
		{
			name: "caller, user with an id as a number", body: `{"AccountId":"1","IdentityType":"RAMUser","Arn":"a","UserId":200000000000000001}`,
			read: func(l *lab) (any, error) { return l.Caller(l.ctx) },
			want: policy.Caller{Type: policy.RAMUser, AccountID: "1", UID: "200000000000000001", ARN: "a"},
			wire: "POST /", action: "GetCallerIdentity", version: "2015-04-01",
		},
		{
			name: "caller, role session", body: `{"AccountId":"1","IdentityType":"AssumedRoleUser","Arn":"a","RoleId":"3","PrincipalId":"3:s"}`,
			read: func(l *lab) (any, error) { return l.Caller(l.ctx) },
			want: policy.Caller{Type: policy.AssumedRoleUser, AccountID: "1", UID: "3", ARN: "a"},
			wire: "POST /", action: "GetCallerIdentity", version: "2015-04-01",
		},
		{
			name: "users", body: `{"IsTruncated":false,"Users":{"User":[{"UserId":"2","UserName":"alice","CreateDate":"2024-02-01T02:20:30Z"},{"UserId":"5","UserName":"bob","CreateDate":""}]}}`,
			read: func(l *lab) (any, error) { return l.Users(l.ctx, nil) },
			want: []policy.Identity{{UID: "2", Name: "alice", Kind: policy.User, CreatedAt: when}, {UID: "5", Name: "bob", Kind: policy.User}},
			wire: "POST /?MaxItems=1000", action: "ListUsers", version: "2015-05-01",
		},
		{
			name: "roles, an empty list as null", body: `{"IsTruncated":false,"Roles":{"Role":null}}`,
			read: func(l *lab) (any, error) { return l.Roles(l.ctx, nil) },
			want: []policy.Identity(nil),
			wire: "POST /?MaxItems=1000", action: "ListRoles", version: "2015-05-01",
		},
		{
			name: "roles", body: `{"IsTruncated":false,"Roles":{"Role":[{"RoleId":"3","RoleName":"ops","CreateDate":"2024-02-01T10:20:30+08:00"}]}}`,
			read: func(l *lab) (any, error) { return l.Roles(l.ctx, nil) },
			want: []policy.Identity{{UID: "3", Name: "ops", Kind: policy.Role, CreatedAt: when}},
			wire: "POST /?MaxItems=1000", action: "ListRoles", version: "2015-05-01",
		},
		{
			name: "clusters of a region, Swarm and deleted ones too; no address, whatever is sent", body: `{"clusters":[{"cluster_id":"c1","name":"prod","region_id":"eu-central-1","cluster_type":"ManagedKubernetes","profile":"Default","state":"running","created":"2024-02-01T10:20:30+08:00","master_url":"{\"api_server_endpoint\":\"https://203.0.113.7:6443\"}"},
				{"cluster_id":"c0","cluster_type":"aliyun","region_id":"eu-central-1-a"},{"cluster_id":"c2","state":"deleted"}],"page_info":{"page_number":1,"page_size":100,"total_count":3}}`,
			read: func(l *lab) (any, error) { return l.RegionClusters(l.ctx, "eu-central-1") },
			want: []policy.Cluster{{ID: "c1", Name: "prod", Region: "eu-central-1", Type: "ManagedKubernetes", Profile: "Default", State: "running",
				CreatedAt: when},
				{ID: "c0", Type: "aliyun", Region: "eu-central-1-a"}, {ID: "c2", State: "deleted"}},
			wire: "GET /regions/eu-central-1/clusters?page_number=1&page_size=100", action: "DescribeClustersForRegion", version: "2015-12-15",
		},
		{
			name: "regions", body: `{"regions":[{"localName":"Frankfurt","regionId":"eu-central-1"},{"regionId":"cn-hangzhou"},{"regionId":"cn-hangzhou"}],"requestId":"r"}`,
			read: func(l *lab) (any, error) { return l.Regions(l.ctx) },
			want: []string{"cn-hangzhou", "eu-central-1"},
			wire: "GET /regions", action: "DescribeRegions", version: "2015-12-15",
		},
		{
			name: "where a cluster answers", body: `{"cluster_id":"c1","master_url":"{\"api_server_endpoint\":\"https://203.0.113.7:6443\",\"intranet_api_server_endpoint\":\"https://10.0.0.7:6443\"}"}`,
			read: func(l *lab) (any, error) { return l.Cluster(l.ctx, "c1") },
			want: policy.Cluster{ID: "c1", Server: "https://203.0.113.7:6443", Intranet: "https://10.0.0.7:6443"},
			wire: "GET /clusters/c1", action: "DescribeClusterDetail", version: "2015-12-15",
		},
		{
			name: "where a cluster answers, in no form that is known", body: `{"cluster_id":"c1","master_url":{"api_server_endpoint":7}}`,
			read: func(l *lab) (any, error) { return l.Cluster(l.ctx, "c1") },
			want: policy.Cluster{ID: "c1"},
			wire: "GET /clusters/c1", action: "DescribeClusterDetail", version: "2015-12-15",
		},
		{
			name: "where a cluster answers, as a text that is no JSON", body: `{"cluster_id":"c1","master_url":"{\"api_server_endpoint\":7}"}`,
			read: func(l *lab) (any, error) { return l.Cluster(l.ctx, "c1") },
			want: policy.Cluster{ID: "c1"},
			wire: "GET /clusters/c1", action: "DescribeClusterDetail", version: "2015-12-15",
		},
		{
			name: "no clusters", body: `{"clusters":null,"page_info":{"total_count":0}}`,
			read: func(l *lab) (any, error) { return l.RetiredClusters(l.ctx) },
			want: []policy.Cluster(nil),
			wire: "GET /api/v1/clusters?page_number=1&page_size=100", action: "DescribeClustersV1", version: "2015-12-15",
		},
		{
			name: "one cluster", body: `{"cluster_id":"c/1","name":"x","state":"deleted"}`,
			read: func(l *lab) (any, error) { return l.Cluster(l.ctx, "c/1") },
			want: policy.Cluster{ID: "c/1", Name: "x", State: "deleted"},
			wire: "GET /clusters/c%2F1", action: "DescribeClusterDetail", version: "2015-12-15",
		},
		{
			name: "grants", body: `[{"resource_id":"c1","resource_type":"cluster","role_name":"view","role_type":"admin","is_owner":1,"is_ram_role":0},
				{"resource_id":"c1/payments","resource_type":"namespace","role_type":"ops","is_owner":"0","is_ram_role":true},
				{"resource_id":"c2","resource_type":"cluster","role_name":"my-view","role_type":"custom","is_owner":false},
				{"resource_id":"all-clusters","resource_type":"console","role_type":"dev","parent_id":"x"}]`,
			read: func(l *lab) (any, error) { return l.Grants(l.ctx, "2") },
			want: []policy.Grant{
				{Cluster: "c1", Scope: policy.OnCluster, Role: "admin", Owner: true},
				{Cluster: "c1", Scope: policy.OnNamespace, Namespace: "payments", Role: "ops", RAMRole: true},
				{Cluster: "c2", Scope: policy.OnCluster, Role: "my-view", Custom: true},
				{Scope: policy.OnAllClusters, Role: "dev"},
			},
			wire: "GET /permissions/users/2", action: "DescribeUserPermission", version: "2015-12-15",
		},
		{
			name: "no grants", body: `[]`,
			read: func(l *lab) (any, error) { return l.Grants(l.ctx, "2") },
			want: []policy.Grant{},
			wire: "GET /permissions/users/2", action: "DescribeUserPermission", version: "2015-12-15",
		},
		{
			name: "states", body: `{"page":{"total_count":2},"states":[{"cluster_id":"c1","cluster_name":"prod","cluster_state":"running","cert_state":"Unexpired","cert_expire_time":"2024-02-01T02:20:30Z"},
				{"cluster_id":"c2","cert_state":"SomethingNew","cert_expire_time":"-"}]}`,
			read: func(l *lab) (any, error) { return l.States(l.ctx, "2") },
			want: []policy.State{{Cluster: "c1", ClusterName: "prod", ClusterState: "running", Cert: policy.Unexpired, Expires: when},
				{Cluster: "c2", Cert: "SomethingNew"}},
			wire: "GET /users/2/kubeconfig/states?page_number=1&page_size=100", action: "ListUserKubeConfigStates", version: "2015-12-15",
		},
		{
			name: "holders", body: `{"page":{"total_count":1},"states":[{"account_id":200000000000000009,"account_name":"eve","account_type":"RamUser","account_state":"Deleted","cert_state":"Unexpired","cert_expire_time":"2024-02-01T02:20:30Z","cloud_service_name":"svc"}]}`,
			read: func(l *lab) (any, error) { return l.Holders(l.ctx, "c1") },
			want: []policy.Holder{{UID: "200000000000000009", Name: "eve", AccountType: "RamUser", AccountState: "Deleted", Cert: policy.Unexpired,
				Expires: when, Service: "svc"}},
			wire: "GET /clusters/c1/kubeconfig/states?pageNumber=1&pageSize=50", action: "ListClusterKubeconfigStates", version: "2015-12-15",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := newLab(t, Options{}, says(200, tt.body))
				got, err := tt.read(l)
				if err != nil {
					t.Fatal(err)
				}
				if d := cmp.Diff(tt.want, got); d != "" {
					t.Error(d)
				}
				all := l.requests()
				if len(all) != 1 {
					t.Fatalf("%d requests: %v", len(all), all)
				}
				r := all[0]
				if r.String() != tt.wire || r.action != tt.action || r.version != tt.version || r.body != "" {
					t.Errorf("got %s, %s, %s, body %q; want %s, %s, %s", r, r.action, r.version, r.body, tt.wire, tt.action, tt.version)
				}
				if !strings.HasPrefix(r.auth, "ACS3-HMAC-SHA256 Credential=LTAItest,") {
					t.Errorf("signed as %q", r.auth)
				}
				n := l.Calls()
				if n.Reads != 1 || n.Writes != 0 || n.Retries != 0 || n.ByOperation[tt.action] != 1 {
					t.Errorf("counts %+v", n)
				}
			})
		})
	}
}

// Answers that make no sense are failed reads: never empty, never absent.
func TestNonsenseIsUnavailable(t *testing.T) {
	reads := map[string]func(*lab) (any, error){
		"caller":   func(l *lab) (any, error) { return l.Caller(l.ctx) },
		"users":    func(l *lab) (any, error) { return l.Users(l.ctx, nil) },
		"roles":    func(l *lab) (any, error) { return l.Roles(l.ctx, nil) },
		"regions":  func(l *lab) (any, error) { return l.Regions(l.ctx) },
		"clusters": func(l *lab) (any, error) { return l.RegionClusters(l.ctx, "eu-central-1") },
		"cluster":  func(l *lab) (any, error) { return l.Cluster(l.ctx, "c1") },
		"grants":   func(l *lab) (any, error) { return l.Grants(l.ctx, "2") },
		"states":   func(l *lab) (any, error) { return l.States(l.ctx, "2") },
		"holders":  func(l *lab) (any, error) { return l.Holders(l.ctx, "c1") },
	}
	bodies := map[string][]string{
		"": {"", " ", "null", "true", `"ok"`, "7", `{"a":`, `[{]`, "<html>Bad gateway</html>", `{}x`},
		"caller": {`{}`, `[]`, `{"AccountId":"1"}`, `{"IdentityType":"RAMUser","AccountId":"1"}`, `{"IdentityType":"RAMUser","UserId":"1"}`,
			`{"AccountId":1e3,"IdentityType":"Account"}`},
		"users": {`{}`, `[]`, `{"IsTruncated":false}`, `{"IsTruncated":false,"Users":{}}`, `{"Users":{"User":[]}}`,
			`{"IsTruncated":"x","Users":{"User":[]}}`, `{"IsTruncated":false,"Users":{"User":[{"UserName":"a"}]}}`,
			`{"IsTruncated":false,"Users":{"User":{}}}`, `{"IsTruncated":false,"Users":{"User":[null]}}`},
		"roles": {`{}`, `{"IsTruncated":false,"Users":{"User":[]}}`, `{"Roles":{"Role":[]}}`},
		"regions": {`{}`, `[]`, `{"regions":null}`, `{"regions":[]}`, `{"regions":[{"localName":"x"}]}`, `{"regions":{}}`,
			`{"regions":[{"regionId":7}]}`},
		"clusters": {`{}`, `[]`, `{"clusters":[]}`, `{"clusters":[],"page_info":{}}`, `{"clusters":[{"name":"x"}],"page_info":{"total_count":1}}`,
			`{"clusters":[],"page_info":{"total_count":1}}`, `{"clusters":[],"page_info":{"total_count":-1}}`,
			`{"clusters":{},"page_info":{"total_count":0}}`, `{"clusters":[],"page_info":{"total_count":null}}`},
		"cluster": {`{}`, `[]`, `{"cluster_id":"c2","state":"deleted"}`},
		"grants": {`{}`, `[null]`, `[{}]`, `[{"resource_type":"cluster","resource_id":""}]`,
			`[{"resource_type":"cluster","resource_id":"c1/ns"}]`, `[{"resource_type":"namespace","resource_id":"c1"}]`,
			`[{"resource_type":"namespace","resource_id":"c1/"}]`, `[{"resource_type":"namespace","resource_id":"/n"}]`,
			`[{"resource_type":"console","resource_id":"c1"}]`, `[{"resource_type":"galaxy","resource_id":"c1"}]`,
			`[{"resource_type":"cluster","resource_id":"c1","is_owner":2}]`, `[{"resource_type":"cluster","resource_id":"all-clusters"}]`},
		"states": {`{}`, `[]`, `{"states":[]}`, `{"page":{"total_count":1},"states":null}`, `{"page_info":{"total_count":0},"states":[]}`,
			`{"page":{"total_count":1},"states":[{"cert_state":"Removed"}]}`},
		"holders": {`{}`, `{"states":[]}`, `{"page":{"total_count":0},"states":[{"account_id":"1"}]}`,
			`{"page":{"total_count":1},"states":[{"account_id":1.5}]}`},
	}
	for name, read := range reads {
		for _, body := range append(bodies[""], bodies[name]...) {
			t.Run(name+" "+body, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					l := newLab(t, Options{}, says(200, body)).past()
					_, err := read(l)
					if f := faultOf(t, err); f.Kind != policy.Unavailable || f.Message == "" || f.Op == "" {
						t.Errorf("got %v, want unavailable", f)
					}
				})
			})
		}
	}
}

// Half of a broken answer does not live on in the next one.
func TestNothingIsLeftOfABrokenAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLab(t, Options{}, inTurn(
			says(200, `[{"resource_id":"c1","resource_type":"cluster","role_type":"admin","is_owner":1,"is_ram_role":1},{"resource_id":7}]`),
			says(200, `[{"resource_id":"c1","resource_type":"cluster","role_type":"dev"}]`)))
		got, err := l.Grants(l.ctx, "2")
		want := []policy.Grant{{Cluster: "c1", Scope: policy.OnCluster, Role: "dev"}}
		if d := cmp.Diff(want, got); err != nil || d != "" || len(l.requests()) != 2 {
			t.Errorf("%v %s", err, d)
		}
	})
}

func TestUnsupportedCaller(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLab(t, Options{}, says(200, `{"AccountId":"1","IdentityType":"Martian","UserId":"1"}`))
		_, err := l.Caller(l.ctx)
		if f := faultOf(t, err); f.Kind != policy.Invalid || len(l.requests()) != 1 {
			t.Errorf("got %v after %d requests", f, len(l.requests()))
		}
	})
}

// The budget of the happy path, at its edges: no trailing call.
func TestBudget(t *testing.T) {
	serve := func(n, most int) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			q := r.URL.Query()
			var number, size int
			fmt.Sscan(q.Get("page_number")+q.Get("pageNumber")+q.Get("Marker"), &number)
			fmt.Sscan(q.Get("page_size")+q.Get("pageSize")+q.Get("MaxItems"), &size)
			number, size = max(1, number), min(size, most)
			var rows []string
			for i := (number - 1) * size; i < min(n, number*size); i++ {
				rows = append(rows, fmt.Sprintf(`{"UserId":"%d","RoleId":"%d","cluster_id":"c%d","account_id":"%d"}`, i, i, i, i))
			}
			list := "[" + strings.Join(rows, ",") + "]"
			fmt.Fprintf(w, `{"Users":{"User":%s},"Roles":{"Role":%s},"clusters":%s,"states":%s,"page":{"total_count":%d},"page_info":{"total_count":%d},"IsTruncated":%t,"Marker":"%d"}`,
				list, list, list, list, n, n, number*size < n, number+1)
		}
	}
	reads := []struct {
		name string
		size int
		read func(*lab) (int, error)
	}{
		{"users", 1000, func(l *lab) (int, error) { r, err := l.Users(l.ctx, nil); return len(r), err }},
		{"roles", 1000, func(l *lab) (int, error) { r, err := l.Roles(l.ctx, nil); return len(r), err }},
		{"clusters", 100, func(l *lab) (int, error) { r, err := l.RetiredClusters(l.ctx); return len(r), err }},
		{"states", 100, func(l *lab) (int, error) { r, err := l.States(l.ctx, "1"); return len(r), err }},
		{"holders", 50, func(l *lab) (int, error) { r, err := l.Holders(l.ctx, "c1"); return len(r), err }},
	}
	for _, tt := range reads {
		for _, most := range []int{1 << 20, tt.size/3 + 1} { // a server that gives what is asked, and one that gives less
			for _, n := range []int{0, 1, tt.size - 1, tt.size, tt.size + 1, 2 * tt.size} {
				t.Run(fmt.Sprint(tt.name, " ", n, " ", most), func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) {
						l := newLab(t, Options{}, serve(n, most)).past()
						got, err := tt.read(l)
						if err != nil || got != n {
							t.Fatalf("got %d of %d, %v", got, n, err)
						}
						size := min(tt.size, most)
						if want := max(1, (n+size-1)/size); len(l.requests()) != want {
							t.Errorf("%d requests, want %d", len(l.requests()), want)
						}
					})
				})
			}
		}
	}
}
