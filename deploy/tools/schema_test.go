package tools

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"
)

// A key that the chart does not know is refused by its name, wherever it stands; and
// so is a value of another kind.
func TestSchemaNamesWhatIsWrong(t *testing.T) {
	for flags, says := range map[string]string{
		"shedule=x":                          "additional properties 'shedule' not allowed",
		"image.tga=x":                        "at '/image': additional properties 'tga' not allowed",
		"storage.storageClass=x":             "at '/storage': additional properties 'storageClass' not allowed",
		"restore.aply=true":                  "at '/restore': additional properties 'aply' not allowed",
		"revoke=yes":                         "at '/revoke': got string, want boolean",
		"restore.uid=200000000000000002":     "at '/restore/uid': got number, want string",
		"timeout=30":                         "at '/timeout': got number, want string",
		"timeout=1h30m":                      "at '/timeout'",
		"schedule=nightly":                   "at '/schedule'",
		"shards=0":                           "at '/shards'",
		"image.repository=ackrevoke:v1":      "at '/image/repository'",
		"image.digest=sha256:1":              "at '/image/digest'",
		"metrics.push=pushgateway:9091":      "at '/metrics/push'",
		`accounts.prod\.yml=x`:               "at '/accounts': additional properties 'prod.yml' not allowed",
		"rrsa.roleName=acs:ram::1:role/x":    "at '/rrsa/roleName'",
		"args={--read-qps 5}":                "at '/args/0'",
		"args={read-qps=5}":                  "at '/args/0'",
		"existingPolicy.configMap=UPPERCASE": "at '/existingPolicy/configMap'",
	} {
		_, err := helm("template", "ackrevoke", chart, "--values", filepath.Join(ci, "audit-only.yaml"), "--set", flags)
		if err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s\nwant: %s\n got: %v", flags, says, err)
		}
	}
}

// values.yaml has every value of the schema, and the schema every value of
// values.yaml; and no object of it is open unless it is Kubernetes' own or the user's.
func TestSchemaIsThatOfTheValues(t *testing.T) {
	var values, schema map[string]any
	if err := yaml.UnmarshalStrict([]byte(read(t, chart+"/values.yaml")), &values); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal([]byte(read(t, chart+"/values.schema.json")), &schema); err != nil {
		t.Fatal(err)
	}
	same(t, "", values, schema)
}

func same(t *testing.T, path string, values, schema map[string]any) {
	t.Helper()
	if schema["additionalProperties"] != false {
		t.Errorf("%s: takes keys that nobody knows", path)
	}
	known, _ := schema["properties"].(map[string]any)
	for key, value := range values {
		of, there := known[key].(map[string]any)
		if !there {
			t.Errorf("the schema lacks %s.%s", path, key)
			continue
		}
		if _, closed := of["properties"]; closed {
			inner, _ := value.(map[string]any)
			same(t, path+"."+key, inner, of)
		}
	}
	for key := range known {
		if _, there := values[key]; !there && path+key != "global" {
			t.Errorf("values.yaml lacks %s.%s", path, key)
		}
	}
}
