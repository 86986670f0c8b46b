package cli

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"os"

	"ackrevoke/policy"
)

// noPolicy is what to do without one.
const noPolicy = "name it with --policy; ackrevoke init writes a first one"

// load reads the policy and checks it. Where it cannot be read the error is *unread.
func (p Program) load(o *options) (*policy.Policy, error) {
	data, err := p.read(o.policy)
	if err != nil {
		return nil, notRead("the policy", o.policy, err, noPolicy)
	}
	if o.stated != "" && o.stated != digest(data) {
		return nil, errChanged
	}
	return policy.Load(displayName(o.policy), data)
}

// errChanged says that a policy is not the one that was counted.
var errChanged = errors.New("the policy file changed after the run over its folder began: nothing was called for it")

func digest(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

func displayName(policy string) string {
	if policy == "-" {
		return "<stdin>"
	}
	return policy
}

// longest is one byte over what a policy may be long: enough for Load to refuse it.
const longest = 1<<20 + 1

func (p Program) read(name string) ([]byte, error) {
	if name == "-" {
		return io.ReadAll(io.LimitReader(p.Stdin, longest))
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, longest))
}
