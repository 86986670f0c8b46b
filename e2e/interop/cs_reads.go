package main

// Of the estate: alice has something of everything, dave what is cleaned, runner is the caller.
const (
	alice  = "200000000000000001"
	dave   = "200000000000000004"
	runner = "290000000000000001"
)

// paging is how a list of CS is paged, which differs from list to list.
type paging struct{ number, size, info, rows string }

var (
	byClusters = paging{"page_number", "page_size", "page_info", "clusters"}
	byUser     = paging{"page_number", "page_size", "page", "states"}
	byCluster  = paging{"pageNumber", "pageSize", "page", "states"}
)

// pages reads a list in pages of two, one more than there are, and holds all rows against what the estate has.
func (p player) pages(by paging, operation string, path []string, request obj, want []any) {
	const size = 2
	rows, last := []any{}, answer{}
	for number := 1; number <= len(want)/size+2; number++ {
		ask := obj{by.number: number, by.size: size}
		for name, value := range request {
			ask[name] = value
		}
		info := obj{by.info: obj{"page_number": number, "page_size": size, "total_count": len(want)}}
		a, well := p.get(operation, path, ask, info)
		if !well {
			return
		}
		page, _ := a.body.(obj)[by.rows].([]any)
		if number <= len(want)/size && len(page) != size {
			a.cell.differ("%s: page %d has %d rows", about(path, request), number, len(page))
		}
		rows, last = append(rows, page...), a
	}
	last.body = obj{by.rows: rows}
	last.is(about(path, request)+" all pages", obj{by.rows: want})
}

// reads asks for everything that is in the estate, as it is by now.
func (p player) reads() {
	e := p.estate
	p.get("DescribeRegions", nil, obj{"acceptLanguage": "en-US"}, obj{"regions": e.regions()})
	for _, r := range e.Regions {
		if r.Clusters != "absent" {
			p.pages(byClusters, "DescribeClustersForRegion", []string{r.ID}, nil, clusterRows(e.listed(r.ID)))
		}
	}
	named := obj{"clusters": []obj{e.Clusters[0].row()}, "page_info": obj{"total_count": 1}}
	p.get("DescribeClustersForRegion", []string{"cn-hangzhou"}, obj{"name": "rod-c", "cluster_type": "ManagedKubernetes"}, named)
	for _, c := range e.Clusters {
		if c.Detail == "" {
			p.get("DescribeClusterDetail", []string{c.ID}, nil, c.whole())
		}
		audit := obj{"audit_enabled": yes(c.Audit), "sls_project_name": ""}
		if yes(c.Audit) {
			audit["sls_project_name"] = "k8s-log-" + c.ID
		}
		p.get("GetClusterAuditProject", []string{c.ID}, nil, audit)
		p.pages(byCluster, "ListClusterKubeconfigStates", []string{c.ID}, nil, e.clusterStates(c.ID))
		p.pages(byCluster, "ListClusterKubeconfigStates", []string{c.ID}, obj{"cloudServiceKubeConfig": true}, e.serviceStates(c.ID))
	}
	for _, one := range e.everybody() {
		p.holdings(one.UID)
	}
	p.get("DescribeUserClusterNamespaces", []string{"c1"}, nil, []string{"default", "kube-system"})
}

// holdings asks for all that one principal has.
func (p player) holdings(uid string) {
	p.get("DescribeUserPermission", []string{uid}, nil, p.estate.permissions(uid))
	p.pages(byUser, "ListUserKubeConfigStates", []string{uid}, nil, p.estate.userStates(uid))
}

func clusterRows(clusters []cluster) []any {
	out := []any{}
	for _, c := range clusters {
		out = append(out, c.row())
	}
	return out
}

// oldList asks an account that still serves the old list.
func (p player) oldList() {
	want := []any{}
	for _, c := range p.estate.listed("") {
		want = append(want, c.whole())
	}
	p.pages(byClusters, "DescribeClustersV1", nil, nil, want)
	here := p.estate.listed("eu-central-1")
	p.get("DescribeClustersV1", nil, obj{"region_id": "eu-central-1", "page_size": 100},
		obj{"clusters": clusterRows(here), "page_info": obj{"page_size": 100, "total_count": len(here)}})
}
