package auth

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"net/netip"
	"net/url"
	"testing"
)

// One authority may certify users of several tenants: a name without its tenant counts only
// where the client can reach no other.
func TestClientCertificateNames(t *testing.T) {
	fence := []netip.Prefix{netip.MustParsePrefix("203.0.113.0/24")}
	a, err := NewShared(Directory{
		Accounts: []Account{
			{Tenant: "a", Name: "cam", Factors: CertificateOnly},
			{Tenant: "b", Name: "cam", Factors: CertificateOnly},
			{Tenant: "a", Name: "listed", Factors: CertificateOnly, Principals: []string{"Device 7"}},
			{Tenant: "a", Name: "fenced", Factors: CertificateOnly, Networks: fence},
			{Tenant: "a", Name: "disabled", Factors: CertificateOnly, Disabled: true},
			{Tenant: "a", Name: "both", Factors: CertificateThenPassword, PasswordHash: cheap(t, "pw")},
			{Tenant: "a", Name: "plain", PasswordHash: cheap(t, "pw")},
		},
		Tenants: []Tenant{{Name: "a", Hosts: []string{"a.example"}}},
	}, NewHashing(defaultMemory))
	if err != nil {
		t.Fatal(err)
	}
	var hashes int
	a.matches = func(h hash, password string) bool {
		hashes++
		return h.matches(password)
	}
	spiffe, err := url.Parse("spiffe://a/cam")
	if err != nil {
		t.Fatal(err)
	}
	named := func(name string) *x509.Certificate {
		return &x509.Certificate{Subject: pkix.Name{CommonName: name}}
	}
	for _, test := range []struct {
		certificate *x509.Certificate
		login       string
		password    string
		served      []string
		host        string
		want        bool
		hashes      int
	}{
		{named("a/cam"), "a/cam", "", nil, "", true, 0},
		{named("CAM@A"), "a/cam", "x", nil, "", true, 0},
		{named("a/cam"), "b/cam", "x", nil, "", false, 1},
		{named("cam"), "a/cam", "x", nil, "", false, 1},
		{named("cam"), "cam", "x", nil, "", false, 1},
		{named("cam"), "cam", "", []string{"a"}, "", true, 0},
		{named("cam"), "cam", "", nil, "a.example", true, 0},
		{named("a/cam"), "b/cam", "x", nil, "a.example", false, 1},
		{&x509.Certificate{DNSNames: []string{"x.example", "a/cam"}}, "a/cam", "", nil, "", true, 0},
		{&x509.Certificate{EmailAddresses: []string{"cam@a"}}, "a/cam", "", nil, "", true, 0},
		{&x509.Certificate{URIs: []*url.URL{spiffe}}, "a/cam", "x", nil, "", false, 1},
		{named(""), "a/cam", "x", nil, "", false, 1},
		{nil, "a/cam", "x", nil, "", false, 1},
		{named("Device 7"), "a/listed", "", nil, "", true, 0},
		{named("device 7"), "a/listed", "x", nil, "", false, 1},
		{named("a/listed"), "a/listed", "x", nil, "", false, 1},
		{named("a/fenced"), "a/fenced", "x", nil, "", false, 1},
		{named("a/disabled"), "a/disabled", "x", nil, "", false, 1},
		{named("a/both"), "a/both", "pw", nil, "", true, 1},
		{named("a/both"), "a/both", "no", nil, "", false, 1},
		{named("a/cam"), "a/both", "pw", nil, "", false, 1},
		{nil, "a/both", "pw", nil, "", false, 1},
		{named("a/plain"), "a/plain", "no", nil, "", false, 1},
		{named("a/nobody"), "a/nobody", "x", nil, "", false, 1},
	} {
		hashes = 0
		account, err := a.Password(t.Context(), Attempt{
			Login: test.login, From: client, Certificate: test.certificate, Tenants: test.served, Host: test.host,
		}, test.password)
		if (err == nil) != test.want || !test.want && !errors.Is(err, ErrDenied) || hashes != test.hashes {
			t.Errorf("%+v: %v, %v, %d hashes", test, account, err, hashes)
		}
	}
}
