package ftp

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"os"
)

// AskClients makes a configuration ask clients for a certificate of the authorities. With
// require, the handshake fails without one.
func AskClients(c *tls.Config, authorities *x509.CertPool, require bool) {
	c.ClientCAs, c.ClientAuth = authorities, tls.VerifyClientCertIfGiven
	if require {
		c.ClientAuth = tls.RequireAndVerifyClientCert
	}
	// A resumed session has the certificate of an earlier handshake: the authorities may be
	// others since, and it may have expired.
	c.VerifyConnection = func(s tls.ConnectionState) error {
		if !s.DidResume || len(s.PeerCertificates) == 0 {
			return nil
		}
		between := x509.NewCertPool()
		for _, one := range s.PeerCertificates[1:] {
			between.AddCert(one)
		}
		_, err := s.PeerCertificates[0].Verify(x509.VerifyOptions{
			Roots: authorities, Intermediates: between, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
		})
		return err
	}
}

// loadAuthorities reads the certificates of authorities from a PEM file, and leaves out what
// it cannot read, as x509.CertPool does.
func loadAuthorities(file string) ([]*x509.Certificate, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var all []*x509.Certificate
	for block, rest := pem.Decode(text); block != nil; block, rest = pem.Decode(rest) {
		if block.Type != "CERTIFICATE" {
			continue
		}
		if c, err := x509.ParseCertificate(block.Bytes); err == nil {
			all = append(all, c)
		}
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("%s has no certificate in PEM format", file)
	}
	return all, nil
}

// pool returns the certificates as a pool.
func pool(all []*x509.Certificate) *x509.CertPool {
	p := x509.NewCertPool()
	for _, c := range all {
		p.AddCert(c)
	}
	return p
}

// clientCertificate returns the verified certificate of a client, nil for none.
func clientCertificate(s tls.ConnectionState) *x509.Certificate {
	if len(s.VerifiedChains) == 0 || len(s.PeerCertificates) == 0 {
		return nil
	}
	return s.PeerCertificates[0]
}
