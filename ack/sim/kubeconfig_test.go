package sim_test

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"strings"
	"testing"
	"time"

	csclient "github.com/alibabacloud-go/cs-20151215/v4/client"
	"github.com/alibabacloud-go/tea/dara"
	"gopkg.in/yaml.v3"

	"ackrevoke/ack/sim"
)

// kubeconfig is what a test reads of one.
type kubeconfig struct {
	Current  string `yaml:"current-context"`
	Clusters []struct {
		Cluster struct {
			Server string `yaml:"server"`
			CA     string `yaml:"certificate-authority-data"`
		} `yaml:"cluster"`
	} `yaml:"clusters"`
	Users []struct {
		User struct {
			Certificate string `yaml:"client-certificate-data"`
			Key         string `yaml:"client-key-data"`
		} `yaml:"user"`
	} `yaml:"users"`
}

// fetch gets a kubeconfig with the vendor's client, and its certificate after holding it against its key and its CA.
func (c *client) fetch(t *testing.T, cluster string, request *csclient.DescribeClusterUserKubeconfigRequest, now time.Time) (kubeconfig,
	*x509.Certificate) {
	t.Helper()
	out, err := c.cs.DescribeClusterUserKubeconfig(dara.String(cluster), request)
	if err != nil {
		t.Fatal(err)
	}
	var file kubeconfig
	if err := yaml.Unmarshal([]byte(*out.Body.Config), &file); err != nil {
		t.Fatalf("%v in %s", err, *out.Body.Config)
	}
	decoded := func(text string) []byte {
		data, err := base64.StdEncoding.DecodeString(text)
		if err != nil {
			t.Fatal(err)
		}
		return data
	}
	pair, err := tls.X509KeyPair(decoded(file.Users[0].User.Certificate), decoded(file.Users[0].User.Key))
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(decoded(file.Clusters[0].Cluster.CA))
	usages := []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}
	if _, err := pair.Leaf.Verify(x509.VerifyOptions{Roots: roots, KeyUsages: usages, CurrentTime: now}); err != nil {
		t.Error(err)
	}
	if want := pair.Leaf.NotAfter.UTC().Format(time.RFC3339); *out.Body.Expiration != want {
		t.Errorf("expiration %s, the certificate says %s", *out.Body.Expiration, want)
	}
	return file, pair.Leaf
}

func ask(minutes int64) *csclient.DescribeClusterUserKubeconfigRequest {
	out := &csclient.DescribeClusterUserKubeconfigRequest{}
	if minutes > 0 {
		out.TemporaryDurationMinutes = dara.Int64(minutes)
	}
	return out
}

