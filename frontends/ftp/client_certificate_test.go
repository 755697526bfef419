package ftp_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/bcrypt"

	"github.com/tidegate/tidegate/backends/memory"
	"github.com/tidegate/tidegate/frontends/ftp"
	"github.com/tidegate/tidegate/internal/auth"
	"github.com/tidegate/tidegate/internal/tenant"
	"github.com/tidegate/tidegate/internal/testing/ftpclient"
	"github.com/tidegate/tidegate/vfs"
)

// issuer is an authority of client certificates.
type issuer struct {
	*testing.T
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
	serial      int64
}

func newIssuer(t *testing.T) *issuer {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "authority"}, IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageCertSign, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return &issuer{T: t, certificate: certificate, key: key}
}

func (i *issuer) pool() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(i.certificate)
	return pool
}

// issue makes a client certificate with a common name and alternative names.
func (i *issuer) issue(name string, until time.Time, more ...string) tls.Certificate {
	i.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		i.Fatal(err)
	}
	i.serial++
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1 + i.serial), Subject: pkix.Name{CommonName: name}, EmailAddresses: more,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: until, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, i.certificate, &key.PublicKey, i.key)
	if err != nil {
		i.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

// startCertified serves the users cam, both, listed and plain of the tenant t, which need a
// certificate, a certificate and the password "p", a certificate with the name "device-7",
// and the password.
func startCertified(t *testing.T, authorities *x509.CertPool, require bool, change func(*ftp.Options)) *gateway {
	t.Helper()
	hash, err := bcrypt.GenerateFromPassword([]byte("p"), bcrypt.MinCost)
	if err != nil {
		t.Fatal(err)
	}
	view, err := vfs.NewView(vfs.ViewOptions{Mounts: []vfs.Mount{{Backend: memory.New()}}, Allow: vfs.PermAll})
	if err != nil {
		t.Fatal(err)
	}
	user := &tenant.User{View: view}
	accounts, err := auth.New([]auth.Account{
		{Tenant: "t", Name: "cam", Factors: auth.CertificateOnly, User: user},
		{Tenant: "t", Name: "both", PasswordHash: string(hash), Factors: auth.CertificateThenPassword, User: user},
		{Tenant: "t", Name: "listed", Factors: auth.CertificateOnly, Principals: []string{"device-7"}, User: user},
		{Tenant: "t", Name: "plain", PasswordHash: string(hash), User: user},
	})
	if err != nil {
		t.Fatal(err)
	}
	return start(t, memory.New(), func(o *ftp.Options) {
		o.Auth = accounts
		ftp.AskClients(o.TLS, authorities, require)
		if change != nil {
			change(o)
		}
	})
}

func TestClientCertificates(t *testing.T) {
	t.Parallel()
	ours, theirs := newIssuer(t), newIssuer(t)
	soon := time.Now().Add(time.Hour)
	tests := []struct {
		name        string
		certificate []tls.Certificate
		user        string
		password    string
		optional    bool // let in where certificates are only requested
		required    bool // let in where they are required
	}{
		{"certificate", []tls.Certificate{ours.issue("cam", soon)}, "cam", "", true, true},
		{"certificate and any password", []tls.Certificate{ours.issue("cam", soon)}, "cam", "x", true, true},
		{"certificate with the tenant", []tls.Certificate{ours.issue("t/CAM", soon)}, "cam", "", true, true},
		{"alternative name", []tls.Certificate{ours.issue("a camera", soon, "cam@t")}, "cam", "", true, true},
		{"principal", []tls.Certificate{ours.issue("device-7", soon)}, "listed", "", true, true},
		{"not the principal", []tls.Certificate{ours.issue("listed", soon)}, "listed", "", false, false},
		{"another user's", []tls.Certificate{ours.issue("both", soon)}, "cam", "", false, false},
		{"no name", []tls.Certificate{ours.issue("", soon)}, "cam", "", false, false},
		{"another authority's", []tls.Certificate{theirs.issue("cam", soon)}, "cam", "", false, false},
		{"expired", []tls.Certificate{ours.issue("cam", time.Now().Add(-time.Minute))}, "cam", "", false, false},
		{"none", nil, "cam", "p", false, false},
		{"both", []tls.Certificate{ours.issue("both", soon)}, "both", "p", true, true},
		{"both, wrong password", []tls.Certificate{ours.issue("both", soon)}, "both", "x", false, false},
		{"both, no certificate", nil, "both", "p", false, false},
		{"both, another user's", []tls.Certificate{ours.issue("cam", soon)}, "both", "p", false, false},
		{"password", nil, "plain", "p", true, false},
		{"password, and a certificate", []tls.Certificate{ours.issue("cam", soon)}, "plain", "p", true, true},
		{"only a certificate where a password is needed", []tls.Certificate{ours.issue("plain", soon)}, "plain", "", false, false},
		{"unknown", []tls.Certificate{ours.issue("nobody", soon)}, "nobody", "", false, false},
	}
	for _, require := range []bool{false, true} {
		g := startCertified(t, ours.pool(), require, nil)
		for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
			for _, test := range tests {
				g.tls = &tls.Config{InsecureSkipVerify: true, ServerName: "localhost", Certificates: test.certificate, MinVersion: version, MaxVersion: version}
				c, err := ftpclient.Dial(t.Context(), g.addr, ftpclient.Options{Security: ftpclient.Explicit, TLS: g.tls})
				if err == nil {
					err = c.Login(test.user, test.password)
					c.Close()
				}
				if want := test.optional && !require || test.required && require; (err == nil) != want {
					t.Errorf("%s, require %v, %s: %v", test.name, require, tls.VersionName(version), err)
				}
			}
		}
		// Without TLS there is no certificate.
		c := g.connect(ftpclient.Options{})
		if err := c.Login("cam", ""); ftpclient.CodeOf(err) != 530 {
			t.Errorf("without TLS: %v", err)
		}
	}
}

