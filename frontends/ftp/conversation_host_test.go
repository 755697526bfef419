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

// certificateFor makes a certificate for one host name.
func certificateFor(t *testing.T, host string) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: host}, DNSNames: []string{host},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}
}

// startHosts serves the users acme/upload and beta/upload, each with the name of its tenant
// as its password, at the hosts ftp.acme.example and ftp.beta.example, and at
// gateway.example, which has the first certificate.
func startHosts(t *testing.T, change func(*ftp.Options)) *gateway {
	t.Helper()
	var directory auth.Directory
	certificates := []tls.Certificate{certificateFor(t, "gateway.example")}
	for _, name := range []string{"acme", "beta"} {
		hash, err := bcrypt.GenerateFromPassword([]byte(name), bcrypt.MinCost)
		if err != nil {
			t.Fatal(err)
		}
		view, err := vfs.NewView(vfs.ViewOptions{Mounts: []vfs.Mount{{Backend: memory.New()}}, Allow: vfs.PermAll})
		if err != nil {
			t.Fatal(err)
		}
		directory.Accounts = append(directory.Accounts, auth.Account{Tenant: name, Name: "upload", PasswordHash: string(hash), User: &tenant.User{View: view}})
		host := "ftp." + name + ".example"
		directory.Tenants = append(directory.Tenants, auth.Tenant{Name: name, Hosts: []string{host}})
		certificates = append(certificates, certificateFor(t, host))
	}
	accounts, err := auth.NewShared(directory, auth.NewHashing(1<<20))
	if err != nil {
		t.Fatal(err)
	}
	return start(t, memory.New(), func(o *ftp.Options) {
		o.Auth = accounts
		o.TLS = &tls.Config{Certificates: certificates, MinVersion: tls.VersionTLS12}
		if change != nil {
			change(o)
		}
	})
}

func TestHOST(t *testing.T) {
	t.Parallel()
	g := startHosts(t, nil)
	c := g.connect(ftpclient.Options{})
	if r, err := c.Cmd("FEAT"); err != nil || !strings.Contains(r.Text(), "HOST") {
		t.Errorf("FEAT: %v, %v, want HOST", r, err)
	}
	g.say(c,
		"HOST", 501, "HOST a b", 501, "HOST ftp.acme.example:21", 501, "HOST [::1", 501, "HOST [::1]", 504, "HOST 192.0.2.1", 504,
		"HOST ftp.gamma.example", 504, "HOST gateway.example", 220,
		"USER upload", 331, "HOST ftp.acme.example", 503, "PASS acme", 530,
		// The name is ambiguous at the server's own host. A HOST may follow a refusal.
		"HOST ftp.beta.example", 220, "HOST FTP.ACME.EXAMPLE.", 220,
		"USER beta/upload", 331, "PASS beta", 530,
		"USER upload", 331, "PASS acme", 230, "HOST ftp.beta.example", 503,
		// REIN forgets the host (RFC 7151, 3.3).
		"REIN", 220, "USER beta/upload", 331, "PASS beta", 230,
	)
}

// The host name of the TLS handshake decides, and HOST can only repeat it.
func TestServerName(t *testing.T) {
	t.Parallel()
	for _, mode := range []ftp.TLSMode{ftp.TLSOptional, ftp.TLSImplicit} {
		t.Run(string(mode), func(t *testing.T) {
			g := startHosts(t, func(o *ftp.Options) { o.TLSMode = mode })
			security := ftpclient.Explicit
			if mode == ftp.TLSImplicit {
				security = ftpclient.Implicit
			}
			connect := func(host string) *ftpclient.Conn {
				g.tls = &tls.Config{InsecureSkipVerify: true, ServerName: host, VerifyConnection: func(s tls.ConnectionState) error {
					want := strings.ToLower(host)
					if !strings.HasPrefix(want, "ftp.") {
						want = "gateway.example"
					}
					return s.PeerCertificates[0].VerifyHostname(want)
				}}
				return g.connect(ftpclient.Options{Security: security})
			}
			g.say(connect("ftp.acme.example"), "HOST ftp.beta.example", 504, "HOST gateway.example", 504, "HOST ftp.acme.example", 220,
				"USER beta/upload", 331, "PASS beta", 530, "USER upload", 331, "PASS acme", 230, "REIN", 220, "USER upload", 331, "PASS acme", 230)
			g.say(connect("FTP.beta.example"), "USER upload", 331, "PASS beta", 230)
			g.say(connect("gateway.example"), "USER upload", 331, "PASS beta", 530, "USER beta/upload", 331, "PASS beta", 230)
			g.say(connect("other.example"), "HOST other.example", 504, "USER beta/upload", 331, "PASS beta", 230)
			g.say(connect(""), "HOST ftp.beta.example", 220, "USER upload", 331, "PASS beta", 230)
		})
	}
}

// A HOST in clear chooses the certificate of a client that names no host in TLS, also for
// its data connections. A name in TLS takes its place.
func TestHOSTBeforeTLS(t *testing.T) {
	t.Parallel()
	g := startHosts(t, func(o *ftp.Options) { o.Reuse = ftp.ReuseOff })
	certificate := ""
	g.tls = &tls.Config{InsecureSkipVerify: true, VerifyConnection: func(s tls.ConnectionState) error {
		certificate = s.PeerCertificates[0].Subject.CommonName
		return nil
	}}
	c := g.connect(ftpclient.Options{})
	g.say(c, "HOST ftp.beta.example", 220)
	if err := c.AuthTLS(); err != nil {
		t.Fatal(err)
	}
	if certificate != "ftp.beta.example" {
		t.Errorf("the control connection has the certificate of %s", certificate)
	}
	g.say(c, "USER upload", 331, "PASS beta", 230)
	if err := c.Protect(true); err != nil {
		t.Fatal(err)
	}
	certificate = ""
	tr := g.begin(c, "STOR f")
	if _, err := tr.Write([]byte("x")); err != nil {
		t.Fatal(err)
	}
	if certificate != "ftp.beta.example" {
		t.Errorf("the data connection has the certificate of %q", certificate)
	}

	g.tls = &tls.Config{InsecureSkipVerify: true, ServerName: "ftp.acme.example"}
	c = g.connect(ftpclient.Options{})
	g.say(c, "HOST ftp.beta.example", 220)
	if err := c.AuthTLS(); err != nil {
		t.Fatal(err)
	}
	g.say(c, "USER upload", 331, "PASS beta", 530, "USER upload", 331, "PASS acme", 230)
}

// Where no tenant that is served has a host name, HOST is not there.
func TestHOSTNeedsHosts(t *testing.T) {
	t.Parallel()
	g := startHosts(t, func(o *ftp.Options) { o.Tenants = []string{"none"} })
	c := g.connect(ftpclient.Options{})
	g.say(c, "HOST ftp.acme.example", 502)
	if r, err := c.Cmd("FEAT"); err != nil || strings.Contains(r.Text(), "HOST") {
		t.Errorf("FEAT: %v, %v, want no HOST", r, err)
	}
	// A listener for one tenant: its names need no tenant, and others' are refused.
	g = startHosts(t, func(o *ftp.Options) { o.Tenants = []string{"Acme"} })
	c = g.connect(ftpclient.Options{})
	g.say(c, "HOST ftp.beta.example", 504, "USER beta/upload", 331, "PASS beta", 530, "USER upload", 331, "PASS beta", 530, "USER upload", 331, "PASS acme", 230)
}
