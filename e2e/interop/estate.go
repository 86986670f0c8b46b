package main

import (
	"fmt"
	"os"
	"slices"

	"gopkg.in/yaml.v3"
)

// estate is the file that the accounts are served from, read here by other code than theirs, as far as it says what clients see.
// The writes that a client makes are made here as well.
type estate struct {
	Account string
	Caller  struct{ UID string }
	Users   []principal
	Roles   []principal
	Deleted []principal
	Regions []struct {
		ID, Name, Clusters string
		Listed             *bool
	}
	Clusters      []cluster
	Credentials   []credential
	Grants        []grant
	CloudServices []struct{ UID, Name, Service, Cluster, Expires string } `yaml:"cloudServices"`
}

type principal struct {
	UID, Name, Kind, Created, External string
	Locked, Login                      bool
	Listed                             *bool
	AccessKeys                         []string `yaml:"accessKeys"`
}

type cluster struct {
	ID, Name, Region, Type, Spec, Profile, State, Created, Detail string
	Audit, Listed                                                 *bool
	MasterURL                                                     string `yaml:"masterURL"`
}

type credential struct {
	UID, Cluster, Expires, State, Previous string
	AccountName                            string `yaml:"accountName"`
	UserShows                              string `yaml:"userShows"`
}

type grant struct {
	UID, Cluster, Namespace, Role string
	Custom, Owner                 bool
	AllClusters                   bool `yaml:"allClusters"`
}

// readEstate reads the file and fills in what its format says of keys that are left out.
func readEstate(name string) (*estate, error) {
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	e := &estate{}
	if err := yaml.Unmarshal(text, e); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	for i := range e.Clusters {
		c := &e.Clusters[i]
		if c.Type == "" || c.Type == "ManagedKubernetes" {
			c.Type, c.Spec, c.Profile = "ManagedKubernetes", or(c.Spec, "ack.pro.small"), or(c.Profile, "Default")
		}
		c.State = or(c.State, "running")
		c.MasterURL = or(c.MasterURL, `{"api_server_endpoint":"https://`+c.ID+`.invalid:6443"}`)
	}
	return e, nil
}

func or(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}

// yes reads a flag that is true where it is not given.
func yes(flag *bool) bool { return flag == nil || *flag }

// everybody are all who can hold something, the root account too.
func (e *estate) everybody() []principal {
	out := []principal{{UID: e.Account, Name: "root", Kind: "root"}}
	out = append(out, e.Users...)
	for _, p := range e.Roles {
		p.Kind = "role"
		out = append(out, p)
	}
	return append(out, e.Deleted...)
}

func (e *estate) deleted(uid string) bool {
	return slices.ContainsFunc(e.Deleted, func(p principal) bool { return p.UID == uid })
}

// holds returns what somebody has been issued for a cluster.
func (e *estate) holds(uid, cluster string) (credential, bool) {
	for _, c := range e.Credentials {
		if c.UID == uid && c.Cluster == cluster {
			return c, true
		}
	}
	return credential{}, false
}

// clean does what a clean does: the certificate is removed, and the grants on the cluster are gone, but for the creator's row and
// those for all clusters.
func (e *estate) clean(uid, cluster string) {
	for i, c := range e.Credentials {
		if c.UID == uid && c.Cluster == cluster {
			e.Credentials[i].State, e.Credentials[i].Previous = "Removed", ""
		}
	}
	e.Grants = slices.DeleteFunc(e.Grants, func(g grant) bool { return g.UID == uid && g.Cluster == cluster && !g.Owner })
}

// expire says that somebody has a certificate now that ends then.
func (e *estate) expire(uid, cluster string, expires any) {
	e.Credentials = slices.DeleteFunc(e.Credentials, func(c credential) bool { return c.UID == uid && c.Cluster == cluster })
	if text, _ := expires.(string); text != "" {
		e.Credentials = append(e.Credentials, credential{UID: uid, Cluster: cluster, Expires: text})
	}
}
