package sftp_test

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/crypto/bcrypt"
	"golang.org/x/crypto/ssh"

	"github.com/tidegate/tidegate/backends/memory"
	"github.com/tidegate/tidegate/frontends/sftp"
	"github.com/tidegate/tidegate/internal/auth"
	"github.com/tidegate/tidegate/internal/tenant"
	"github.com/tidegate/tidegate/vfs"
	"github.com/tidegate/tidegate/vfs/vfstest/patience"
)

// gate is a server whose logins are tried.
type gate struct {
	addr   string
	key    ssh.Signer
	server *sftp.Server
	stop   func()
	// ca is the authority of the tenant.
	ca ssh.Signer
}

// startGate serves the users any, password, key, both and fenced, all with the
// password "pw", one key and one authority.
func startGate(t *testing.T, change func(*sftp.Options)) *gate {
	t.Helper()
	signer, ca := newSigner(t), newSigner(t)
	authorities, err := auth.ParseAuthorities(string(ssh.MarshalAuthorizedKey(ca.PublicKey())))
	if err != nil {
		t.Fatal(err)
	}
	hash, err := bcrypt.GenerateFromPassword([]byte("pw"), bcrypt.MinCost)
	if err != nil {
		t.Fatal(err)
	}
	view, err := vfs.NewView(vfs.ViewOptions{Mounts: []vfs.Mount{{Backend: memory.New()}}, Allow: vfs.PermAll})
	if err != nil {
		t.Fatal(err)
	}
	line := string(ssh.MarshalAuthorizedKey(signer.PublicKey()))
	var accounts []auth.Account
	for name, factors := range map[string]auth.Factors{
		"any": auth.EitherFactor, "password": auth.PasswordOnly, "key": auth.KeyOnly, "both": auth.KeyThenPassword, "fenced": auth.KeyOnly,
	} {
		text := line
		if name == "fenced" {
			text = `from="192.0.2.0/24" ` + line
		}
		keys, err := auth.ParseKeys(text)
		if err != nil {
			t.Fatal(err)
		}
		accounts = append(accounts, auth.Account{
			Tenant: "t", Name: name, PasswordHash: string(hash), Keys: append(keys, authorities...), Factors: factors, User: &tenant.User{View: view},
		})
	}
	authenticator, err := auth.New(accounts)
	if err != nil {
		t.Fatal(err)
	}
	o := sftp.Options{Listen: "127.0.0.1:0", HostKeys: []ssh.Signer{newHostKey(t)}, Auth: authenticator, LoginDelay: time.Millisecond}
	if change != nil {
		change(&o)
	}
	server, err := sftp.New(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	served := make(chan error, 1)
	go func() { served <- server.Serve(ctx) }()
	stop := sync.OnceFunc(func() {
		cancel()
		if err := <-served; err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(stop)
	return &gate{addr: server.Addr().String(), key: signer, server: server, stop: stop, ca: ca}
}

func newSigner(t *testing.T) ssh.Signer {
	t.Helper()
	_, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	signer, err := ssh.NewSignerFromKey(private)
	if err != nil {
		t.Fatal(err)
	}
	return signer
}

// typed answers every prompt with the password, and fails where there is not one.
func typed(password string) ssh.AuthMethod {
	return ssh.KeyboardInteractive(func(_, _ string, questions []string, echos []bool) ([]string, error) {
		if len(questions) != 1 || questions[0] != "Password: " || echos[0] {
			return nil, errors.New("other prompts than the one for the password")
		}
		return []string{password}, nil
	})
}

func TestLogin(t *testing.T) {
	g := startGate(t, nil)
	otherKey := newSigner(t)
	pw, wrong := ssh.Password("pw"), ssh.Password("wrong")
	key, other := ssh.PublicKeys(g.key), ssh.PublicKeys(otherKey)
	proofs := func(m ...ssh.AuthMethod) []ssh.AuthMethod { return m }
	tests := []struct {
		name, user string
		proofs     []ssh.AuthMethod
		want       bool
	}{
		{"password", "any", proofs(pw), true},
		{"key", "any", proofs(key), true},
		{"other key", "any", proofs(other), false},
		{"other key, then password", "any", proofs(other, pw), true},
		{"many keys, one of them right", "any", proofs(ssh.PublicKeys(otherKey, g.key)), true},
		{"nothing", "any", nil, false},
		{"tenant and case", "T/Any", proofs(key), true},
		{"unknown", "nobody", proofs(key, pw), false},
		{"only password, by password", "password", proofs(pw), true},
		{"only password, by key", "password", proofs(key), false},
		{"only key, by key", "key", proofs(key), true},
		{"only key, by password", "key", proofs(pw), false},
		{"both", "both", proofs(key, pw), true},
		{"both, only the key", "both", proofs(key), false},
		{"both, only the password", "both", proofs(pw), false},
		{"both, wrong password", "both", proofs(key, wrong), false},
		{"both, other key", "both", proofs(other, pw), false},
		{"from elsewhere", "fenced", proofs(key), false},
		{"prompt", "any", proofs(typed("pw")), true},
		{"prompt, wrong", "any", proofs(typed("wrong")), false},
		{"prompt, empty", "any", proofs(typed("")), false},
		{"prompt, wrong, then password", "any", proofs(typed("wrong"), pw), true},
		{"prompt, unknown", "nobody", proofs(typed("pw")), false},
		{"prompt, only key", "key", proofs(typed("pw")), false},
		{"prompt, both", "both", proofs(key, typed("pw")), true},
		{"prompt, both, wrong", "both", proofs(key, typed("wrong")), false},
		{"prompt, both, without the key", "both", proofs(typed("pw")), false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			c, err := ssh.Dial("tcp", g.addr, clientConfig(test.user, test.proofs...))
			if err == nil {
				defer c.Close()
			}
			if (err == nil) != test.want {
				t.Errorf("login: %v, want in: %v", err, test.want)
			}
		})
	}
}

func TestLoginTries(t *testing.T) {
	g := startGate(t, func(o *sftp.Options) { o.MaxLoginTries, o.LoginDelay = 3, 50*time.Millisecond })
	start := time.Now()
	tries := 0
	guess := ssh.RetryableAuthMethod(ssh.PasswordCallback(func() (string, error) {
		tries++
		return "wrong", nil
	}), 2)
	// Passwords at the prompt are no tries of their own.
	prompted := ssh.RetryableAuthMethod(ssh.KeyboardInteractive(func(_, _ string, questions []string, _ []bool) ([]string, error) {
		tries += len(questions)
		return []string{"wrong"}, nil
	}), 100)
	if c, err := ssh.Dial("tcp", g.addr, clientConfig("any", guess, prompted)); err == nil {
		_ = c.Close()
		t.Error("a wrong password lets in")
	}
	if tries != 3 {
		t.Errorf("%d passwords were tried, want 3", tries)
	}
	// 50, 100 and 200 ms.
	if took := time.Since(start); took < 350*time.Millisecond {
		t.Errorf("three passwords were tried in %v", took)
	}
}

// A client that does not log in is cut, and delays only others like it.
func TestUnfinishedLogins(t *testing.T) {
	g := startGate(t, func(o *sftp.Options) {
		o.LoginTimeout = patience.Scale(2 * time.Second)
		o.MaxLogins = 2
	})
	silent := make([]net.Conn, 3)
	for i := range silent {
		c, err := net.Dial("tcp", g.addr)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		silent[i] = c
	}
	for i, c := range silent {
		_ = c.SetReadDeadline(time.Now().Add(patience.Limit()))
		if _, err := io.ReadAll(c); errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("connection %d is still there", i)
		}
	}
	c, err := ssh.Dial("tcp", g.addr, clientConfig("any", ssh.Password("pw")))
	if err != nil {
		t.Fatalf("login after them: %v", err)
	}
	_ = c.Close()
}

func TestAlgorithms(t *testing.T) {
	rsaHost, err := ssh.NewSignerFromKey(rsaKey(t, 3072))
	if err != nil {
		t.Fatal(err)
	}
	onlyRSA := func(o *sftp.Options) { o.HostKeys = []ssh.Signer{rsaHost} }
	modern := startGate(t, onlyRSA)
	legacy := startGate(t, func(o *sftp.Options) {
		onlyRSA(o)
		o.Legacy = true
	})
	with := func(change func(*ssh.ClientConfig)) *ssh.ClientConfig {
		c := clientConfig("any", ssh.Password("pw"))
		change(c)
		return c
	}
	kex := func(name string) *ssh.ClientConfig {
		return with(func(c *ssh.ClientConfig) { c.KeyExchanges = []string{name} })
	}
	cipher := func(name string) *ssh.ClientConfig {
		return with(func(c *ssh.ClientConfig) { c.Ciphers = []string{name} })
	}
	mac := func(name string) *ssh.ClientConfig {
		return with(func(c *ssh.ClientConfig) {
			c.Ciphers, c.MACs = []string{ssh.CipherAES128CTR}, []string{name}
		})
	}
	host := func(name string) *ssh.ClientConfig {
		return with(func(c *ssh.ClientConfig) { c.HostKeyAlgorithms = []string{name} })
	}
	tests := []struct {
		name             string
		client           *ssh.ClientConfig
		inModern, inLega bool
	}{
		{"ML-KEM", kex(ssh.KeyExchangeMLKEM768X25519), true, true},
		{"curve25519", kex(ssh.KeyExchangeCurve25519), true, true},
		{"group14 with SHA-1", kex(ssh.InsecureKeyExchangeDH14SHA1), false, true},
		{"group1", kex(ssh.InsecureKeyExchangeDH1SHA1), false, false},
		{"GCM", cipher(ssh.CipherAES256GCM), true, true},
		{"CTR", cipher(ssh.CipherAES192CTR), true, true},
		{"ChaCha20", cipher(ssh.CipherChaCha20Poly1305), false, false},
		{"CBC", cipher(ssh.InsecureCipherAES128CBC), false, false},
		{"RC4", cipher(ssh.InsecureCipherRC4), false, false},
		{"SHA-2", mac(ssh.HMACSHA512ETM), true, true},
		{"SHA-1", mac(ssh.HMACSHA1), false, true},
		{"host key with SHA-2", host(ssh.KeyAlgoRSASHA256), true, true},
		{"host key with SHA-1", host(ssh.KeyAlgoRSA), false, true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			for server, want := range map[*gate]bool{modern: test.inModern, legacy: test.inLega} {
				c, err := ssh.Dial("tcp", server.addr, test.client)
				if err == nil {
					_ = c.Close()
				} else if !strings.Contains(err.Error(), "no common algorithm") {
					t.Errorf("legacy: %v: %v", server == legacy, err)
				}
				if (err == nil) != want {
					t.Errorf("legacy: %v: %v, want in: %v", server == legacy, err, want)
				}
			}
		})
	}
}
