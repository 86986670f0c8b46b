package ack

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
)

// distrusted reports whether the other side could not prove who it is. The next
// attempt would meet the same one, so there is none.
func distrusted(err error) bool {
	var v *tls.CertificateVerificationError
	return errors.As(err, &v)
}

// distrust says what is wrong with the certificate that was shown for a host,
// and what to do; "" where nothing is.
func distrust(host string, err error) (what, hint string) {
	if !distrusted(err) {
		return "", ""
	}
	var unknown x509.UnknownAuthorityError
	var noRoots x509.SystemRootsError
	var invalid x509.CertificateInvalidError
	switch {
	case errors.As(err, &unknown):
		by := "by nobody known here"
		if unknown.Cert != nil && unknown.Cert.Issuer.CommonName != "" {
			by = fmt.Sprintf("by %q, which is not known here", shorten(unknown.Cert.Issuer.CommonName, 64))
		}
		return fmt.Sprintf("the certificate shown for %s is not trusted: it is issued %s", host, by), caHint
	case errors.As(err, &noRoots):
		return fmt.Sprintf("the certificate shown for %s is not trusted: this system has no certificates of authorities", host), caHint
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return fmt.Sprintf("the certificate shown for %s is not trusted: by the clock of this machine it is expired or not yet valid", host),
			"compare the clock of this machine (NTP); if it is right, a proxy on the way shows an old certificate"
	}
	return fmt.Sprintf("the certificate shown for %s is not trusted: it is for somebody else, or not for this use", host),
		"check the endpoint, and whether a proxy on the way opens TLS; " + caHint
}

const caHint = "if a proxy of the company opens TLS on the way, name its CA in SSL_CERT_FILE: " +
	"a PEM file that holds it and the CAs of the system"
