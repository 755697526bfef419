package sftp_test

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"io"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"

	"github.com/tidegate/tidegate/frontends/sftp"
)

// certified returns key with a certificate by ca for all users of the gate,
// valid for an hour around now, after the changes.
func (g *gate) certified(t *testing.T, ca, key ssh.Signer, change func(*ssh.Certificate)) ssh.Signer {
	t.Helper()
	now := time.Now()
	c := &ssh.Certificate{
		Key: key.PublicKey(), KeyId: "laptop 7", Serial: 42, CertType: ssh.UserCert,
		ValidPrincipals: []string{"any", "password", "key", "both", "fenced"},
		ValidAfter:      uint64(now.Add(-time.Hour).Unix()), ValidBefore: uint64(now.Add(time.Hour).Unix()),
	}
	if change != nil {
		change(c)
	}
	if err := c.SignCert(rand.Reader, ca); err != nil {
		t.Fatal(err)
	}
	signer, err := ssh.NewCertSigner(c, key)
	if err != nil {
		t.Fatal(err)
	}
	return signer
}

// fido signs as a FIDO key does (OpenSSH, PROTOCOL.u2f), touched or not.
type fido struct {
	private ed25519.PrivateKey
	touched bool
}

const fidoApplication = "ssh:"

func (k fido) PublicKey() ssh.PublicKey {
	public, err := ssh.ParsePublicKey(ssh.Marshal(struct {
		Type        string
		Key         []byte
		Application string
	}{ssh.KeyAlgoSKED25519, k.private.Public().(ed25519.PublicKey), fidoApplication}))
	if err != nil {
		panic(err)
	}
	return public
}

func (k fido) Sign(_ io.Reader, data []byte) (*ssh.Signature, error) {
	said := make([]byte, 5) // flags and a counter
	if k.touched {
		said[0] = 1
	}
	application, message := sha256.Sum256([]byte(fidoApplication)), sha256.Sum256(data)
	signed := slices.Concat(application[:], said, message[:])
	return &ssh.Signature{Format: ssh.KeyAlgoSKED25519, Blob: ed25519.Sign(k.private, signed), Rest: said}, nil
}

func newFIDO(t *testing.T, touched bool) fido {
	t.Helper()
	_, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return fido{private, touched}
}

func TestCertificates(t *testing.T) {
	var log lines
	g := startGate(t, func(o *sftp.Options) { o.Log = slog.New(slog.NewTextHandler(&log, nil)) })
	key := newSigner(t)
	from := func(list string) func(*ssh.Certificate) {
		return func(c *ssh.Certificate) { c.CriticalOptions = map[string]string{"source-address": list} }
	}
	rsaSigner, err := ssh.NewSignerFromKey(rsaKey(t, 2048))
	if err != nil {
		t.Fatal(err)
	}
	sha1, err := ssh.NewSignerWithAlgorithms(rsaSigner.(ssh.AlgorithmSigner), []string{ssh.KeyAlgoRSA})
	if err != nil {
		t.Fatal(err)
	}
	good := g.certified(t, g.ca, key, nil)
	there, elsewhere := g.certified(t, g.ca, key, from("127.0.0.0/8,::1")), g.certified(t, g.ca, key, from("192.0.2.0/24"))
	expired := g.certified(t, g.ca, key, func(c *ssh.Certificate) { c.ValidBefore = c.ValidAfter + 1 })
	pw := ssh.Password("pw")
	tests := []struct {
		name, user string
		key        ssh.Signer
		more       ssh.AuthMethod
		want       bool
	}{
		{"certificate", "any", good, nil, true},
		{"RSA", "any", g.certified(t, g.ca, rsaSigner, nil), nil, true},
		{"RSA that signs with SHA-1", "any", g.certified(t, g.ca, sha1, nil), nil, false},
		{"only the password", "password", good, nil, false},
		{"only a key", "key", good, nil, true},
		{"both, only the certificate", "both", good, nil, false},
		{"both", "both", good, pw, true},
		{"both, wrong password", "both", good, ssh.Password("wrong"), false},
		{"both, expired certificate", "both", expired, pw, false},
		{"both, from here", "both", there, pw, true},
		// The library looks at source addresses of whole logins only.
		{"both, from elsewhere", "both", elsewhere, pw, false},
		{"from here", "any", there, nil, true},
		{"from elsewhere", "any", elsewhere, nil, false},
		{"expired", "any", expired, nil, false},
		{"FIDO", "any", g.certified(t, g.ca, newFIDO(t, true), nil), nil, true},
		{"FIDO, not touched", "any", g.certified(t, g.ca, newFIDO(t, false), nil), nil, false},
		{"FIDO, not touched, as the authority allows", "any", g.certified(t, g.ca, newFIDO(t, false), func(c *ssh.Certificate) {
			c.Extensions = map[string]string{"no-touch-required": ""}
		}), nil, true},
		{"by a FIDO key that is no authority", "any", g.certified(t, newFIDO(t, true), key, nil), nil, false},
		{"unknown", "nobody", good, nil, false},
		{"other authority", "any", g.certified(t, key, key, nil), nil, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			methods := []ssh.AuthMethod{ssh.PublicKeys(test.key)}
			if test.more != nil {
				methods = append(methods, test.more)
			}
			c, err := ssh.Dial("tcp", g.addr, clientConfig(test.user, methods...))
			if err == nil {
				defer c.Close()
			}
			if (err == nil) != test.want {
				t.Errorf("login: %v, want in: %v", err, test.want)
			}
		})
	}
	// The log has the user that logged in, and why a certificate was refused.
	ca := ssh.FingerprintSHA256(g.ca.PublicKey())
	for _, want := range []string{
		`method=publickey client=`,
		`key=` + ssh.FingerprintSHA256(key.PublicKey()) + ` cert_id="laptop 7" cert_serial=42 ca=` + ca,
		`level=WARN msg="login refused"`,
		`serial 42, of ` + ca + `: ssh: cert has expired`,
	} {
		if len(log.about(want)) == 0 {
			t.Errorf("no %s in the log:\n%s", want, strings.Join(log.about(""), ""))
		}
	}
}
