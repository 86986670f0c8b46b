package main

import (
	"strings"
	"time"
)

// assume is the request of AssumeRole.
func assume(role, external string) obj {
	out := obj{"RoleArn": roleArn("1234567890123456", role), "RoleSessionName": "interop", "DurationSeconds": 900}
	if external != "" {
		out["ExternalId"] = external
	}
	return out
}

// ram asks RAM for everybody.
func (p player) ram() {
	e := p.estate
	users, roles := []any{}, []any{}
	for _, one := range listed(e.Users) {
		users = append(users, one.user())
	}
	for _, one := range listed(e.Roles) {
		roles = append(roles, one.role(e.Account))
	}
	p.markers("ListUsers", "Users", "User", users)
	p.markers("ListRoles", "Roles", "Role", roles)
	for _, one := range e.Users {
		name := obj{"UserName": one.Name}
		p.get("GetUser", nil, name, obj{"User": one.user()})
		keys := []any{}
		for _, status := range one.AccessKeys {
			keys = append(keys, obj{"Status": status, "CreateDate": one.Created})
		}
		p.get("ListAccessKeys", nil, name, obj{"AccessKeys": obj{"AccessKey": keys}})
		if one.Login {
			p.get("GetLoginProfile", nil, name, obj{"LoginProfile": obj{"UserName": one.Name, "CreateDate": one.Created}})
		} else {
			p.refused("GetLoginProfile", nil, name, 404, "EntityNotExist.User.LoginProfile", nil)
		}
	}
	for _, one := range e.Roles {
		p.trust(one)
	}
	for _, gone := range []string{"GetUser", "GetLoginProfile", "ListAccessKeys"} {
		p.refused(gone, nil, obj{"UserName": "gone"}, 404, "EntityNotExist.User", nil)
	}
	p.refused("GetRole", nil, obj{"RoleName": "former"}, 404, "EntityNotExist.Role", nil)
	p.refused("ListUsers", nil, obj{"MaxItems": 1001}, 400, "InvalidParameter.MaxItems", nil)
}

// trust asks for a role and reads its trust policy, a text that holds JSON [DOC].
func (p player) trust(role principal) {
	a, well := p.get("GetRole", nil, obj{"RoleName": role.Name}, obj{"Role": role.role(p.estate.Account)})
	if !well {
		return
	}
	whole, _ := a.body.(obj)["Role"].(obj)
	written, _ := whole["AssumeRolePolicyDocument"].(string)
	policy, err := decode([]byte(written))
	if err != nil || !strings.Contains(written, role.External) {
		a.cell.differ("the trust policy of %s is %q", role.Name, written)
	}
	a.body = policy
	a.is("the trust policy", obj{"Statement": []obj{{"Action": "sts:AssumeRole", "Effect": "Allow"}}, "Version": "1"})
}

// markers reads a list of RAM in pages of two. The marker is there only while more is to come [DOC].
func (p player) markers(operation, outer, inner string, want []any) {
	rows := []any{}
	request := obj{"MaxItems": 2}
	for {
		a, well := p.call(operation, nil, request)
		if !well {
			return
		}
		body := a.body.(obj)
		list, _ := body[outer].(obj)
		page, _ := list[inner].([]any)
		rows = append(rows, page...)
		more := len(rows) < len(want)
		if marker, marked := body["Marker"]; body["IsTruncated"] == more && marked == more && more && len(page) == 2 {
			request = obj{"MaxItems": 2, "Marker": marker}
			continue
		} else if body["IsTruncated"] != more || marked != more {
			a.cell.differ("after %d of %d: IsTruncated %v, Marker %v", len(rows), len(want), body["IsTruncated"], marker)
		}
		a.body = obj{outer: obj{inner: rows}}
		a.is("all pages", obj{outer: obj{inner: want}})
		return
	}
}