// A data connection has the certificate of its control connection, also where it resumes a
// session.
func TestClientCertificateOfDataConnections(t *testing.T) {
	t.Parallel()
	ours := newIssuer(t)
	soon := time.Now().Add(time.Hour)
	cam, other := ours.issue("cam", soon), ours.issue("both", soon)
	for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		for _, reuse := range []ftp.ReuseMode{ftp.ReuseOff, ftp.ReuseRequire} {
			g := startCertified(t, ours.pool(), false, func(o *ftp.Options) { o.Reuse = reuse })
			config := &tls.Config{InsecureSkipVerify: true, ServerName: "localhost", Certificates: []tls.Certificate{cam}, MinVersion: version, MaxVersion: version}
			if reuse == ftp.ReuseRequire {
				config.ClientSessionCache = tls.NewLRUClientSessionCache(1)
			}
			g.tls = config
			c := g.connect(ftpclient.Options{Security: ftpclient.Explicit})
			if err := c.Login("cam", ""); err != nil {
				t.Fatal(err)
			}
			for range 2 {
				if err := c.Put("f", strings.NewReader("x")); err != nil {
					t.Errorf("%s, %s: %v", tls.VersionName(version), reuse, err)
				}
			}
			if reuse == ftp.ReuseRequire {
				continue
			}
			for name, certificates := range map[string][]tls.Certificate{"no": nil, "another": {other}} {
				config.Certificates = []tls.Certificate{cam}
				c := g.connect(ftpclient.Options{Security: ftpclient.Explicit})
				if err := c.Login("cam", ""); err != nil {
					t.Fatal(err)
				}
				config.Certificates = certificates
				if err := c.Put("g", strings.NewReader("unrelated")); err == nil {
					t.Errorf("%s: a data connection with %s certificate stores a file", tls.VersionName(version), name)
				}
			}
			// The session from before is in order.
			if _, err := c.Size("g"); ftpclient.CodeOf(err) != 550 {
				t.Errorf("%s: a file is stored: %v", tls.VersionName(version), err)
			}
		}
	}
}

// A session that is resumed after the authorities have changed shows a certificate that is
// not accepted any more.
func TestClientCertificateOfResumedSessions(t *testing.T) {
	t.Parallel()
	old, next := newIssuer(t), newIssuer(t)
	for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		server := &tls.Config{MinVersion: tls.VersionTLS12}
		made, err := ftp.SelfSigned()
		if err != nil {
			t.Fatal(err)
		}
		server.Certificates = made.Certificates
		server.SetSessionTicketKeys([][32]byte{{1}})
		ftp.AskClients(server, old.pool(), false)
		client := &tls.Config{
			InsecureSkipVerify: true, ServerName: "localhost", MinVersion: version, MaxVersion: version,
			Certificates: []tls.Certificate{old.issue("cam", time.Now().Add(time.Hour))}, ClientSessionCache: tls.NewLRUClientSessionCache(1),
		}
		if resumed, err := shake(t, server, client); err != nil || resumed {
			t.Fatalf("the first handshake: %v, %v", resumed, err)
		}
		if resumed, err := shake(t, server, client); err != nil || !resumed {
			t.Fatalf("the second handshake: %v, %v", resumed, err)
		}
		changed := server.Clone()
		changed.SetSessionTicketKeys([][32]byte{{1}})
		ftp.AskClients(changed, next.pool(), false)
		if _, err := shake(t, changed, client); err == nil {
			t.Errorf("%s: the certificate of another authority is accepted", tls.VersionName(version))
		}
	}
}
