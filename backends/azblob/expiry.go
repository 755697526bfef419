package azblob

import (
	"github.com/tidegate/tidegate/backends"
	"github.com/tidegate/tidegate/backends/azblob/azauth"
	"github.com/tidegate/tidegate/internal/expiry"
)

var _ backends.Expiring = (*Config)(nil)

// Expiring implements backends.Expiring: a SAS with a time of expiry, and the certificate of
// a service principal.
func (c *Config) Expiring() []expiry.Thing {
	if len(c.Auth) != 1 {
		return nil
	}
	a := &c.Auth[0]
	if s := c.signatureOf(); s != nil {
		if until, ok := sasTime(s.fields, "se"); ok {
			return []expiry.Thing{{What: expiry.SAS, Setting: a.Place(), Ends: until}}
		}
	}
	if a.Kind != azauth.ClientCertificate {
		return nil
	}
	certs, _, err := a.ReadCertificate()
	if err != nil || len(certs) == 0 {
		return nil
	}
	return []expiry.Thing{expiry.CertificateOf(certs[0], a.Place())}
}
