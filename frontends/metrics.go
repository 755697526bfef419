package frontends

import (
	"crypto/x509"

	"github.com/tidegate/tidegate/internal/observe/metrics"
)

// CertificateEnd is the end of each certificate that a frontend shows to clients.
var CertificateEnd = metrics.Desc{
	Name: "tidegate_certificate_not_after_timestamp_seconds", Unit: "seconds", Labels: []string{"frontend", "name"},
	Help: "End of the validity of a certificate, in seconds since 1970; name is the first host name or the common name.",
}

// CertificateName returns the value of the label name of CertificateEnd.
func CertificateName(c *x509.Certificate) string {
	if len(c.DNSNames) > 0 {
		return c.DNSNames[0]
	}
	return c.Subject.CommonName
}
