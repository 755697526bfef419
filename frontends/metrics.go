package frontends

import "github.com/tidegate/tidegate/internal/observe/metrics"

// CertificateEnd is the end of each certificate that a frontend shows to clients. The label
// name is expiry.CertificateName.
var CertificateEnd = metrics.Desc{
	Name: "tidegate_certificate_not_after_timestamp_seconds", Unit: "seconds", Labels: []string{"frontend", "name"},
	Help: "End of the validity of a certificate, in seconds since 1970; name is the first host name or the common name.",
}
