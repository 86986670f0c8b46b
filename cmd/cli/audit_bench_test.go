package cli_test

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"runtime/metrics"
	"strings"
	"sync"
	"testing"
	"time"

	"ackrevoke/cmd/cli"
	"ackrevoke/cmd/test/stage"
)

// BenchmarkAuditMemory prints the most that the heap held while an account of
// 50,000 users and 1,000 clusters with 200 credentials each was audited, by the
// whole program with the SDK. Live and garbage count, and so does the service,
// which makes up its answers and runs in the same process. It asserts nothing:
//
//	go test ./cmd/cli -run '^$' -bench AuditMemory -benchtime 1x
func BenchmarkAuditMemory(b *testing.B) {
	for _, flags := range [][]string{nil, {"--grants"}} {
		b.Run(strings.Join(append([]string{"lists"}, flags...), " "), func(b *testing.B) {
			for k, v := range map[string]string{"ALIBABA_CLOUD_ACCESS_KEY_ID": "made-up", "ALIBABA_CLOUD_ACCESS_KEY_SECRET": "made-up",
				"ALIBABA_CLOUD_SECURITY_TOKEN": ""} {
				b.Setenv(k, v)
			}
			for range b.N {
				l := &large{users: 50_000, clusters: 1_000, each: 200}
				server := httptest.NewServer(l)
				var stdout, stderr bytes.Buffer
				p := cli.Program{Args: append([]string{"audit", "--format", "json", "--read-qps", "1000000", "--cs-endpoint", server.URL,
					"--ram-endpoint", server.URL, "--sts-endpoint", server.URL}, flags...),
					Stdin: strings.NewReader(""), Stdout: &stdout, Stderr: &stderr, Now: func() time.Time { return stage.Noon }}
				code := p.Run(b.Context())
				server.Close()
				if found := strings.Count(stdout.String(), `"kind": "deleted"`); code != 0 || found != l.users/1000 {
					b.Fatalf("exit %d, %d deleted principals found\n%s", code, found, stderr.String())
				}
				b.ReportMetric(float64(l.peak)/(1<<20), "peak-heap-MB")
				b.ReportMetric(float64(l.calls), "calls")
			}
		})
	}
}

// large is a service that makes up a large account as it is asked. One user in
// a thousand is deleted; everybody has a grant wherever they hold a certificate.
type large struct {
	users, clusters, each int

	mu    sync.Mutex
	calls int
	peak  uint64
}

// heap is what the heap holds now, dead objects included.
func heap() uint64 {
	s := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(s)
	return s[0].Value.Uint64()
}

func (l *large) uid(i int) string { return fmt.Sprintf("2%017d", i) }

func (l *large) deleted(i int) bool { return i%1000 == 500 }

func (l *large) name(i int) string { return fmt.Sprintf("somebody.with.a.name-%05d", i) }

func (l *large) holder(c, k int) int { return (c*l.each + k) % l.users }

func (l *large) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	l.mu.Lock()
	l.calls++
	l.peak = max(l.peak, heap())
	l.mu.Unlock()
	q := r.URL.Query()
	number := func(name string) int {
		n := 0
		_, _ = fmt.Sscan(q.Get(name), &n)
		return n
	}
	var rows []string
	switch action := r.Header.Get("x-acs-action"); action {
	case "GetCallerIdentity":
		fmt.Fprintf(w, `{"AccountId":"1","IdentityType":"Account","Arn":"acs:ram::1:root","UserId":"1"}`)
	case "ListUsers":
		from := 0
		_, _ = fmt.Sscan(q.Get("Marker"), &from)
		for i := from; i < min(from+1000, l.users); i++ {
			if !l.deleted(i) {
				rows = append(rows, fmt.Sprintf(`{"UserId":%q,"UserName":%q,"DisplayName":"Some Body","CreateDate":"2024-05-06T07:08:09Z"}`,
					l.uid(i), l.name(i)))
			}
		}
		fmt.Fprintf(w, `{"IsTruncated":%t,"Marker":"%d","Users":{"User":[%s]}}`, from+1000 < l.users, from+1000, strings.Join(rows, ","))
	case "ListRoles":
		fmt.Fprint(w, `{"IsTruncated":false,"Roles":{"Role":[]}}`)
	case "DescribeClustersForRegion":
		page, size := number("page_number"), number("page_size")
		for i := (page - 1) * size; i < min(page*size, l.clusters); i++ {
			rows = append(rows, fmt.Sprintf(`{"cluster_id":"c%032d","name":"cluster-%d","region_id":"cn-hangzhou",`+
				`"cluster_type":"ManagedKubernetes","profile":"Default","state":"running","created":"2024-02-01T10:20:30+08:00"}`, i, i))
		}
		fmt.Fprintf(w, `{"clusters":[%s],"page_info":{"page_number":%d,"page_size":%d,"total_count":%d}}`, strings.Join(rows, ","), page,
			size, l.clusters)
	case "ListClusterKubeconfigStates":
		if q.Get("cloudServiceKubeConfig") == "true" {
			fmt.Fprint(w, `{"page":{"total_count":0},"states":[]}`)
			return
		}
		cluster := 0
		_, _ = fmt.Sscanf(strings.Split(r.URL.Path, "/")[2], "c%d", &cluster)
		page, size := number("pageNumber"), number("pageSize")
		for k := (page - 1) * size; k < min(page*size, l.each); k++ {
			i, state := l.holder(cluster, k), "Active"
			if l.deleted(i) {
				state = "Deleted"
			}
			rows = append(rows, fmt.Sprintf(`{"account_id":%q,"account_name":%q,"account_display_name":"Some Body",`+
				`"account_type":"RamUser","account_state":%q,"cert_state":"Unexpired","cert_expire_time":"2028-09-10T11:12:13Z",`+
				`"revokable":true}`, l.uid(i), l.name(i), state))
		}
		fmt.Fprintf(w, `{"page":{"page_number":%d,"page_size":%d,"total_count":%d},"states":[%s]}`, page, size, l.each, strings.Join(rows, ","))
	case "DescribeUserPermission":
		var i int
		_, _ = fmt.Sscanf(strings.Split(r.URL.Path, "/")[3], "2%d", &i)
		for cluster := i / l.each; cluster < l.clusters; cluster += l.users / l.each { // where they hold a certificate
			rows = append(rows, fmt.Sprintf(`{"resource_id":"c%032d","resource_type":"cluster","role_type":"dev","is_owner":0,`+
				`"is_ram_role":0}`, cluster))
		}
		fmt.Fprintf(w, "[%s]", strings.Join(rows, ","))
	default:
		http.Error(w, action, http.StatusNotImplemented)
	}
}