// TestKubeconfig issues, gives out again and renews, and looks each time what the ledger has of it.
func TestKubeconfig(t *testing.T) {
	now := calendar()
	a, c := open(t, "issueKubeconfig: true", sim.Options{Issue: true, Now: func() time.Time { return now }})
	on := func(cluster string) (out []string) {
		for _, x := range a.Truth().Certificates {
			if x.UID == runner && x.Cluster == cluster {
				out = append(out, fmt.Sprint(x.State, " ", x.Expires.UTC().Format(time.DateOnly), " ", x.Previous))
			}
		}
		return out
	}
	file, first := c.fetch(t, "c2", ask(0), now)
	same(t, file.Current, runner+"-c2")
	same(t, file.Clusters[0].Cluster.Server, "https://c2.invalid:6443")
	same(t, first.Subject.String(), "CN="+runner+"-"+fmt.Sprint(now.Unix()))
	same(t, on("c2"), []string{"Unexpired 2029-12-01 false"})
	if call := a.Calls()[0]; call.Operation != "DescribeClusterUserKubeconfig" || call.UID != runner || !call.Write {
		t.Errorf("recorded as %+v", call)
	}
	_, known := c.fetch(t, "c1", ask(0), now)
	same(t, known.NotAfter.Format(time.DateOnly), "2028-01-01") // what the estate says
	same(t, on("c1"), []string{"Unexpired 2028-01-01 false"})
	now = now.AddDate(1, 0, 0)
	_, again := c.fetch(t, "c2", ask(60), now)
	same(t, again.Equal(first), true) // in force, and long to go

	now = time.Date(2029, 7, 1, 0, 0, 0, 0, time.UTC)
	_, second := c.fetch(t, "c2", ask(0), now)
	same(t, on("c2"), []string{"Unexpired 2029-12-01 true", "Unexpired 2032-07-01 false"})
	same(t, second.Subject.CommonName, runner+"-"+fmt.Sprint(now.Unix()))
	c.must(t, "GET /users/"+runner+"/kubeconfig/states", nil, nil)
	if !strings.Contains(string(c.body), `"cert_expire_time":"2032-07-01T00:00:00Z"`) {
		t.Errorf("%s", c.body)
	}

	now = now.AddDate(10, 0, 0)
	_, short := c.fetch(t, "c2", ask(15), now) // all expired: a new one, for a quarter of an hour
	same(t, short.NotAfter.Sub(now), 15*time.Minute)
	_, renewed := c.fetch(t, "c2", ask(15), now) // in its last 180 days from the start, and in the same second
	same(t, renewed.NotAfter.Sub(now), 15*time.Minute+time.Second)
	_, third := c.fetch(t, "c2", ask(15), now) // two are alive: no third
	same(t, third.Equal(renewed), true)
}

func TestKubeconfigOptions(t *testing.T) {
	text := strings.Replace(small(t, "issueKubeconfig: true, kubeconfigOrganization: system:masters"), "id: c1, ",
		`id: c1, masterURL: '{"api_server_endpoint":"https://203.0.113.7:6443","intranet_api_server_endpoint":"https://10.0.0.7:6443"}', `, 1)
	c := newClient(t, sim.New(load(t, text), sim.Options{Now: calendar, Issue: true}))
	for private, want := range map[bool]string{false: "https://203.0.113.7:6443", true: "https://10.0.0.7:6443"} {
		file, certificate := c.fetch(t, "c1", &csclient.DescribeClusterUserKubeconfigRequest{PrivateIpAddress: dara.Bool(private)}, calendar())
		same(t, file.Clusters[0].Cluster.Server, want)
		same(t, certificate.Subject.Organization, []string{"system:masters"})
	}
	for query, want := range map[string]string{
		"c1/user_config?TemporaryDurationMinutes=14":   "400 InvalidParameter.TemporaryDurationMinutes",
		"c1/user_config?TemporaryDurationMinutes=4321": "400 InvalidParameter.TemporaryDurationMinutes",
		"c1/user_config?TemporaryDurationMinutes=x":    "400 InvalidParameter.TemporaryDurationMinutes",
		"c1/user_config?PrivateIpAddress=perhaps":      "400 InvalidParameter.PrivateIpAddress",
		"c6/user_config":                     "400 ErrorClusterUnreachable",
		"c9/user_config":                     "404 ErrorClusterNotFound",
		"c1/users/" + alice + "/user_config": "403 StatusForbidden", // of somebody else: never
	} {
		same(t, c.clusters(t, "/k8s/"+query), want)
	}
	same(t, c.clusters(t, "/api/v2/k8s/c1/user_config"), "403 StatusForbidden")
}

// TestKubeconfigRefused wants both, the estate's wish and the process's leave.
func TestKubeconfigRefused(t *testing.T) {
	for behaviour, may := range map[string]bool{"": true, "issueKubeconfig: true": false, "issueKubeconfig: false": true} {
		a, c := open(t, behaviour, sim.Options{Issue: may})
		before := a.Truth()
		same(t, c.clusters(t, "/k8s/c2/user_config"), "403 StatusForbidden")
		same(t, a.Truth(), before)
	}
}
