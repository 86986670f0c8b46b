package policy

import (
	"regexp"

	"gopkg.in/yaml.v3"
)

var (
	// roleForm is the ARN of a role: its account, and a name of 1 to 64 letters,
	// digits and the signs . _ - [RAM CreateRole].
	roleForm = regexp.MustCompile(`^acs:ram::([0-9]{1,32}):role/[A-Za-z0-9._-]{1,64}$`)
	// externalForm is what STS takes as an external id, of 2 to 1224 signs [STS AssumeRole].
	externalForm = regexp.MustCompile(`^[A-Za-z0-9_+=,.@:/-]+$`)
)

// role reads who works on the account: the role that whoever runs the program
// takes first, and the external id that it may ask for.
func (l *loader) role(r section, p *Policy) {
	n := r.get("assumeRole")
	if n != nil {
		p.AssumeRole = l.roleOf(p.Account, n)
	}
	if e := r.get("externalId"); e != nil {
		p.ExternalID = l.external(e)
		if n == nil {
			l.at(RuleExternalID, r.fields["externalId"].key, "externalId goes with assumeRole only: write the role that asks for it, or take "+
				"externalId out")
		}
	}
}

// roleOf is the ARN of a role of the policy's own account: a role of another one
// would look at that one, and the run would be refused after its first call.
func (l *loader) roleOf(account string, n *yaml.Node) string {
	s, ok := l.text("assumeRole", n)
	if !ok {
		return ""
	}
	parts := roleForm.FindStringSubmatch(s)
	switch {
	case parts == nil:
		l.at(RuleAssumeRole, n,
			"assumeRole must be the ARN of a role, like assumeRole: acs:ram::1234567890123456:role/ackrevoke, not %s", short(s))
		return ""
	case account != "" && parts[1] != account:
		l.at(RuleAssumeRole, n,
			"assumeRole is a role of account %s, and account is %s: name a role of the account that the policy is about", parts[1], account)
		return ""
	}
	return s
}

func (l *loader) external(n *yaml.Node) string {
	s, ok := l.text("externalId", n)
	if ok && (len(s) < 2 || len(s) > 1224 || !externalForm.MatchString(s)) {
		l.at(RuleExternalID, n, "externalId must be 2 to 1224 letters, digits and the signs _ + = , . @ : / -, as the trust policy of the role "+
			"has it, not %s", short(s))
		return ""
	}
	return s
}
