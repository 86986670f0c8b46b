package main

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"time"
)

// Bob's kubeconfig for prod-eu was found in a public repository; bob works on.
const (
	bob    = "200000000000000002"
	prodEU = "c0a1000000000000000000000000000002"
)

// leaked is the way from a leaked file to a proven dead one, with bob's work
// going on.
func (d *demonstration) leaked() error {
	before := d.grants()
	policy := fmt.Sprintf("version: 1\naccount: %q\n# nobody is listed yet\nprincipals: []\n", "1234567890123456")
	if err := os.WriteFile("demo/policy.yaml", []byte(policy), 0o644); err != nil {
		return err
	}
	const of = "--policy=demo/policy.yaml"
	const pin = prodEU + "=2034-09-10T11:12:13Z"
	if err := d.steps(
		step{"1. Inspect: what is this file? Nothing in it is followed, and no key is read.", nil,
			[]string{"inspect", "--live", "testdata/leaked.yaml"}},
		step{"2. Add: bob's uid, creation time and exactly this certificate, into the policy.", nil,
			[]string{"add", "bob", of, "--reason", "compromised", "--pin", pin, "--ticket", "SEC-2207", "--write"}},
		step{"3. Dry run: what would be taken away. His other cluster is left alone.", nil,
			[]string{"run", of, "--report", "demo/1-dry-run.json"}}); err != nil {
		return err
	}
	plan, err := planOf("demo/1-dry-run.json")
	if err != nil {
		return err
	}
	if err := d.steps(
		step{"4. Revoke: exactly that plan, then proof on both surfaces.", plan.writes(),
			[]string{"run", of, "--report", "demo/2-revoke.json", "--dry-run=false", "--expect-plan", plan.Digest}},
		step{"5. Restore: bob's grants come back, after the certificate has been gone for 10 s. The file stays dead.",
			[]string{"UpdateUserPermissions " + bob},
			[]string{"restore", "demo/2-revoke.json", "--uid", bob, "--cluster", prodEU, of, "--dry-run=false"}}); err != nil {
		return err
	}
	fmt.Printf("== 6. Bob fetches a new kubeconfig in the console.\n\n")
	d.account.Issue(bob, prodEU, time.Date(2037, 11, 24, 9, 0, 0, 0, time.UTC)) // later than the leaked one, as in life
	if err := d.steps(
		step{"7. The next run: the pinned certificate is gone, and the new one is nobody's business.", nil,
			[]string{"run", of, "--report", "demo/3-again.json", "--dry-run=false"}},
		step{"8. Show: what bob can reach now.", nil, []string{"show", "bob"}}); err != nil {
		return err
	}
	return d.judge(before)
}

// judge asks the account itself what became of it.
func (d *demonstration) judge(before []string) error {
	if after := d.grants(); !slices.Equal(before, after) {
		return fmt.Errorf("the grants of the account were %v and are %v", before, after)
	}
	for _, c := range d.account.Truth().Certificates {
		if c.UID == bob && c.Cluster == prodEU && c.Expires.Year() == 2034 && c.State == "Unexpired" {
			return errors.New("the leaked certificate is in force")
		}
	}
	fmt.Println("-- The account itself says: the leaked certificate is gone, and every grant is what it was before.")
	fmt.Println("Next on a real account: ackrevoke prove LEAKED asks the cluster. Files: demo/policy.yaml, demo/*.json, demo/*.journal.")
	return nil
}

func (d *demonstration) grants() []string {
	var rows []string
	for _, g := range d.account.Truth().Grants {
		rows = append(rows, fmt.Sprintf("%+v", g))
	}
	return rows
}
