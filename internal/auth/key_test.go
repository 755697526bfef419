package auth

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"errors"
	"net/netip"
	"strings"
	"testing"

	"golang.org/x/crypto/ssh"
)

// newKey returns a line of authorized_keys for a new key.
func newKey(t testing.TB) string {
	t.Helper()
	public, _, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return line(t, public)
}

func line(t testing.TB, public any) string {
	t.Helper()
	k, err := ssh.NewPublicKey(public)
	if err != nil {
		t.Fatal(err)
	}
	return authorizedLine(k)
}

func mustKeys(t testing.TB, text string) []Key {
	t.Helper()
	keys, err := ParseKeys(text)
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

func TestKey(t *testing.T) {
	one, two, other := newKey(t), newKey(t), newKey(t)
	a := mustNew(t,
		Account{Tenant: "t", Name: "Ann", PasswordHash: cheap(t, "pw"), Keys: mustKeys(t, one+"\n# old\n\n"+two)},
		Account{Tenant: "t", Name: "password", PasswordHash: cheap(t, "pw"), Keys: mustKeys(t, one), Factors: PasswordOnly},
		Account{Tenant: "t", Name: "key", PasswordHash: cheap(t, "pw"), Keys: mustKeys(t, one), Factors: KeyOnly},
		Account{Tenant: "t", Name: "both", PasswordHash: cheap(t, "pw"), Keys: mustKeys(t, one), Factors: KeyThenPassword},
		Account{Tenant: "t", Name: "from", Keys: mustKeys(t, `from="192.0.2.0/24,!192.0.2.66,2001:db8::1,10.?.0.*",no-pty `+one)},
		Account{
			Tenant: "t", Name: "fenced", Keys: mustKeys(t, one),
			Networks: []netip.Prefix{netip.MustParsePrefix("203.0.113.0/24")},
		},
	)
	tests := []struct {
		login, key, from string
		want             bool
	}{
		{"ann", one, "192.0.2.7", true},
		{"t/ANN", two, "192.0.2.7", true},
		{"ann", other, "192.0.2.7", false},
		{"nobody", one, "192.0.2.7", false},
		{"", one, "192.0.2.7", false},
		{"password", one, "192.0.2.7", false},
		{"key", one, "192.0.2.7", true},
		{"both", one, "192.0.2.7", true},
		{"from", one, "192.0.2.7", true},
		{"from", one, "::ffff:192.0.2.7", true},
		{"from", one, "192.0.2.66", false},
		{"from", one, "192.0.3.7", false},
		{"from", one, "2001:db8::1", true},
		{"from", one, "10.9.0.200", true},
		{"from", one, "10.19.0.200", false},
		{"fenced", one, "192.0.2.7", false},
		{"fenced", one, "203.0.113.7", true},
	}
	for _, test := range tests {
		account, _, err := a.Key(t.Context(), Attempt{Login: test.login, From: netip.MustParseAddr(test.from)}, mustKeys(t, test.key)[0].public)
		if got := err == nil; got != test.want || got != (account != nil) {
			t.Errorf("Key(%q) from %s = %v, %v; want in: %v", test.login, test.from, account, err, test.want)
		}
	}
}

// What a password alone opens, and what it opens behind a key.
func TestFactors(t *testing.T) {
	key := mustKeys(t, newKey(t))
	a := mustNew(t,
		Account{Tenant: "t", Name: "any", PasswordHash: cheap(t, "pw"), Keys: key},
		Account{Tenant: "t", Name: "password", PasswordHash: cheap(t, "pw"), Keys: key, Factors: PasswordOnly},
		Account{Tenant: "t", Name: "key", PasswordHash: cheap(t, "pw"), Keys: key, Factors: KeyOnly},
		Account{Tenant: "t", Name: "both", PasswordHash: cheap(t, "pw"), Keys: key, Factors: KeyThenPassword},
	)
	tests := []struct {
		login           string
		alone, afterKey bool
	}{
		{"any", true, false},
		{"password", true, false},
		{"key", false, false},
		{"both", false, true},
	}
	for _, test := range tests {
		if _, err := a.Password(t.Context(), Attempt{Login: test.login, From: client}, "pw"); (err == nil) != test.alone {
			t.Errorf("Password(%q) = %v, want in: %v", test.login, err, test.alone)
		}
		if _, err := a.PasswordAfterKey(t.Context(), Attempt{Login: test.login, From: client}, "pw"); (err == nil) != test.afterKey {
			t.Errorf("PasswordAfterKey(%q) = %v, want in: %v", test.login, err, test.afterKey)
		}
		if _, err := a.PasswordAfterKey(t.Context(), Attempt{Login: test.login, From: client}, "wrong"); !errors.Is(err, ErrDenied) {
			t.Errorf("PasswordAfterKey(%q) with a wrong password = %v, want ErrDenied", test.login, err)
		}
	}
}

func TestParseKeysRefuses(t *testing.T) {
	weak, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	key := newKey(t)
	tests := []struct{ name, text, want string }{
		{"nothing", "", "no key"},
		{"comments", "# a\n\n", "no key"},
		{"no key", "hello", "not a line"},
		{"one bad line", key + "\nhello", "not a line"},
		{"short RSA", line(t, &weak.PublicKey), "2048 bits"},
		{"command", `command="/bin/false" ` + key, "nothing is run here"},
		{"command with options", `command="internal-sftp -R" ` + key, "nothing is run here"},
		{"verify-required", "verify-required " + key, "verify-required is not honoured"},
		{"expiry", `expiry-time="2030010" ` + key, "YYYYMMDD"},
		{"expiry in no month", `expiry-time="20301301" ` + key, "YYYYMMDD"},
		{"expiry with a sign", `expiry-time="2030+101" ` + key, "YYYYMMDD"},
		{"expiry without quotes", "expiry-time=20300101 " + key, "double quotes"},
		{"from without quotes", "from=192.0.2.1 " + key, "double quotes"},
		{"from twice", `from="192.0.2.1",FROM="192.0.2.0/24" ` + key, "more than once"},
		{"principals of a key", `principals="ann" ` + key, "for lines with cert-authority"},
		{"empty principal", `cert-authority,principals="ann,," ` + key, "empty name"},
		{"host name", `from="example.com" ` + key, "not looked up"},
		{"empty from", `from="" ` + key, "not looked up"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if _, err := ParseKeys(test.text); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("ParseKeys = %v, want an error with %q", err, test.want)
			}
		})
	}
}
