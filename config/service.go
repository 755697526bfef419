package config

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net/netip"
	"net/url"
	"os"

	"github.com/hashicorp/hcl/v2"
)

// CheckServiceURL returns the remedy for an invalid URL of an HTTP service, "" for a valid one:
// HTTPS, or HTTP to this machine. example is a valid URL. travels names the data that is sent to
// the service. The remedy does not quote the URL, which may have a secret in it.
func CheckServiceURL(text, example, travels string) (remedy string) {
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || u.Hostname() == "" {
		return fmt.Sprintf("Write a whole URL: %q.", example)
	}
	addr, errAddr := netip.ParseAddr(u.Hostname())
	local := u.Hostname() == "localhost" || errAddr == nil && addr.IsLoopback()
	switch {
	case u.User != nil:
		return "Write the URL without a user. Write the secret as token."
	case u.Fragment != "":
		return "Write the URL without the part from # on."
	case u.Scheme == "https", u.Scheme == "http" && local:
		return ""
	}
	return travels + " would travel in clear. Write an https:// URL; http:// is allowed to this machine, such as http://127.0.0.1:8080."
}

// CheckToken reports a token that cannot stand in a header of HTTP. A missing one is correct.
func CheckToken(token Secret, at hcl.Range) hcl.Diagnostics {
	if at == (hcl.Range{}) || isToken(token.Reveal()) {
		return nil
	}
	return hcl.Diagnostics{Problem(at, "Invalid token",
		"A token has visible ASCII characters and no spaces. Does the file or variable end with a line end? Write trimspace(…) around it.")}
}

func isToken(text string) bool {
	for _, r := range text {
		if r <= ' ' || r > '~' {
			return false
		}
	}
	return text != ""
}

// CheckAuthorities checks a file with certificates of authorities. A missing file is a
// warning.
func CheckAuthorities(file string, at hcl.Range) hcl.Diagnostics {
	text, err := os.ReadFile(file)
	if err != nil {
		return hcl.Diagnostics{Unreadable(at, err)}
	}
	if !x509.NewCertPool().AppendCertsFromPEM(text) {
		return hcl.Diagnostics{Problem(at, "No certificate of an authority", fmt.Sprintf("%s has no certificate in PEM format.", file))}
	}
	return nil
}

// ClientTLS reads the files for connections to a service: the authorities that its
// certificate must come from, "" for those of the system, and the gateway's own certificate
// with its key, "" for none.
func ClientTLS(caFile, certFile, keyFile string) (*tls.Config, error) {
	c := &tls.Config{MinVersion: tls.VersionTLS12}
	if caFile != "" {
		text, err := os.ReadFile(caFile)
		if err != nil {
			return nil, err
		}
		if c.RootCAs = x509.NewCertPool(); !c.RootCAs.AppendCertsFromPEM(text) {
			return nil, fmt.Errorf("%s has no certificate", caFile)
		}
	}
	if certFile != "" {
		own, err := tls.LoadX509KeyPair(certFile, keyFile)
		if err != nil {
			return nil, err
		}
		c.Certificates = []tls.Certificate{own}
	}
	return c, nil
}
