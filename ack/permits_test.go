package ack

import (
	"encoding/json"
	"os"
	"regexp"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// What each command may need is what its RAM policy of the delivery gives, no
// more and no less: revoke.json is for run and restore, self.json for a person.
func TestPoliciesOfTheDeliveryAreTheTable(t *testing.T) {
	given := func(name string) []string {
		var p struct {
			Statement []struct {
				Effect string
				Action []string
			}
		}
		data, err := os.ReadFile("../deploy/ram/" + name)
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(data, &p); err != nil {
			t.Fatal(err)
		}
		var allowed []string
		for _, s := range p.Statement {
			if s.Effect == "Allow" {
				allowed = append(allowed, s.Action...)
			}
		}
		slices.Sort(allowed)
		return slices.Compact(allowed)
	}
	if got := given("assume.json"); !slices.Equal(got, []string{"sts:AssumeRole"}) { // nothing of the account that it is used from
		t.Errorf("assume.json allows %v", got)
	}
	var reads, audit, all []string
	// self.json lets a person find the clusters, and its own grants, as well.
	self := slices.Concat(describeRegions.ram, describeRegionClusters.ram, describeUserPermission.ram, describeClusterDetail.ram,
		listUserStates.ram, revokeOwnKubeConfig.ram)
	for _, op := range operations {
		if op.service != stsService && len(op.ram) == 0 {
			t.Errorf("%s needs no RAM action", op.name)
		}
		for _, a := range op.ram {
			if !regexp.MustCompile(`^(cs|ram):[A-Z][A-Za-z0-9]+$`).MatchString(a) {
				t.Errorf("%s: %q is no RAM action", op.name, a)
			}
		}
		if !slices.IsSorted(op.ram) {
			t.Errorf("%s: %v is not sorted", op.name, op.ram)
		}
		if op.by != own && op.only != audits {
			all = append(all, op.ram...)
		}
	}
	for _, r := range Reads() {
		reads = append(reads, r.Actions...)
	}
	for _, r := range AuditReads() {
		audit = append(audit, r.Actions...)
	}
	for name, want := range map[string][]string{"dry-run.json": reads, "revoke.json": all, "self.json": self, "audit.json": audit} {
		slices.Sort(want)
		if diff := cmp.Diff(slices.Compact(want), given(name)); diff != "" {
			t.Errorf("%s (-table +policy):\n%s", name, diff)
		}
	}
}
