package cli

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"ackrevoke/job/report"
)

var sourceForm = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,119}$`)

// source is whose runs these are, where nobody knows the account: the same from
// run to run, and another one for whoever else pushes to the same gateway. By
// itself it is the digest of this machine's name and of where the policy is: a
// label holds the name of no file. A pod's machine has another name every time,
// so what makes pods gives --push-source.
func (o *options) source() string {
	if o.pushSource != "" {
		return o.pushSource
	}
	machine, _ := os.Hostname()
	where := cmp.Or(o.policyDir, o.policy)
	if full, err := filepath.Abs(where); err == nil && where != "-" {
		where = full
	}
	sum := sha256.Sum256([]byte(machine + "\x00" + where))
	return hex.EncodeToString(sum[:6])
}

// ofShard makes a source of its own of each shard, where there are several.
func (m *meter) ofShard(s report.Shard) {
	if m != nil && m.gateway != nil {
		m.gateway.source += strings.TrimSuffix(strings.TrimPrefix(s.Name(), "summary"), ".json")
	}
}
