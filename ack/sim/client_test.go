package sim_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	csclient "github.com/alibabacloud-go/cs-20151215/v4/client"
	openapi "github.com/alibabacloud-go/darabonba-openapi/v2/client"
	ramclient "github.com/alibabacloud-go/ram-20150501/v2/client"
	"github.com/alibabacloud-go/tea/dara"

	"ackrevoke/ack/sim"
)

const (
	alice    = "200000000000000001"
	bob      = "200000000000000002"
	gone     = "200000000000000009"
	runner   = "290000000000000001"
	deployer = "300000000000000001"
	nobody   = "999999999999999999"
	rootID   = "1234567890123456"
)

// calendar is the day the small estate is looked at: alice was at c1 eleven days ago.
func calendar() time.Time { return time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC) }

// small returns the text of the small estate with a behaviour.
func small(t *testing.T, behaviour string) string {
	t.Helper()
	text, err := os.ReadFile("testdata/estates/small.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return string(text) + "behaviour: {" + behaviour + "}\n"
}

func load(t *testing.T, text string) *sim.Estate {
	t.Helper()
	e, err := sim.Load("estate.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// wire hands a request over as bytes, without a network, so that it works in a synctest bubble; it keeps the last answer.
type wire struct {
	account http.Handler
	spoil   func(*http.Request) // changes the request after it was signed
	status  int
	header  http.Header
	body    []byte
}

func (w *wire) Call(r *http.Request, _ *http.Transport) (*http.Response, error) {
	var sent bytes.Buffer
	if err := r.Write(&sent); err != nil {
		return nil, err
	}
	received, err := http.ReadRequest(bufio.NewReader(&sent))
	if err != nil {
		return nil, err
	}
	received = received.WithContext(r.Context())
	if w.spoil != nil {
		w.spoil(received)
	}
	recorder := httptest.NewRecorder()
	w.account.ServeHTTP(recorder, received)
	response := recorder.Result()
	w.status, w.header, w.body = response.StatusCode, response.Header, recorder.Body.Bytes()
	return response, nil
}

// client is the vendor's own client, with the wire under it.
type client struct {
	*wire
	cs *csclient.Client
}

func config(key, secret string, http dara.HttpClient) *openapi.Config {
	return &openapi.Config{
		AccessKeyId: dara.String(key), AccessKeySecret: dara.String(secret), Endpoint: dara.String("127.0.0.1:8866"),
		Protocol: dara.String("http"), RegionId: dara.String("eu-central-1"), HttpClient: http,
	}
}

func newClient(t *testing.T, a *sim.Account) *client {
	t.Helper()
	w := &wire{account: a}
	key, secret := a.Keys()
	c, err := csclient.NewClient(config(key, secret, w))
	if err != nil {
		t.Fatal(err)
	}
	return &client{wire: w, cs: c}
}

func newRAM(t *testing.T, a *sim.Account) *ramclient.Client {
	t.Helper()
	key, secret := a.Keys()
	c, err := ramclient.NewClient(config(key, secret, &wire{account: a}))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// open returns a client of the small estate.
func open(t *testing.T, behaviour string, o sim.Options) (*sim.Account, *client) {
	t.Helper()
	if o.Now == nil {
		o.Now = calendar
	}
	a := sim.New(load(t, small(t, behaviour)), o)
	return a, newClient(t, a)
}

// call makes one CS call, written like "GET /clusters?x=1", and returns status and error code.
func (c *client) call(t *testing.T, what string, body any) (int, string) {
	t.Helper()
	method, rest, _ := strings.Cut(what, " ")
	path, query, _ := strings.Cut(rest, "?")
	params := &openapi.Params{
		Action: dara.String("Any"), Version: dara.String("2015-12-15"), Protocol: dara.String("HTTPS"), Method: dara.String(method),
		AuthType: dara.String("AK"), Style: dara.String("ROA"), ReqBodyType: dara.String("json"), BodyType: dara.String("none"),
		Pathname: dara.String(path),
	}
	request := &openapi.OpenApiRequest{Query: map[string]*string{}}
	for pair := range strings.SplitSeq(query, "&") {
		if key, value, found := strings.Cut(pair, "="); found {
			request.Query[key] = dara.String(value)
		}
	}
	if body != nil {
		request.Body = body
	}
	c.status = 0
	_, err := c.cs.CallApiWithCtx(t.Context(), params, request, &dara.RuntimeOptions{})
	if c.status == 0 {
		t.Fatalf("%s: no answer: %v", what, err)
	}
	var failure struct {
		Code      string `json:"code"`
		Message   string `json:"message"`
		RequestID string `json:"requestId"`
	}
	if c.status >= 400 {
		if err == nil {
			t.Errorf("%s: the client takes status %d for a success", what, c.status)
		}
		c.decode(t, &failure)
		if failure.RequestID == "" || failure.RequestID != c.header.Get("x-acs-request-id") || failure.Message == "" {
			t.Errorf("%s: incomplete error %s", what, c.body)
		}
	} else if err != nil {
		t.Errorf("%s: %v", what, err)
	}
	return c.status, failure.Code
}

// must makes a call that has to succeed and decodes the answer.
func (c *client) must(t *testing.T, what string, body, into any) {
	t.Helper()
	if status, code := c.call(t, what, body); status != http.StatusOK {
		t.Fatalf("%s: %d %s", what, status, code)
	}
	if into != nil {
		c.decode(t, into)
	}
}

func (c *client) decode(t *testing.T, into any) {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(c.body))
	if err := d.Decode(into); err != nil {
		t.Fatalf("%v in %s", err, c.body)
	}
	if _, err := d.Token(); err != io.EOF {
		t.Fatalf("more than one value in %s", c.body)
	}
}

// states returns the per-user list as "c1 Unexpired" lines.
func (c *client) states(t *testing.T, uid string) []string {
	t.Helper()
	var list struct {
		States []struct {
			ClusterID string `json:"cluster_id"`
			CertState string `json:"cert_state"`
		} `json:"states"`
	}
	c.must(t, "GET /users/"+uid+"/kubeconfig/states", nil, &list)
	out := []string{}
	for _, s := range list.States {
		out = append(out, s.ClusterID+" "+s.CertState)
	}
	return out
}

// holders returns the per-cluster list as "uid type state certificate" lines.
func (c *client) holders(t *testing.T, cluster, query string) []string {
	t.Helper()
	var list struct {
		States []struct {
			ID        string `json:"account_id"`
			Type      string `json:"account_type"`
			State     string `json:"account_state"`
			CertState string `json:"cert_state"`
			Service   string `json:"cloud_service_name"`
		} `json:"states"`
	}
	c.must(t, "GET /clusters/"+cluster+"/kubeconfig/states?pageSize=50"+query, nil, &list)
	out := []string{}
	for _, s := range list.States {
		out = append(out, strings.TrimSpace(strings.Join([]string{s.ID, s.Type, s.State, s.CertState, s.Service}, " ")))
	}
	return out
}

// rows returns the grants as "c1/payments ops" lines.
func (c *client) rows(t *testing.T, uid string) []string {
	t.Helper()
	var list []struct {
		ID    string `json:"resource_id"`
		Type  string `json:"role_type"`
		Name  string `json:"role_name"`
		Owner int    `json:"is_owner"`
	}
	c.must(t, "GET /permissions/users/"+uid, nil, &list)
	out := []string{}
	for _, r := range list {
		line := r.ID + " " + r.Type
		if r.Name != "" {
			line += ":" + r.Name
		}
		if r.Owner == 1 {
			line += " owner"
		}
		out = append(out, line)
	}
	return out
}

// pass lets time go by in a bubble, where it costs none.
func pass(d time.Duration) { <-time.After(d) }
