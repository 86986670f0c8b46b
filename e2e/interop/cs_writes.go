package main

import "time"

// writing makes every write there is, and asks after each what has become of it.
func (p player) writing() {
	p.grants()
	p.cleans()
	p.task()
	p.own()
}

// grants takes alice's role on c1 away and gives it back, and then replaces all she has.
func (p player) grants() {
	const update = "UpdateUserPermissions"
	before := p.estate.Grants
	row := obj{"cluster": "c1", "role_name": "ops", "role_type": "cluster", "is_custom": false, "is_ram_role": false}
	set := func(rows ...grant) {
		p.estate.Grants = nil
		for _, g := range before {
			if g.UID != alice {
				p.estate.Grants = append(p.estate.Grants, g)
			}
		}
		p.estate.Grants = append(p.estate.Grants, rows...)
		p.holdings(alice)
	}
	ops := grant{UID: alice, Cluster: "c1", Role: "ops"}
	reader := grant{UID: alice, Cluster: "c1", Role: "log-reader", Custom: true}
	payments := grant{UID: alice, Cluster: "c4", Namespace: "payments", Role: "dev"}
	if _, well := p.call(update, []string{alice}, obj{"mode": "delete", "body": []obj{row}}); !well {
		return
	}
	set(reader, payments)
	p.call(update, []string{alice}, obj{"mode": "patch", "body": []obj{row}})
	set(ops, reader, payments)
	all := obj{"role_name": "dev", "role_type": "all-clusters"}
	custom := obj{"cluster": "c2", "namespace": "web", "role_name": "mine", "role_type": "namespace", "is_custom": true}
	p.call(update, []string{alice}, obj{"mode": "apply", "body": []obj{all, custom}})
	set(grant{UID: alice, AllClusters: true, Role: "dev"}, grant{UID: alice, Cluster: "c2", Namespace: "web", Role: "mine", Custom: true})
	p.refused(update, []string{alice}, obj{"mode": "patch", "body": []obj{{"cluster": "c1", "role_name": "admin", "role_type": "namespace",
		"namespace": "web"}}}, 400, "InvalidParameter", nil)
}

// cleans ends dave's access to c1, where it may, and says no where it may not.
func (p player) cleans() {
	const clean = "CleanClusterUserPermissions"
	p.refused(clean, []string{"c2", alice}, obj{"Force": false}, 400, "ErrorKubeConfigInUse", nil) // no access records
	p.refused(clean, []string{"c7", alice}, force, 400, "ErrorClusterUnreachable", nil)
	p.refused(clean, []string{"c1", runner}, force, 403, "ErrorCleanForbidden", nil)
	p.refused(clean, []string{"c1", "alice"}, force, 400, "InvalidParameter.Uid", nil)
	p.refused(clean, []string{"nowhere", alice}, force, 404, "ErrorClusterNotFound", nil)
	if _, well := p.call(clean, []string{"c1", dave}, nil); !well { // unforced, where nobody has used it
		return
	}
	p.estate.clean(dave, "c1")
	p.holdings(dave)
	p.pages(byCluster, "ListClusterKubeconfigStates", []string{"c1"}, nil, p.estate.clusterStates("c1"))
}

// task ends alice's access to two clusters in a task, and follows it.
func (p player) task() {
	clusters := []string{"c1", "c4"}
	by := p
	if !p.client.has("CleanUserPermissions") {
		by.client = p.helper // a task is a task, whoever has begun it
	}
	a, well := by.call("CleanUserPermissions", []string{alice}, obj{"Force": true, "ClusterIds": clusters})
	if !well {
		return
	}
	p.follow(a, obj{"state": "success", "current_stage": "", "stages": []obj{{"state": "success"}}, "events": []any{},
		"error":       obj{"code": "", "message": ""},
		"task_result": []obj{{"data": "c1", "status": "success"}, {"data": "c4", "status": "success"}}})
	for _, c := range clusters {
		p.estate.clean(alice, c)
	}
	p.holdings(alice)
	if by.client == p.client {
		p.refused("CleanUserPermissions", []string{alice}, obj{"ClusterIds": []string{"c2"}}, 400, "ErrorKubeConfigInUse", nil)
		p.refused("CleanUserPermissions", []string{runner}, force, 403, "ErrorCleanForbidden", nil)
	}
}

// skipping has a cluster in a task that cannot be cleaned: the task goes on without it, and says so.
func (p player) skipping() {
	if a, well := p.call("CleanUserPermissions", []string{alice}, obj{"ClusterIds": []string{"c1", "c2"}}); well {
		p.follow(a, obj{"state": "success", "events": []obj{{"level": "Warning", "reason": "skipped", "source": "c2"}},
			"task_result": []obj{{"data": "c1", "status": "success"}, {"data": "c2", "status": "skipped"}}})
	}
}

// follow asks for the task that a CleanUserPermissions of alice began, until it ends as it should.
func (p player) follow(begun answer, end obj) {
	const ask = "DescribeTaskInfo"
	id, _ := begun.body.(obj)["task_id"].(string)
	want := obj{"task_id": id, "task_type": "clean_user_permissions", "target": obj{"id": alice}, "cluster_id": ""}
	for range 100 {
		a, well := p.get(ask, []string{id}, nil, want)
		if !well {
			return
		}
		if a.body.(obj)["state"] != "running" {
			a.is("the end of the task", end)
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	p.table.cell(p.client, ask).differ("the task %s does not end", id)
}

// own replaces the caller's own certificate: there is a new one for 3 years, and the grants are as they were.
func (p player) own() {
	const revoke = "RevokeK8sClusterKubeConfig"
	p.refused(revoke, []string{"c7"}, nil, 400, "ErrorClusterUnreachable", nil)
	if _, well := p.call(revoke, []string{"c1"}, nil); !well {
		return
	}
	a, well := p.call("ListUserKubeConfigStates", []string{runner}, obj{"page_size": 100})
	if !well {
		return
	}
	for _, row := range a.body.(obj)["states"].([]any) {
		if row := row.(obj); row["cluster_id"] == "c1" {
			a.cell.inThreeYears(row["cert_expire_time"])
			p.estate.expire(runner, "c1", row["cert_expire_time"])
		}
	}
	p.holdings(runner)
}

// inThreeYears checks a time that is three years from now, give or take a minute.
func (c *cell) inThreeYears(text any) {
	written, _ := text.(string)
	at, err := time.Parse(time.RFC3339, written)
	if err != nil || time.Until(at.AddDate(-3, 0, 0)).Abs() > time.Minute {
		c.differ("the new certificate expires %v, which is not in three years", text)
	}
}
