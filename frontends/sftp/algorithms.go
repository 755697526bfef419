package sftp

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/crypto/ssh"

	"github.com/tidegate/tidegate/internal/auth"
)

// minHostRSABits is the least that an RSA host key must have: NIST's strength
// of 128 bits, as all the other algorithms have.
const minHostRSABits = 3072

// algorithms returns the algorithms that are offered. Post-quantum key exchange and AES-GCM come
// first; the client's order decides. The only finite-field group is the smallest that is sound,
// because any client can make the server compute an exchange. SHA-1 is offered only with
// legacy, and CBC is never offered. ChaCha20 is left out: without assembly on amd64 it costs
// three times what AES does, and OpenSSH would prefer it.
func algorithms(legacy bool) ssh.Config {
	c := ssh.Config{
		KeyExchanges: []string{
			ssh.KeyExchangeMLKEM768X25519, ssh.KeyExchangeCurve25519,
			ssh.KeyExchangeECDHP256, ssh.KeyExchangeECDHP384, ssh.KeyExchangeECDHP521,
			ssh.KeyExchangeDH14SHA256,
		},
		Ciphers: []string{
			ssh.CipherAES128GCM, ssh.CipherAES256GCM, ssh.CipherAES128CTR, ssh.CipherAES192CTR, ssh.CipherAES256CTR,
		},
		MACs: []string{ssh.HMACSHA256ETM, ssh.HMACSHA512ETM, ssh.HMACSHA256, ssh.HMACSHA512},
	}
	if legacy {
		c.KeyExchanges = append(c.KeyExchanges, ssh.InsecureKeyExchangeDH14SHA1)
		c.MACs = append(c.MACs, ssh.HMACSHA1)
	}
	return c
}

// userKeyAlgorithms are the signatures that users may log in with.
func userKeyAlgorithms(legacy bool) []string {
	all := []string{
		ssh.KeyAlgoED25519, ssh.KeyAlgoSKED25519, ssh.KeyAlgoSKECDSA256,
		ssh.KeyAlgoECDSA256, ssh.KeyAlgoECDSA384, ssh.KeyAlgoECDSA521,
		ssh.KeyAlgoRSASHA256, ssh.KeyAlgoRSASHA512,
	}
	if legacy {
		all = append(all, ssh.KeyAlgoRSA)
	}
	return all
}

// ParseHostKey reads a private key as ssh-keygen writes it, and refuses the ones
// that are too weak.
func ParseHostKey(text []byte) (ssh.Signer, error) {
	signer, err := ssh.ParsePrivateKey(text)
	if _, locked := errors.AsType[*ssh.PassphraseMissingError](err); locked {
		return nil, errors.New("it is protected by a passphrase, and nobody is there to type it")
	}
	if err != nil {
		return nil, errors.New("it is not a private key as ssh-keygen writes it")
	}
	switch t := signer.PublicKey().Type(); t {
	case ssh.KeyAlgoED25519, ssh.KeyAlgoECDSA256, ssh.KeyAlgoECDSA384, ssh.KeyAlgoECDSA521:
		return signer, nil
	case ssh.KeyAlgoRSA:
		if bits := auth.RSABits(signer.PublicKey()); bits < minHostRSABits {
			return nil, fmt.Errorf("it is an RSA key of %d bits, %d are the least", bits, minHostRSABits)
		}
		return signer, nil
	default:
		return nil, fmt.Errorf("keys of the type %s are not taken", t)
	}
}

// Fingerprint reads a host key of a file and returns its type and its fingerprint,
// as clients show them: "ssh-ed25519" and "SHA256:…".
func Fingerprint(file string) (algorithm, fingerprint string, err error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return "", "", err
	}
	signer, err := ParseHostKey(text)
	if err != nil {
		return "", "", fmt.Errorf("%s: %w", file, err)
	}
	return signer.PublicKey().Type(), ssh.FingerprintSHA256(signer.PublicKey()), nil
}

// hostKey restricts what a host key signs with: an RSA key signs with SHA-2,
// and by ssh-rsa, which is SHA-1, only with legacy.
func hostKey(signer ssh.Signer, legacy bool) (ssh.Signer, error) {
	all, ok := signer.(ssh.AlgorithmSigner)
	if !ok || signer.PublicKey().Type() != ssh.KeyAlgoRSA {
		return signer, nil
	}
	algorithms := []string{ssh.KeyAlgoRSASHA512, ssh.KeyAlgoRSASHA256}
	if legacy {
		algorithms = append(algorithms, ssh.KeyAlgoRSA)
	}
	return ssh.NewSignerWithAlgorithms(all, algorithms)
}

// EnsureHostKey makes an Ed25519 host key in a file, unless the file is there:
// for trying things out, and for tests.
func EnsureHostKey(file string) error {
	return ensureHostKey(file, func() (crypto.PrivateKey, error) {
		_, private, err := ed25519.GenerateKey(rand.Reader)
		return private, err
	})
}

// EnsureECDSAHostKey is EnsureHostKey for an ECDSA key, for clients that do not
// know Ed25519.
func EnsureECDSAHostKey(file string) error {
	return ensureHostKey(file, func() (crypto.PrivateKey, error) { return ecdsa.GenerateKey(elliptic.P256(), rand.Reader) })
}

func ensureHostKey(file string, generate func() (crypto.PrivateKey, error)) error {
	if _, err := os.Stat(file); err == nil {
		return nil
	}
	private, err := generate()
	if err != nil {
		return err
	}
	block, err := ssh.MarshalPrivateKey(private, "tidegate")
	if err != nil {
		return err
	}
	// A reader of the file sees a whole key. CreateTemp makes it private.
	f, err := os.CreateTemp(filepath.Dir(file), filepath.Base(file)+".*")
	if err != nil {
		return err
	}
	_, err = f.Write(pem.EncodeToMemory(block))
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(f.Name(), file)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return nil
}
