package tools

import (
	"regexp"
	"strings"
	"testing"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"
)

// objects are manifests, by kind and then by name.
type objects struct {
	cronJobs   map[string]*batchv1.CronJob
	jobs       map[string]*batchv1.Job
	accounts   map[string]*corev1.ServiceAccount
	configMaps map[string]*corev1.ConfigMap
	claims     map[string]*corev1.PersistentVolumeClaim
	policies   map[string]*networkingv1.NetworkPolicy
	rules      map[string]*prometheusRule
	namespaces map[string]*corev1.Namespace
}

// prometheusRule is that of monitoring.coreos.com/v1, as far as the chart uses it.
type prometheusRule struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata"`
	Spec              struct {
		Groups []struct {
			Name  string  `json:"name"`
			Rules []alert `json:"rules"`
		} `json:"groups"`
	} `json:"spec"`
}

type alert struct {
	Alert       string            `json:"alert"`
	Expr        string            `json:"expr"`
	For         string            `json:"for,omitempty"`
	Labels      map[string]string `json:"labels"`
	Annotations map[string]string `json:"annotations"`
}

var between = regexp.MustCompile(`(?m)^---$`)

// decode reads manifests strictly: a key that Kubernetes does not know, or one that
// stands twice, is an error.
func decode(t *testing.T, text string) objects {
	t.Helper()
	o := objects{map[string]*batchv1.CronJob{}, map[string]*batchv1.Job{}, map[string]*corev1.ServiceAccount{},
		map[string]*corev1.ConfigMap{}, map[string]*corev1.PersistentVolumeClaim{}, map[string]*networkingv1.NetworkPolicy{},
		map[string]*prometheusRule{}, map[string]*corev1.Namespace{}}
	for _, one := range between.Split(text, -1) {
		var is metav1.PartialObjectMetadata
		if err := yaml.Unmarshal([]byte(one), &is); err != nil {
			t.Fatalf("%v\n%s", err, one)
		}
		switch version := is.APIVersion + " " + is.Kind; version {
		case " ": // comments alone
			if strings.TrimSpace(regexp.MustCompile(`(?m)^#.*$`).ReplaceAllString(one, "")) != "" {
				t.Fatalf("no manifest:\n%s", one)
			}
		case "batch/v1 CronJob":
			into(t, one, o.cronJobs, is.Name)
		case "batch/v1 Job":
			into(t, one, o.jobs, is.Name)
		case "v1 ServiceAccount":
			into(t, one, o.accounts, is.Name)
		case "v1 ConfigMap":
			into(t, one, o.configMaps, is.Name)
		case "v1 PersistentVolumeClaim":
			into(t, one, o.claims, is.Name)
		case "networking.k8s.io/v1 NetworkPolicy":
			into(t, one, o.policies, is.Name)
		case "monitoring.coreos.com/v1 PrometheusRule":
			into(t, one, o.rules, is.Name)
		case "v1 Namespace":
			into(t, one, o.namespaces, is.Name)
		default:
			t.Errorf("what is a %s?\n%s", version, one)
		}
		if is.Kind != "" && is.Kind != "Namespace" && is.Namespace != "ackrevoke" {
			t.Errorf("%s %s is in the namespace %q", is.Kind, is.Name, is.Namespace)
		}
	}
	return o
}

func into[T any](t *testing.T, text string, m map[string]*T, name string) {
	t.Helper()
	object := new(T)
	if err := yaml.UnmarshalStrict([]byte(text), object); err != nil {
		t.Errorf("%v\n%s", err, text)
	}
	if m[name] != nil {
		t.Errorf("%s is there twice", name)
	}
	m[name] = object
}

// pods are the specs of all pods that would be made, by the name of their owner.
func (o objects) pods() map[string]corev1.PodTemplateSpec {
	pods := map[string]corev1.PodTemplateSpec{}
	for name, c := range o.cronJobs {
		pods["CronJob "+name] = c.Spec.JobTemplate.Spec.Template
	}
	for name, j := range o.jobs {
		pods["Job "+name] = j.Spec.Template
	}
	return pods
}
