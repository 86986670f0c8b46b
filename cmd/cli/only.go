package cli

import (
	"regexp"
	"slices"
)

var uidForm = regexp.MustCompile(`^[0-9]{1,32}$`)

// choose checks the uids of --only and puts them in order. A schedule does not
// go with it: a resident process that passes over entries day after day is how
// somebody who left is forgotten.
func (o *options) choose(given bool) error {
	if !given {
		return nil
	}
	if len(o.only) == 0 {
		return hinted(usage("--only is empty"), "name the uid of an entry, or leave the flag out to apply the whole policy")
	}
	for _, uid := range o.only {
		if !uidForm.MatchString(uid) {
			return hinted(usage("--only %q is no uid", uid), "give the uid as the policy has it, like --only 200000000000000001")
		}
	}
	if o.schedule != "" {
		return hinted(usage("--only is for a single run, and --schedule makes many"), "run once with --only; a schedule applies the whole policy")
	}
	slices.Sort(o.only)
	o.only = slices.Compact(o.only)
	return nil
}
