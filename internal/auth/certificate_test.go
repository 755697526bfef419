package auth

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"errors"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/crypto/ssh"
)

// newSigner returns a new key that can sign.
func newSigner(t testing.TB) ssh.Signer {
	t.Helper()
	_, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return signerOf(t, private)
}

func signerOf(t testing.TB, private any) ssh.Signer {
	t.Helper()
	s, err := ssh.NewSignerFromKey(private)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func newRSASigner(t testing.TB, bits int) ssh.Signer {
	t.Helper()
	k, err := rsa.GenerateKey(rand.Reader, bits)
	if err != nil {
		t.Fatal(err)
	}
	return signerOf(t, k)
}

// onlySHA1 signs as old versions of ssh-keygen did.
func onlySHA1(t testing.TB, s ssh.Signer) ssh.Signer {
	t.Helper()
	old, err := ssh.NewSignerWithAlgorithms(s.(ssh.AlgorithmSigner), []string{ssh.KeyAlgoRSA})
	if err != nil {
		t.Fatal(err)
	}
	return old
}

func authorizedLine(k ssh.PublicKey) string {
	return strings.TrimSpace(string(ssh.MarshalAuthorizedKey(k)))
}

func mustAuthorities(t testing.TB, text string) []Key {
	t.Helper()
	keys, err := ParseAuthorities(text)
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

func mustRevoked(t testing.TB, text string) Revoked {
	t.Helper()
	r, err := ParseRevoked(text)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// signed returns a certificate for ann, valid for an hour around now, after the
// changes.
func signed(t testing.TB, ca ssh.Signer, key ssh.PublicKey, change func(*ssh.Certificate)) *ssh.Certificate {
	t.Helper()
	now := time.Now()
	c := &ssh.Certificate{
		Key: key, KeyId: "id", Serial: 7, CertType: ssh.UserCert, ValidPrincipals: []string{"ann"},
		ValidAfter: uint64(now.Add(-time.Hour).Unix()), ValidBefore: uint64(now.Add(time.Hour).Unix()),
	}
	if change != nil {
		change(c)
	}
	if err := c.SignCert(rand.Reader, ca); err != nil {
		t.Fatal(err)
	}
	// What a client sends is what counts.
	sent, err := ssh.ParsePublicKey(c.Marshal())
	if err != nil {
		t.Fatal(err)
	}
	return sent.(*ssh.Certificate)
}

func TestCertificate(t *testing.T) {
	ca, ownCA, otherCA, rsaCA := newSigner(t), newSigner(t), newSigner(t), newRSASigner(t, 2048)
	key, revokedKey, weakKey := newSigner(t).PublicKey(), newSigner(t).PublicKey(), newRSASigner(t, 1024).PublicKey()
	revokedCA := newSigner(t)
	tenant := mustAuthorities(t, "# ours\n"+authorizedLine(ca.PublicKey())+"\n"+authorizedLine(rsaCA.PublicKey())+"\n"+authorizedLine(revokedCA.PublicKey()))
	foreign := mustAuthorities(t, authorizedLine(otherCA.PublicKey()))
	revoked := mustRevoked(t, authorizedLine(revokedKey)+"\n"+ssh.FingerprintSHA256(revokedCA.PublicKey())+" the old one\n")
	own := authorizedLine(ownCA.PublicKey())
	account := func(name string, keys []Key) Account {
		return Account{Tenant: "t", Name: name, PasswordHash: cheap(t, "pw"), Keys: keys, Revoked: revoked}
	}
	with := func(a Account, change func(*Account)) Account {
		change(&a)
		return a
	}
	a := mustNew(t,
		account("Ann", tenant),
		with(account("role", tenant), func(a *Account) { a.Principals = []string{"Ops", "ann"} }),
		with(account("password", tenant), func(a *Account) { a.Factors = PasswordOnly }),
		with(account("both", tenant), func(a *Account) { a.Factors = KeyThenPassword }),
		with(account("fenced", tenant), func(a *Account) { a.Networks = []netip.Prefix{netip.MustParsePrefix("203.0.113.0/24")} }),
		account("own", mustKeys(t, `cert-authority,from="192.0.2.0/24",principals="robot,ann" `+own)),
		account("late", mustKeys(t, `cert-authority,expiry-time="20200101Z" `+own)),
		account("plain", mustKeys(t, own)),
		account("twice", append(mustKeys(t, `cert-authority,principals="robot" `+own), mustAuthorities(t, own)...)),
		Account{Tenant: "other", Name: "eve", Keys: foreign},
	)
	principals := func(names ...string) func(*ssh.Certificate) {
		return func(c *ssh.Certificate) { c.ValidPrincipals = names }
	}
	critical := func(name, value string) func(*ssh.Certificate) {
		return func(c *ssh.Certificate) { c.CriticalOptions = map[string]string{name: value} }
	}
	tests := []struct {
		name, login string
		ca          ssh.Signer
		key         ssh.PublicKey
		change      func(*ssh.Certificate)
		from        string
		// want is "" for a login, "denied" where nothing more is said.
		want string
	}{
		{"right", "ann", ca, key, nil, "", ""},
		{"tenant and case", "T/ANN", ca, key, nil, "", ""},
		{"principal with the tenant", "ann", ca, key, principals("x", "Ann@T"), "", ""},
		{"signed by RSA with SHA-2", "ann", rsaCA, key, nil, "", ""},
		{"signed by RSA with SHA-1", "ann", onlySHA1(t, rsaCA), key, nil, "", "SHA-1"},
		{"other authority", "ann", otherCA, key, nil, "", "denied"},
		{"signed by its own key", "ann", ownCA, ownCA.PublicKey(), nil, "", "denied"},
		{"unknown user", "nobody", ca, key, principals("nobody"), "", "denied"},
		{"user of another tenant", "eve", ca, key, principals("eve"), "", "denied"},
		{"our user by another tenant's authority", "ann", otherCA, key, nil, "", "denied"},
		{"that user by his", "eve", otherCA, key, principals("eve"), "", ""},
		{"principal of somebody else", "ann", ca, key, principals("bob"), "", "none of the principals"},
		{"no principal", "ann", ca, key, principals(), "", "names nobody"},
		{"part of a principal", "ann", ca, key, principals("anna", "an", "ann "), "", "none of the principals"},
		{"principals of the account", "role", ca, key, principals("Ops"), "", ""},
		{"principals of the account, case", "role", ca, key, principals("ops"), "", "none of the principals"},
		{"the login where principals are set", "role", ca, key, principals("role"), "", "none of the principals"},
		{"host", "ann", ca, key, func(c *ssh.Certificate) { c.CertType = ssh.HostCert }, "", "not a user's"},
		{"expired", "ann", ca, key, func(c *ssh.Certificate) { c.ValidBefore = c.ValidAfter + 60 }, "", "expired"},
		{"not yet", "ann", ca, key, func(c *ssh.Certificate) { c.ValidAfter = c.ValidBefore - 60 }, "", "not yet valid"},
		{"for ever", "ann", ca, key, func(c *ssh.Certificate) { c.ValidAfter, c.ValidBefore = 0, ssh.CertTimeInfinity }, "", ""},
		{"far beyond time", "ann", ca, key, func(c *ssh.Certificate) { c.ValidBefore = 1 << 63 }, "", "denied"},
		{"changed after the signature", "ann", ca, key, nil, "", "denied"},
		{"changed, of somebody else", "ann", ca, key, principals("bob"), "", "denied"},
		{"weak key", "ann", ca, weakKey, nil, "", "2048 bits"},
		{"revoked key", "ann", ca, revokedKey, nil, "", "key is revoked"},
		{"revoked authority", "ann", revokedCA, key, nil, "", "authority is revoked"},
		{"source address", "ann", ca, key, critical(sourceAddress, "10.0.0.0/8,192.0.2.7"), "", ""},
		{"source address, mapped", "ann", ca, key, critical(sourceAddress, "192.0.2.0/24"), "::ffff:192.0.2.7", ""},
		{"other source address", "ann", ca, key, critical(sourceAddress, "10.0.0.0/8,192.0.2.8"), "", "source addresses"},
		{"empty source address", "ann", ca, key, critical(sourceAddress, ""), "", "source addresses"},
		{"source address that cannot be read", "ann", ca, key, critical(sourceAddress, "192.0.2.7,example.com"), "", "source addresses"},
		{"only SFTP", "ann", ca, key, critical(forceCommand, "internal-sftp"), "", ""},
		{"SFTP with options", "ann", ca, key, critical(forceCommand, "internal-sftp -R"), "", "for the command"},
		{"command", "ann", ca, key, critical(forceCommand, "/bin/true"), "", "for the command"},
		{"PIN", "ann", ca, key, critical("verify-required", ""), "", "unsupported critical option"},
		{"unknown option", "ann", ca, key, critical("x@example.com", "y"), "", "unsupported critical option"},
		{"extension", "ann", ca, key, func(c *ssh.Certificate) { c.Extensions = map[string]string{"permit-pty": "", "x": "y"} }, "", ""},
		{"password user", "password", ca, key, principals("password"), "", "takes no keys"},
		{"first of two factors", "both", ca, key, principals("both"), "", ""},
		{"fenced", "fenced", ca, key, principals("fenced"), "", "not in the user's networks"},
		{"fenced, from inside", "fenced", ca, key, principals("fenced"), "203.0.113.7", ""},
		{"own authority", "own", ownCA, key, principals("robot"), "", ""},
		{"own authority, the login", "own", ownCA, key, principals("own"), "", "none of the principals"},
		{"own authority, from elsewhere", "own", ownCA, key, principals("robot"), "198.51.100.1", "denied"},
		{"own authority of somebody else", "ann", ownCA, key, nil, "", "denied"},
		{"authority that has expired", "late", ownCA, key, principals("late"), "", "denied"},
		{"key that is no authority", "plain", ownCA, key, principals("plain"), "", "denied"},
		{"authority on two lines", "twice", ownCA, key, principals("twice"), "", ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			c := signed(t, test.ca, test.key, test.change)
			if strings.HasPrefix(test.name, "changed") {
				c.Serial++
			}
			from := client
			if test.from != "" {
				from = netip.MustParseAddr(test.from)
			}
			account, accepted, err := a.Key(t.Context(), Attempt{Login: test.login, From: from}, c)
			_, told := errors.AsType[*KeyError](err)
			switch {
			case test.want == "":
				want := Certificate{ID: "id", Serial: 7, Authority: ssh.FingerprintSHA256(test.ca.PublicKey())}
				if err != nil || account == nil || *accepted.Certificate != want || accepted.Fingerprint != ssh.FingerprintSHA256(test.key) {
					t.Errorf("%v, %+v, %v, want in", account, accepted, err)
				}
			case account != nil || accepted != nil || !errors.Is(err, ErrDenied):
				t.Errorf("%v, %+v, %v, want ErrDenied", account, accepted, err)
			case told != (test.want != "denied") || told && !strings.Contains(err.Error(), test.want):
				t.Errorf("%v, want %q", err, test.want)
			}
		})
	}
	// An authority is no key, and a key in a certificate is not the plain key.
	for _, login := range []string{"ann", "own"} {
		for _, k := range []ssh.Signer{ca, ownCA} {
			if _, _, err := a.Key(t.Context(), Attempt{Login: login, From: client}, k.PublicKey()); !errors.Is(err, ErrDenied) {
				t.Errorf("the authority itself logs in as %s: %v", login, err)
			}
		}
	}
}

// Time passes while the server runs.
func TestExpiry(t *testing.T) {
	key := newSigner(t)
	synctest.Test(t, func(t *testing.T) {
		// The bubble's clock starts at midnight of 2000-01-01 in UTC.
		a := mustNew(t, Account{Tenant: "t", Name: "ann", Keys: mustKeys(t, `expiry-time="20000101000010Z" `+authorizedLine(key.PublicKey()))})
		for _, step := range []struct {
			after time.Duration
			want  bool
		}{{0, true}, {10 * time.Second, true}, {time.Second, false}} {
			time.Sleep(step.after)
			if _, _, err := a.Key(t.Context(), Attempt{Login: "ann", From: client}, key.PublicKey()); (err == nil) != step.want {
				t.Errorf("at %v: %v, want in: %v", time.Now().UTC(), err, step.want)
			}
		}
		if weakness := a.byLogin["ANN"][0].account.Keys[0].Weakness(time.Now()); !strings.Contains(weakness, "has passed") {
			t.Errorf("weakness %q", weakness)
		}
	})
}

func TestParseExpiry(t *testing.T) {
	local := func(y int, m time.Month, d, h, min, s int) time.Time {
		return time.Date(y, m, d, h, min, s, 0, time.Local)
	}
	for text, want := range map[string]time.Time{
		"20300102":          local(2030, 1, 2, 0, 0, 0),
		"203001020304":      local(2030, 1, 2, 3, 4, 0),
		"20300102030405":    local(2030, 1, 2, 3, 4, 5),
		"20300102Z":         time.Date(2030, 1, 2, 0, 0, 0, 0, time.UTC),
		"203001020304z":     time.Date(2030, 1, 2, 3, 4, 0, 0, time.UTC),
		"20300102030405utc": time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC),
	} {
		if got, err := parseExpiry(text); err != nil || !got.Equal(want) {
			t.Errorf("%s = %v, %v, want %v", text, got, err, want)
		}
	}
}

func TestParseAuthoritiesRefuses(t *testing.T) {
	ca := newSigner(t).PublicKey()
	cert := signed(t, newSigner(t), ca, nil)
	for text, want := range map[string]string{
		"":                                       "no key",
		"cert-authority " + authorizedLine(ca):   "has no options",
		`from="192.0.2.1" ` + authorizedLine(ca): "has no options",
		authorizedLine(newRSASigner(t, 1024).PublicKey()): "2048 bits",
		authorizedLine(cert):                              "not taken",
	} {
		if _, err := ParseAuthorities(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want an error with %q", text, err, want)
		}
	}
}

func TestParseRevoked(t *testing.T) {
	key := newSigner(t).PublicKey()
	whole := ssh.FingerprintSHA256(key)
	cert := signed(t, newSigner(t), key, nil)
	for _, text := range []string{whole, "# gone\n" + whole + " ann (ED25519)", authorizedLine(key) + " ann", authorizedLine(cert)} {
		if r := mustRevoked(t, text); len(r) != 1 || !r.has(key) {
			t.Errorf("%q revokes %v", text, r)
		}
	}
	if r := mustRevoked(t, "# nothing yet\n"); len(r) != 0 {
		t.Errorf("nothing revokes %v", r)
	}
	for _, text := range []string{"hello", whole[:len(whole)-1], whole + "=", "SHA256:", "MD5:00"} {
		if _, err := ParseRevoked(text); err == nil {
			t.Errorf("%q is taken", text)
		}
	}
	a := mustNew(t, Account{Tenant: "t", Name: "ann", Keys: mustKeys(t, authorizedLine(key)), Revoked: mustRevoked(t, whole)})
	if _, _, err := a.Key(t.Context(), Attempt{Login: "ann", From: client}, key); !errors.Is(err, ErrDenied) || !strings.Contains(err.Error(), "revoked") {
		t.Errorf("a revoked key: %v", err)
	}
}

// Nothing that stands in a configuration, or that a client sends, ends the
// process, and what is taken is what is written.
func FuzzAuthorized(f *testing.F) {
	// The same key each time, so that what was found is found again.
	seed := sha256.Sum256(nil)
	key := authorizedLine(signerOf(f, ed25519.NewKeyFromSeed(seed[:])).PublicKey())
	for _, options := range []string{
		"", `from="192.0.2.0/24,!192.0.2.66,10.?.*" `, `cert-authority,principals="a,b" `, `expiry-time="20300101Z",restrict `,
		`command="internal-sftp" `, `from="\"" `, `from="[" `, `from=" `, `no-pty,,`,
	} {
		f.Add(options+key, "ann")
	}
	f.Fuzz(func(t *testing.T, text, login string) {
		_, _ = ParseRevoked(text)
		authorities, err := ParseAuthorities(text)
		if err == nil && len(authorities) == 0 {
			t.Error("no authority, and no error")
		}
		keys, err := ParseKeys(text)
		if err != nil {
			return
		}
		a := mustNew(t, Account{Tenant: "t", Name: "ann", Keys: keys})
		for _, k := range keys {
			_ = k.Weakness(time.Now())
			_, _, err := a.Key(t.Context(), Attempt{Login: login, From: client}, k.public)
			if err == nil && len(keys) == 1 && (k.authority || strings.HasPrefix(text, "cert-authority ")) {
				t.Error("an authority lets in")
			}
			if err == nil && Fold(login) != "ANN" && Fold(login) != "T/ANN" && Fold(login) != "ANN@T" {
				t.Errorf("%q is let in", login)
			}
		}
	})
}
