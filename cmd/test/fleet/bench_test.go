package fleet

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"runtime/metrics"
	"strings"
	"sync"
	"testing"
	"time"

	"ackrevoke/cmd/cli"
	"ackrevoke/cmd/test/stage"
)

// BenchmarkMemory prints the most that the heap held while a folder of policy
// files was run, 16 accounts at a time, by the whole program with the SDK. Dead
// objects count, and so does the service, which runs in the same process. The
// number is to be the same for ten times as many files. It asserts nothing of
// time or memory:
//
//	go test ./cmd/test/fleet -run '^$' -bench Memory -benchtime 1x
func BenchmarkMemory(b *testing.B) {
	for k, v := range map[string]string{"ALIBABA_CLOUD_ACCESS_KEY_ID": "made-up", "ALIBABA_CLOUD_ACCESS_KEY_SECRET": "made-up",
		"ALIBABA_CLOUD_SECURITY_TOKEN": ""} {
		b.Setenv(k, v)
	}
	for _, files := range []int{200, 2000} {
		b.Run(fmt.Sprintf("files=%d", files), func(b *testing.B) {
			dir, out := manyPolicies(b, files), b.TempDir()
			for range b.N {
				runtime.GC()
				s := &plainService{}
				server := httptest.NewServer(s)
				var stderr bytes.Buffer
				p := cli.Program{Args: []string{"run", "--policy-dir", dir, "-o", out, "--read-qps", "1000000", "--log-level", "error",
					"--cs-endpoint", server.URL, "--ram-endpoint", server.URL, "--sts-endpoint", server.URL},
					Stdin: strings.NewReader(""), Stdout: &bytes.Buffer{}, Stderr: &stderr, Now: func() time.Time { return stage.Noon }}
				code := p.Run(b.Context())
				server.Close()
				reports := stage.Must(filepath.Glob(filepath.Join(out, "m*.json")))
				if code != 0 || len(reports) != files {
					b.Fatalf("exit %d, %d reports\n%s\n%s", code, len(reports), stderr.String(), stage.Must(os.ReadFile(reports[0])))
				}
				b.ReportMetric(float64(s.peak)/(1<<20), "peak-heap-MB")
				b.ReportMetric(float64(s.most), "accounts-at-a-time")
				b.ReportMetric(float64(s.calls), "calls")
			}
		})
	}
}

// manyPolicies is a folder of so many policies, each of another account.
func manyPolicies(b *testing.B, n int) string {
	dir := b.TempDir()
	for i := range n {
		text := stage.MemberPolicy(fmt.Sprintf("5%015d", i), "")
		stage.NoError(b, os.WriteFile(filepath.Join(dir, fmt.Sprintf("m%04d.yaml", i)), []byte(text), 0o600))
	}
	return dir
}

// plainService is every account at once: two clusters, and alice on one of them.
type plainService struct {
	mu    sync.Mutex
	calls int
	peak  uint64         // of the heap
	busy  map[string]int // calls that an account has yet to make
	most  int            // accounts that were under way at a time
}

var (
	keyOf  = regexp.MustCompile(`Credential=STS\.(\d+),`)
	roleOf = regexp.MustCompile(`ram::(\d+):`)
)

// saw counts a call of an account; its last one is the second read of grants.
func (s *plainService) saw(account, action string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls++
	sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(sample)
	s.peak = max(s.peak, sample[0].Value.Uint64())
	if s.busy == nil {
		s.busy = map[string]int{}
	}
	switch action {
	case "GetCallerIdentity":
		s.busy[account]++
	case "ListUserKubeConfigStates":
		delete(s.busy, account)
	}
	s.most = max(s.most, len(s.busy))
}

func (s *plainService) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	account, action := "", r.Header.Get("x-acs-action")
	if m := keyOf.FindStringSubmatch(r.Header.Get("Authorization")); m != nil {
		account = m[1]
	}
	s.saw(account, action)
	const role = `{"RoleId":"300000000000000001","RoleName":"ackrevoke","CreateDate":"2024-05-06T07:08:09Z"}`
	const user = `{"UserId":"200000000000000001","UserName":"alice","CreateDate":"2024-05-06T07:08:09Z"}`
	switch action {
	case "AssumeRole":
		id := roleOf.FindStringSubmatch(r.URL.Query().Get("RoleArn"))[1]
		fmt.Fprintf(w, `{"Credentials":{"AccessKeyId":"STS.%s","AccessKeySecret":"made-up","SecurityToken":"made-up","Expiration":%q}}`, id,
			time.Now().Add(time.Hour).UTC().Format(time.RFC3339))
	case "GetCallerIdentity":
		fmt.Fprintf(w, `{"AccountId":%q,"IdentityType":"AssumedRoleUser","Arn":"acs:ram::%[1]s:assumed-role/ackrevoke/x",`+
			`"RoleId":"300000000000000001","PrincipalId":"300000000000000001:x"}`, account)
	case "ListUsers":
		fmt.Fprintf(w, `{"IsTruncated":false,"Users":{"User":[%s]}}`, user)
	case "ListRoles":
		fmt.Fprintf(w, `{"IsTruncated":false,"Roles":{"Role":[%s]}}`, role)
	case "DescribeRegions":
		fmt.Fprint(w, `{"regions":[{"regionId":"cn-hangzhou","regionName":"Hangzhou"}]}`)
	case "DescribeClustersForRegion":
		const one = `{"cluster_id":"c%d","name":"cluster-%[1]d","region_id":"cn-hangzhou","cluster_type":"ManagedKubernetes",` +
			`"profile":"Default","state":"running","created":"2024-02-01T10:20:30+08:00"}`
		fmt.Fprintf(w, `{"clusters":[`+one+`,`+strings.ReplaceAll(one, "%[1]d", "%[2]d")+`],"page_info":{"page_number":1,"page_size":100,`+
			`"total_count":2}}`, 1, 2)
	case "ListUserKubeConfigStates":
		fmt.Fprint(w, `{"page":{"page_number":1,"page_size":100,"total_count":2},"states":[`+
			`{"cluster_id":"c1","cluster_name":"cluster-1","cluster_state":"running","cert_state":"Unexpired","cert_expire_time":"2035-01-01T00:00:00Z"},`+
			`{"cluster_id":"c2","cluster_name":"cluster-2","cluster_state":"running","cert_state":"Unissued","cert_expire_time":""}]}`)
	case "DescribeUserPermission":
		if strings.Contains(r.URL.Path, "300000000000000001") {
			fmt.Fprint(w, `[{"resource_id":"all-clusters","resource_type":"console","role_type":"admin","is_owner":0,"is_ram_role":1}]`)
			return
		}
		fmt.Fprint(w, `[{"resource_id":"c1","resource_type":"cluster","role_type":"dev","is_owner":0,"is_ram_role":0}]`)
	default:
		http.Error(w, action, http.StatusNotImplemented)
	}
}
