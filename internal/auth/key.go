package auth

import (
	"bytes"
	"crypto/rsa"
	"crypto/subtle"
	"fmt"
	"net/netip"
	"path"
	"strings"
	"time"

	"golang.org/x/crypto/ssh"
)

// The least that an RSA key of a user or an authority must have, and the least
// that is as strong as the other types are: NIST's strength of 128 bits.
const (
	minRSABits    = 2048
	strongRSABits = 3072
)

// Key is a public key that lets a user in, or, of an authority, one whose
// certificates do.
type Key struct {
	public ssh.PublicKey
	// blob is the key as SSH writes it (RFC 4253, 6.6).
	blob []byte
	// authority is true of a key that signs certificates, and lets no user in
	// by itself.
	authority bool
	// principals, when there are any, are what the authority's certificates
	// must name, instead of what the account says.
	principals []string
	// noTouch lets a FIDO key sign without being touched.
	noTouch bool
	// from are the patterns of the option from, nil when there is none.
	from []string
	// until is the last second in which the key counts, zero when there is none.
	until time.Time
}

// String names the key by its type and fingerprint.
func (k Key) String() string { return k.public.Type() + " " + ssh.FingerprintSHA256(k.public) }

// IsAuthority reports whether it is the key's certificates that let the user in,
// and not the key.
func (k Key) IsAuthority() bool { return k.authority }

// Until returns the last second in which the key counts, zero when there is none.
func (k Key) Until() time.Time { return k.until }

// Weakness says what speaks against a key that is taken nevertheless, "" when
// nothing does.
func (k Key) Weakness(now time.Time) string {
	switch bits := RSABits(k.public); {
	case !k.until.IsZero() && now.After(k.until):
		return "its expiry-time has passed, it lets nobody in"
	case bits > 0 && bits < strongRSABits:
		return fmt.Sprintf("it is an RSA key of %d bits; %d are as strong as the other types, Ed25519 is best", bits, strongRSABits)
	}
	return ""
}

func checkKey(public ssh.PublicKey) error {
	switch public.Type() {
	case ssh.KeyAlgoED25519, ssh.KeyAlgoSKED25519, ssh.KeyAlgoSKECDSA256,
		ssh.KeyAlgoECDSA256, ssh.KeyAlgoECDSA384, ssh.KeyAlgoECDSA521:
		return nil
	case ssh.KeyAlgoRSA:
		if RSABits(public) < minRSABits {
			return fmt.Errorf("an RSA key needs %d bits", minRSABits)
		}
		return nil
	default:
		return fmt.Errorf("keys of the type %s are not taken", public.Type())
	}
}

// RSABits returns the length of an RSA key, 0 for every other one.
func RSABits(public ssh.PublicKey) int {
	if c, ok := public.(ssh.CryptoPublicKey); ok {
		if k, ok := c.CryptoPublicKey().(*rsa.PublicKey); ok {
			return k.N.BitLen()
		}
	}
	return 0
}

// is reports whether the key is the one that SSH writes as blob, and may be used
// from there and now.
func (k *Key) is(blob []byte, from netip.Addr, now time.Time) bool {
	same := len(k.blob) == len(blob) && subtle.ConstantTimeCompare(k.blob, blob) == 1
	return same && (k.until.IsZero() || !now.After(k.until)) && k.allows(from)
}

// whyNot says why a key is not accepted. A key of the user that has expired, or is for
// other addresses, is worth a line in the log of its own.
func (e *entry) whyNot(key ssh.PublicKey, now time.Time) error {
	blob := key.Marshal()
	for i := range e.account.Keys {
		k := &e.account.Keys[i]
		switch {
		case k.authority || !bytes.Equal(k.blob, blob):
		case !k.until.IsZero() && now.After(k.until):
			return &KeyError{"key " + ssh.FingerprintSHA256(key), errExpired}
		default:
			return &KeyError{"key " + ssh.FingerprintSHA256(key), errElsewhere}
		}
	}
	return unknownKey
}

// allows reports whether the key may be used from there: a pattern must match,
// and no negated one.
func (k *Key) allows(from netip.Addr) bool {
	if k.from == nil {
		return true
	}
	from = from.Unmap().WithZone("")
	allowed := false
	for _, pattern := range k.from {
		bare, negated := strings.CutPrefix(pattern, "!")
		if !matchesAddr(bare, from) {
			continue
		}
		if negated {
			return false
		}
		allowed = true
	}
	return allowed
}

func matchesAddr(pattern string, a netip.Addr) bool {
	if p, err := netip.ParsePrefix(pattern); err == nil {
		return Unmap(p).Contains(a)
	}
	if p, err := netip.ParseAddr(pattern); err == nil {
		return p.Unmap() == a
	}
	ok, err := path.Match(pattern, a.String())
	return err == nil && ok
}
