package cli

import (
	"fmt"
	"io"
	"os"

	"ackrevoke/policy"
)

// load reads the policy and checks it.
func (p Program) load(o *options) (*policy.Policy, error) {
	data, err := p.read(o.policy)
	if err != nil {
		return nil, fmt.Errorf("the policy cannot be read: %w", err)
	}
	return policy.Load(displayName(o.policy), data)
}

func displayName(policy string) string {
	if policy == "-" {
		return "<stdin>"
	}
	return policy
}

func (p Program) read(name string) ([]byte, error) {
	// One byte over the limit is enough for Load to refuse it.
	const limit = 1<<20 + 1
	if name == "-" {
		return io.ReadAll(io.LimitReader(p.Stdin, limit))
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, limit))
}
