package main

import (
	"errors"
	"fmt"
	"strings"
	"time"

	openapi "github.com/alibabacloud-go/darabonba-openapi/v2/client"
	"github.com/alibabacloud-go/tea/dara"
)

// comparison sets a run beside the way people go today: the vendor's interactive
// tool, whose calls are made here by the vendor's SDK, one after the other. Those that
// the simulated account does not serve, or refuses, take as long as the others.
func (b *bench) comparison() error {
	b.say("## Beside the sequential way")
	b.say("One leaver who holds something on M clusters, at 40 ms a call, on this machine. On the left the calls of " +
		"the vendor's interactive tool " +
		"(caller, people, clusters ten at a time; of each cluster a kubeconfig, the activity of the user, the clean), " +
		"made by the vendor's SDK one " +
		"after the other: it asks each cluster's API server for two lists beside, which are not counted, and proves " +
		"nothing. The tool itself " +
		"took 1.5 s for M = 10, and 13.7 s and 45 MB for M = 100, elsewhere. On the right a run with proof on both " +
		"surfaces and a report; a task of the " +
		"simulated account takes 3 s, and one call is about at most 200 clusters.")
	rows := [][]string{{"M", "sequential: calls", "time", "run, default rates: calls", "time", "memory", "run, 100 calls a second: time"}}
	for _, m := range []int{10, 100, 1000} {
		e := estate{users: 100, clusters: m, leavers: 1, each: m}
		n, took, err := b.sequential(e)
		if err != nil {
			return err
		}
		row := []string{number(m), number(n), seconds(took)}
		for _, flags := range [][]string{nil, {"--read-qps", "100", "--write-qps", "100"}} {
			s, err := b.serve(e, "--latency", "40ms")
			if err != nil {
				return err
			}
			r, err := b.run(s, e, append(flags, "--dry-run=false")...)
			s.stop()
			if err != nil {
				return err
			}
			if r.report.Summary.Revoked != m {
				return fmt.Errorf("%d of %d revoked", r.report.Summary.Revoked, m)
			}
			if flags == nil {
				calls := r.report.Calls.Reads + r.report.Calls.Writes
				b.must(calls < n, "M = %d: %d calls, and %d one after the other", m, calls, n)
				row = append(row, number(calls), seconds(r.wall), mb(r.peak))
				continue
			}
			row = append(row, seconds(r.wall))
		}
		rows = append(rows, row)
	}
	b.table(rows)
	return nil
}

// sequential makes the calls of the vendor's tool, and counts those that the account saw.
func (b *bench) sequential(e estate) (calls int, took time.Duration, err error) {
	s, err := b.serve(e, "--latency", "40ms")
	if err != nil {
		return 0, 0, err
	}
	defer s.stop()
	client, err := openapi.NewClient(&openapi.Config{
		AccessKeyId:     dara.String(value(s.env, "ALIBABA_CLOUD_ACCESS_KEY_ID")),
		AccessKeySecret: dara.String(value(s.env, "ALIBABA_CLOUD_ACCESS_KEY_SECRET")),
		Endpoint:        dara.String(strings.TrimPrefix(s.address, "http://")), Protocol: dara.String("HTTP"),
	})
	if err != nil {
		return 0, 0, err
	}
	began := time.Now()
	rpc := func(action, version string) { send(client, action, version, "POST", "/", "RPC") }
	cs := func(action, method, path string) { send(client, action, "2015-12-15", method, path, "ROA") }
	rpc("GetCallerIdentity", "2015-04-01")
	rpc("ListUsers", "2015-05-01")
	rpc("ListRoles", "2015-05-01")
	for range pages(e.clusters, 10) + 1 { // until a page is empty
		cs("DescribeClustersV1", "GET", "/api/v1/clusters")
	}
	for i := range e.clusters {
		cs("DescribeClusterUserKubeconfig", "GET", "/k8s/"+cluster(i)+"/user_config")
		cs("DescribeUserClusterActivityState", "GET", "/clusters/"+cluster(i)+"/users/"+uid(0)+"/activity-state")
		cs("CleanClusterUserPermissions", "DELETE", "/cluster/"+cluster(i)+"/user/"+uid(0)+"/permissions")
	}
	took = time.Since(began)
	all, err := s.calls()
	if err != nil {
		return 0, 0, err
	}
	cleaned := 0
	for _, c := range all {
		if c.Write && c.Code == "" {
			cleaned++
		}
	}
	if cleaned != e.clusters {
		return 0, 0, fmt.Errorf("%d of %d cleaned", cleaned, e.clusters)
	}
	if len(all) == 0 {
		return 0, 0, errors.New("the account saw no call")
	}
	return len(all), took, nil
}

// send makes one call; whatever the answer, it took its time.
func send(client *openapi.Client, action, version, method, path, style string) {
	_, _ = client.CallApi(&openapi.Params{Action: &action, Version: &version, Protocol: dara.String("HTTP"), Method: &method, Pathname: &path,
		AuthType: dara.String("AK"), Style: &style, ReqBodyType: dara.String("json"), BodyType: dara.String("json")},
		&openapi.OpenApiRequest{}, &dara.RuntimeOptions{})
}

func value(env []string, key string) string {
	for _, kv := range env {
		if v, ok := strings.CutPrefix(kv, key+"="); ok {
			return v
		}
	}
	return ""
}
