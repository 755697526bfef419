package expiry

import (
	"crypto/x509"
	"time"
)

// The kinds of things.
const (
	Certificate = "certificate"
	SAS         = "SAS"
	User        = "user"
	Password    = "password"
	Key         = "key"
)

// Thing is something that ends at a time. It is comparable.
type Thing struct {
	// What is its kind: one of the constants, or a few other words.
	What string
	// Owner is what it belongs to.
	Owner Owner
	// Name distinguishes it from others of its kind and owner. It may be "".
	Name string
	// Setting is the setting that has it or its end.
	Setting string
	// Ends is when it is not valid any more.
	Ends time.Time
	// Planned is true where the end is intended, as that of a user.
	Planned bool
}

// Owner is a part of the configuration.
type Owner struct {
	// Kind is "frontend", "backend", "tenant" or "auth", Name the name that the log has for
	// it: "ftp.public".
	Kind, Name string
}

// ChainOf returns the certificates of a chain as the side that shows it has them: der has
// the leaf first. The authority at the end of the chain is left out if it is there, because
// clients use their own copy.
func ChainOf(der [][]byte, setting string) []Thing {
	var all []Thing
	for i, one := range der {
		c, err := x509.ParseCertificate(one)
		if err != nil || i > 0 && c.CheckSignatureFrom(c) == nil {
			continue
		}
		all = append(all, CertificateOf(c, setting))
	}
	return all
}

// CertificateOf returns a certificate as a Thing without an owner.
func CertificateOf(c *x509.Certificate, setting string) Thing {
	return Thing{What: Certificate, Name: CertificateName(c), Setting: setting, Ends: c.NotAfter}
}

// CertificateName is the first host name of a certificate, or its common name.
func CertificateName(c *x509.Certificate) string {
	if len(c.DNSNames) > 0 {
		return c.DNSNames[0]
	}
	return c.Subject.CommonName
}
