package auth

import (
	"errors"
	"testing"
)

// What a login means depends on the tenants that the client can reach.
func TestWhichTenant(t *testing.T) {
	a, err := NewShared(Directory{
		Accounts: []Account{
			{Tenant: "Acme", Name: "upload", PasswordHash: cheap(t, "acme")},
			{Tenant: "beta", Name: "Upload", PasswordHash: cheap(t, "beta")},
			{Tenant: "beta", Name: "only", PasswordHash: cheap(t, "only")},
		},
		Tenants: []Tenant{{Name: "Acme", Hosts: []string{"ftp.acme.example"}}, {Name: "beta", Hosts: []string{"beta.example"}}},
	}, NewHashing(defaultMemory))
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		login, password, host string
		served                []string
		want                  string // the tenant, "" means denied
		ambiguous             bool
	}{
		{login: "upload", password: "acme", ambiguous: true},
		{login: "UPLOAD", password: "beta", ambiguous: true},
		{login: "upload", password: "neither", ambiguous: true},
		{login: "acme/upload", password: "acme", want: "Acme"},
		{login: "upload@beta", password: "beta", want: "beta"},
		{login: "beta/upload", password: "acme"},
		{login: "only", password: "only", want: "beta"},
		{login: "upload", password: "acme", served: []string{"ACME"}, want: "Acme"},
		{login: "upload", password: "beta", served: []string{"acme"}},
		{login: "beta/upload", password: "beta", served: []string{"acme"}},
		{login: "only", password: "only", served: []string{"acme"}},
		{login: "upload", password: "beta", served: []string{"acme", "beta"}, ambiguous: true},
		{login: "upload", password: "acme", host: "FTP.acme.example.", want: "Acme"},
		{login: "upload", password: "beta", host: "beta.example", want: "beta"},
		{login: "acme/upload", password: "acme", host: "beta.example"},
		{login: "only", password: "only", host: "ftp.acme.example"},
		{login: "upload", password: "acme", host: "gateway.example", ambiguous: true},
		{login: "acme/upload", password: "acme", host: "gateway.example", want: "Acme"},
		{login: "upload", password: "beta", host: "beta.example", served: []string{"acme"}},
		{login: "upload", password: "acme", host: "beta.example", served: []string{"acme"}},
	}
	for _, test := range tests {
		got, err := a.Password(t.Context(), Attempt{Login: test.login, From: client, Host: test.host, Tenants: test.served}, test.password)
		_, ambiguous := errors.AsType[*Ambiguous](err)
		switch {
		case test.want != "" && (err != nil || got.Tenant != test.want):
			t.Errorf("%+v: %v, %v", test, got, err)
		case test.want == "" && (!errors.Is(err, ErrDenied) || ambiguous != test.ambiguous):
			t.Errorf("%+v: %v, %v, want ErrDenied", test, got, err)
		}
	}
}

func TestHosts(t *testing.T) {
	a, err := NewShared(Directory{Tenants: []Tenant{{Name: "A", Hosts: []string{"A.example"}}}}, NewHashing(defaultMemory))
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		host                 string
		served               []string
		is, isServed, anyone bool
	}{
		{"a.EXAMPLE", nil, true, true, true},
		{"a.example.", []string{"a"}, true, true, true},
		{"a.example", []string{"b"}, true, false, false},
		{"b.example", nil, false, false, true},
	} {
		if is, isServed := a.IsHost(test.host, test.served); is != test.is || isServed != test.isServed {
			t.Errorf("IsHost(%q, %q) = %v, %v", test.host, test.served, is, isServed)
		}
		if anyone := a.HasHosts(test.served); anyone != test.anyone {
			t.Errorf("HasHosts(%q) = %v", test.served, anyone)
		}
	}
}
