package main

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"strings"
	"time"

	"gopkg.in/yaml.v3"
)

// kubeconfigs has kubeconfigs issued for the caller, and looks into them.
func (p player) kubeconfigs() {
	const issue = "DescribeClusterUserKubeconfig"
	held, _ := p.estate.holds(runner, "c1")
	first := p.kubeconfig("c1", nil, "https://c1.invalid:6443")
	p.same(issue, "the expiry of the one there is", first.expires, held.Expires)
	p.same(issue, "the same certificate again", p.kubeconfig("c1", nil, "https://c1.invalid:6443").serial, first.serial)

	p.estate.expire(runner, "c4", p.kubeconfig("c4", obj{"PrivateIpAddress": true}, "https://10.0.0.7:6443").expires)
	brief := p.kubeconfig("c3", obj{"TemporaryDurationMinutes": 15}, "https://c3.invalid:6443")
	if at, err := time.Parse(time.RFC3339, brief.expires); p.client.has(issue) && (err != nil || time.Until(at) > 15*time.Minute) {
		p.table.cell(p.client, issue).differ("a kubeconfig for 15 minutes expires %s", brief.expires)
	}
	p.estate.expire(runner, "c3", brief.expires)
	p.refused(issue, []string{"c1"}, obj{"TemporaryDurationMinutes": 5}, 400, "InvalidParameter.TemporaryDurationMinutes", nil)
	p.refused(issue, []string{"c7"}, nil, 400, "ErrorClusterUnreachable", nil)
	for _, o := range []operation{of("DescribeClusterV2UserKubeconfig"), of("DescribeSubaccountK8sClusterUserConfig")} {
		p.refused(o.name, o.path, nil, 403, "StatusForbidden", p.denial(o, "ImplicitDeny"))
	}
}

func (p player) same(operation, what string, got, want any) {
	if p.client.has(operation) && got != want {
		p.table.cell(p.client, operation).differ("%s is %v, and should be %v", what, got, want)
	}
}

// issued is what a kubeconfig says of itself.
type issued struct{ expires, serial string }

// kubeconfig has one issued and checks it: it names the server, and holds the caller's certificate, by the CA in it and for clients,
// until the time that the answer says, with the key that belongs to it.
func (p player) kubeconfig(cluster string, request obj, server string) issued {
	a, well := p.call("DescribeClusterUserKubeconfig", []string{cluster}, request)
	if !well {
		return issued{}
	}
	body, _ := a.body.(obj)
	config, _ := body["config"].(string)
	expires, _ := body["expiration"].(string)
	certificate, err := certificateOf(config, server)
	switch {
	case err != nil:
		a.cell.differ("the kubeconfig of %s: %v", cluster, err)
		return issued{}
	case certificate.NotAfter.Format(time.RFC3339) != expires:
		a.cell.differ("the certificate ends %v, and the answer says %s", certificate.NotAfter, expires)
	case !strings.HasPrefix(certificate.Subject.CommonName, runner+"-"):
		a.cell.differ("the certificate is that of %s", certificate.Subject.CommonName)
	}
	return issued{expires, certificate.SerialNumber.String()}
}

// kubeFile is as much of a kubeconfig as kubectl needs.
type kubeFile struct {
	Current  string `yaml:"current-context"`
	Clusters []struct {
		Name    string
		Cluster struct {
			Server    string
			Authority string `yaml:"certificate-authority-data"`
		}
	}
	Contexts []struct {
		Name    string
		Context struct{ Cluster, User string }
	}
	Users []struct {
		Name string
		User struct {
			Certificate string `yaml:"client-certificate-data"`
			Key         string `yaml:"client-key-data"`
		}
	}
}

func certificateOf(config, server string) (*x509.Certificate, error) {
	var f kubeFile
	if err := yaml.Unmarshal([]byte(config), &f); err != nil {
		return nil, err
	}
	if len(f.Clusters) != 1 || len(f.Contexts) != 1 || len(f.Users) != 1 {
		return nil, errors.New("it has not one cluster, one context and one user")
	}
	context, cluster, user := f.Contexts[0], f.Clusters[0], f.Users[0]
	if f.Current != context.Name || context.Context.Cluster != cluster.Name || context.Context.User != user.Name {
		return nil, errors.New("its names do not lead from the current context to the cluster and the user")
	}
	if cluster.Cluster.Server != server {
		return nil, fmt.Errorf("the server is %s, and should be %s", cluster.Cluster.Server, server)
	}
	authority, err := base64.StdEncoding.DecodeString(cluster.Cluster.Authority)
	own, err2 := base64.StdEncoding.DecodeString(user.User.Certificate)
	key, err3 := base64.StdEncoding.DecodeString(user.User.Key)
	if err := errors.Join(err, err2, err3); err != nil {
		return nil, err
	}
	if _, err := tls.X509KeyPair(own, key); err != nil {
		return nil, err
	}
	block, _ := pem.Decode(own)
	certificate, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return nil, err
	}
	return certificate, signedBy(certificate, authority)
}

// signedBy checks that a certificate is one for clients, and that the authority issued it and is one.
func signedBy(certificate *x509.Certificate, authority []byte) error {
	block, _ := pem.Decode(authority)
	if block == nil {
		return errors.New("its authority is no PEM")
	}
	issuer, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return err
	}
	roots := x509.NewCertPool()
	roots.AddCert(issuer)
	_, err = certificate.Verify(x509.VerifyOptions{Roots: roots, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}})
	return errors.Join(err, certificate.CheckSignatureFrom(issuer)) // a certificate that is its own root would verify
}