// sts asks who the caller is, and becomes somebody else.
func (p player) sts() {
	const who, become = "GetCallerIdentity", "AssumeRole"
	arn := "acs:ram::" + p.estate.Account + ":"
	p.get(who, nil, nil, obj{"AccountId": p.estate.Account, "IdentityType": "RAMUser", "UserId": runner, "PrincipalId": runner,
		"Arn": arn + "user/runner"})
	for _, role := range p.estate.Roles {
		session, well := p.become(role)
		if !well {
			return
		}
		p.as(session).get(who, nil, nil, obj{"AccountId": p.estate.Account, "IdentityType": "AssumedRoleUser", "RoleId": role.UID,
			"PrincipalId": role.UID + ":interop", "Arn": arn + "assumed-role/" + role.Name + "/interop"})
		p.as(keys{session.id, session.secret + "x", session.token}).refused(who, nil, nil, 400, "SignatureDoesNotMatch", nil)
		p.as(keys{session.id, session.secret, ""}).refused(who, nil, nil, 400, "InvalidSecurityToken.Malformed", nil)
	}
	p.refused(become, nil, assume("former", ""), 404, "EntityNotExist.Role", nil)
	p.refused(become, nil, assume("auditor", ""), 403, "NoPermission", p.denial(of(become), "ImplicitDeny"))
	brief := assume("deployer", "")
	brief["DurationSeconds"] = 60
	p.refused(become, nil, brief, 400, "InvalidParameter.DurationSeconds", nil)
}

// become assumes a role and returns the keys of the session.
func (p player) become(role principal) (keys, bool) {
	a, well := p.get("AssumeRole", nil, assume(role.Name, role.External), obj{"AssumedRoleUser": obj{
		"Arn": "acs:ram::" + p.estate.Account + ":assumed-role/" + role.Name + "/interop", "AssumedRoleId": role.UID + ":interop"}})
	if !well {
		return keys{}, false
	}
	given, _ := a.body.(obj)["Credentials"].(obj)
	id, _ := given["AccessKeyId"].(string)
	secret, _ := given["AccessKeySecret"].(string)
	token, _ := given["SecurityToken"].(string)
	written, _ := given["Expiration"].(string)
	ends, err := time.Parse(time.RFC3339, written)
	if err != nil || time.Until(ends) > 15*time.Minute || time.Until(ends) < 14*time.Minute || !strings.HasPrefix(id, "STS.") {
		a.cell.differ("the session %s ends %s, and should in 15 minutes", id, written)
	}
	return keys{id, secret, token}, true
}

// session returns the same player with the keys of a session of a role, which another client has opened.
func (p player) session(sts *client, role principal) (player, bool) {
	opener := p
	opener.client = sts
	given, well := opener.become(role)
	return p.as(given), well
}

// ramAs asks RAM with the keys of a session.
func (p player) ramAs(sts *client) {
	if p, well := p.session(sts, p.estate.Roles[0]); well {
		alice := p.estate.Users[0]
		p.get("GetUser", nil, obj{"UserName": alice.Name}, obj{"User": alice.user()})
	}
}

// deployer asks CS with the keys of a session of a role that has a little, and no more.
func (p player) deployer(sts *client) {
	role := p.estate.Roles[0]
	p, well := p.session(sts, role)
	if !well {
		return
	}
	p.get("DescribeUserPermission", []string{role.UID}, nil, p.estate.permissions(role.UID))
	p.get("DescribeUserPermission", []string{alice}, nil, []any{}) // of others, nothing where it is no administrator [DOC]
	p.get("DescribeUserClusterNamespaces", []string{"c1"}, nil, []string{"payments"})
	p.refused("DescribeUserClusterNamespaces", []string{"c4"}, nil, 403, "ForbiddenQueryClusterNamespace", nil)
	p.get("ListUserKubeConfigStates", []string{role.UID}, nil, obj{"states": p.estate.userStates(role.UID)})
	p.refused("UpdateUserPermissions", []string{alice}, of("UpdateUserPermissions").request, 403, "ForbiddenGrantPermissions", nil)
	p.refused("CleanClusterUserPermissions", []string{"c1", role.UID}, force, 403, "ErrorCleanForbidden", nil)
	denied := p.denial(of("DescribeClusterDetail"), "ImplicitDeny")
	denied["AuthPrincipalType"], denied["AuthPrincipalDisplayName"] = "AssumedRoleUser", "deployer:interop"
	p.refused("DescribeClusterDetail", []string{"c8"}, nil, 403, "StatusForbidden", denied)
}
