package tools

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"helm.sh/helm/v3/pkg/chart/loader"
	"helm.sh/helm/v3/pkg/chartutil"
	"helm.sh/helm/v3/pkg/engine"
	"helm.sh/helm/v3/pkg/strvals"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"
)

// api answers what a template looks up, as an API server would: which kinds there are,
// and single objects of the namespace, by their path behind it.
func api(t *testing.T, there map[string]any) *rest.Config {
	t.Helper()
	kinds := metav1.APIResourceList{TypeMeta: metav1.TypeMeta{Kind: "APIResourceList", APIVersion: "v1"}, GroupVersion: "v1",
		APIResources: []metav1.APIResource{{Name: "persistentvolumeclaims", Kind: "PersistentVolumeClaim", Namespaced: true},
			{Name: "serviceaccounts", Kind: "ServiceAccount", Namespaced: true}}}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		answer := there[strings.TrimPrefix(r.URL.Path, "/api/v1/namespaces/ackrevoke/")]
		if r.URL.Path == "/api/v1" {
			answer = kinds
		}
		if answer == nil {
			w.WriteHeader(http.StatusNotFound)
			answer = metav1.Status{TypeMeta: metav1.TypeMeta{Kind: "Status", APIVersion: "v1"}, Status: "Failure",
				Reason: metav1.StatusReasonNotFound, Code: http.StatusNotFound}
		}
		if err := json.NewEncoder(w).Encode(answer); err != nil {
			t.Error(err)
		}
	}))
	t.Cleanup(s.Close)
	return &rest.Config{Host: s.URL}
}

// claimOf is one that is there, with a mode and a class.
func claimOf(mode corev1.PersistentVolumeAccessMode, class string) map[string]any {
	return map[string]any{"persistentvolumeclaims/ackrevoke": corev1.PersistentVolumeClaim{
		TypeMeta: metav1.TypeMeta{Kind: "PersistentVolumeClaim", APIVersion: "v1"}, ObjectMeta: metav1.ObjectMeta{Name: "ackrevoke"},
		Spec: corev1.PersistentVolumeClaimSpec{AccessModes: []corev1.PersistentVolumeAccessMode{mode}, StorageClassName: &class}}}
}

// installs renders the chart as helm does that installs it into this cluster.
func installs(t *testing.T, cluster *rest.Config, file, set string) (map[string]string, error) {
	t.Helper()
	c, err := loader.Load(chart)
	if err != nil {
		t.Fatal(err)
	}
	values, err := chartutil.ReadValuesFile(filepath.Join(ci, file))
	if err != nil {
		t.Fatal(err)
	}
	if err := strvals.ParseInto(set, values); err != nil {
		t.Fatal(err)
	}
	caps := chartutil.DefaultCapabilities.Copy()
	caps.KubeVersion = chartutil.KubeVersion{Version: "v1.36.0", Major: "1", Minor: "36"}
	all, err := chartutil.ToRenderValues(c, values, chartutil.ReleaseOptions{Name: "ackrevoke", Namespace: "ackrevoke", IsInstall: true}, caps)
	if err != nil {
		t.Fatal(err)
	}
	return engine.RenderWithClient(c, all, cluster)
}

// Kubernetes changes neither the access mode nor the class of a claim: what would run
// into that is refused with what can be done, and the claim stays.
func TestClaimThatIsThere(t *testing.T) {
	const disk = "alicloud-disk-essd"
	for _, c := range []struct {
		what      string
		there     map[string]any
		set, says string
	}{
		{"no claim", nil, "", ""},
		{"one that fits", claimOf(corev1.ReadWriteMany, "alibabacloud-cnfs-nas"), "", ""},
		{"one shard becomes two", claimOf(corev1.ReadWriteOnce, "alibabacloud-cnfs-nas"), "",
			"The claim ackrevoke is there with the access mode ReadWriteOnce, and ReadWriteMany is asked for"},
		{"and the words help", claimOf(corev1.ReadWriteOnce, "alibabacloud-cnfs-nas"), "", "--set storage.existingClaim=NAME"},
		{"and so does this", claimOf(corev1.ReadWriteOnce, "alibabacloud-cnfs-nas"), "storage.accessMode=ReadWriteOnce", ""},
		{"another class", claimOf(corev1.ReadWriteMany, disk), "",
			"is there with the class " + disk + ", and alibabacloud-cnfs-nas is asked for"},
		{"two shards become one", claimOf(corev1.ReadWriteMany, "alibabacloud-cnfs-nas"), "shards=1", ""},
		{"a claim of the user's", claimOf(corev1.ReadWriteOnce, disk), "storage.existingClaim=mine", ""},
	} {
		out, err := installs(t, api(t, c.there), "accounts.yaml", c.set)
		switch {
		case c.says == "" && err != nil, c.says != "" && (err == nil || !strings.Contains(err.Error(), c.says)):
			t.Errorf("%s: %v, want %q", c.what, err, c.says)
		case c.set == "shards=1" && !strings.Contains(out["ackrevoke/templates/claim.yaml"], "[ReadWriteMany]"):
			t.Errorf("%s: the claim is changed:\n%s", c.what, out["ackrevoke/templates/claim.yaml"])
		}
	}
}

// Kubernetes makes no claim smaller: one that was made larger by hand keeps its size,
// and an upgrade that does not know of it is not refused for that.
func TestClaimThatGrew(t *testing.T) {
	for has, want := range map[string]string{"40Gi": "40Gi", "1Ti": "1Ti", "20Gi": "20Gi", "20481Mi": "20481Mi", "10Gi": "20Gi"} {
		there := claimOf(corev1.ReadWriteMany, "alibabacloud-cnfs-nas")
		claim := there["persistentvolumeclaims/ackrevoke"].(corev1.PersistentVolumeClaim)
		claim.Spec.Resources.Requests = corev1.ResourceList{corev1.ResourceStorage: resource.MustParse(has)}
		there["persistentvolumeclaims/ackrevoke"] = claim
		out, err := installs(t, api(t, there), "accounts.yaml", "")
		if text := out["ackrevoke/templates/claim.yaml"] + "\n"; err != nil || !strings.Contains(text, "storage: "+want+"\n") {
			t.Errorf("%s: %v\n%s", has, err, text)
		}
	}
}

// What gives back is a Job by itself, also from the first: where a cluster is asked,
// it is an install.
func TestRestoreIsNoPartOfAnInstall(t *testing.T) {
	there := map[string]any{"serviceaccounts/default": corev1.ServiceAccount{
		TypeMeta: metav1.TypeMeta{Kind: "ServiceAccount", APIVersion: "v1"}, ObjectMeta: metav1.ObjectMeta{Name: "default"}}}
	const apply = "restore.apply=true"
	for set, says := range map[string]string{"": "", apply: "gives back once more", apply + ",restore.inRelease=true": ""} {
		_, err := installs(t, api(t, there), "everything.yaml", set)
		if says == "" && err != nil || says != "" && (err == nil || !strings.Contains(err.Error(), says)) {
			t.Errorf("%s: %v, want %q", set, err, says)
		}
	}
}
