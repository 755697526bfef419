package auth

import (
	"context"
	"crypto/rsa"
	"crypto/subtle"
	"errors"
	"fmt"
	"net/netip"
	"path"
	"strings"

	"golang.org/x/crypto/ssh"
)

// minRSABits is the least that a user's RSA key must have.
const minRSABits = 2048

// Key is a public key that lets a user in.
type Key struct {
	// Blob is the key as SSH writes it (RFC 4253, 6.6).
	Blob []byte
	// NoTouch lets a FIDO key sign without being touched.
	NoTouch bool
	// from are the patterns of the option from, nil when there is none.
	from []string
}

// ParseKeys reads lines as in authorized_keys. An option that restricts what
// is not offered here anyway is taken; one that we would have to honour and do
// not is an error, as no restriction may be overlooked.
func ParseKeys(text string) ([]Key, error) {
	var keys []Key
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		k, err := parseKey(line)
		if err != nil {
			return nil, err
		}
		keys = append(keys, k)
	}
	if len(keys) == 0 {
		return nil, errors.New("there is no key in it")
	}
	return keys, nil
}

func parseKey(line string) (Key, error) {
	public, _, options, _, err := ssh.ParseAuthorizedKey([]byte(line))
	if err != nil {
		return Key{}, errors.New("it is not a line of authorized_keys")
	}
	if err := checkKey(public); err != nil {
		return Key{}, err
	}
	k := Key{Blob: public.Marshal()}
	for _, o := range options {
		name, value, _ := strings.Cut(o, "=")
		switch strings.ToLower(name) {
		case "from":
			if k.from, err = parseFrom(strings.Trim(value, `"`)); err != nil {
				return Key{}, err
			}
		case "no-touch-required":
			k.NoTouch = true
		case "restrict", "no-pty", "no-port-forwarding", "no-agent-forwarding", "no-x11-forwarding", "no-user-rc":
			// None of this is offered.
		default:
			return Key{}, fmt.Errorf("the option %s is not honoured here", name)
		}
	}
	return k, nil
}

func checkKey(public ssh.PublicKey) error {
	switch public.Type() {
	case ssh.KeyAlgoED25519, ssh.KeyAlgoSKED25519, ssh.KeyAlgoSKECDSA256,
		ssh.KeyAlgoECDSA256, ssh.KeyAlgoECDSA384, ssh.KeyAlgoECDSA521:
		return nil
	case ssh.KeyAlgoRSA:
		c, ok := public.(ssh.CryptoPublicKey)
		if !ok {
			return errors.New("the RSA key cannot be read")
		}
		if k, ok := c.CryptoPublicKey().(*rsa.PublicKey); !ok || k.N.BitLen() < minRSABits {
			return fmt.Errorf("an RSA key needs %d bits", minRSABits)
		}
		return nil
	default:
		return fmt.Errorf("keys of the type %s are not taken", public.Type())
	}
}

// parseFrom checks the patterns of from: addresses, networks, and addresses
// with * and ?, each of which may be negated with "!". Names of hosts are not
// looked up, and refused.
func parseFrom(text string) ([]string, error) {
	var patterns []string
	for pattern := range strings.SplitSeq(text, ",") {
		pattern = strings.TrimSpace(pattern)
		bare := strings.TrimPrefix(pattern, "!")
		_, errAddr := netip.ParseAddr(bare)
		_, errNet := netip.ParsePrefix(bare)
		wild := bare != "" && strings.ContainsAny(bare, "*?") && strings.Trim(bare, "0123456789abcdefABCDEF.:*?") == ""
		if errAddr != nil && errNet != nil && !wild {
			return nil, fmt.Errorf("from has %q, which is neither an address nor a network; names are not looked up", pattern)
		}
		patterns = append(patterns, pattern)
	}
	return patterns, nil
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

// Factors say what a user must prove to be let in.
type Factors uint8

// The factors. A protocol without keys lets in only whom a password suffices.
const (
	// EitherFactor: a key or the password, whichever the account has.
	EitherFactor Factors = iota
	PasswordOnly
	KeyOnly
	// KeyThenPassword: both, the key first.
	KeyThenPassword
)

// Key returns the account that login and public key belong to, or ErrDenied.
// That the client has the private key is for the caller to see. When the account
// wants KeyThenPassword, the user is not let in before PasswordAfterKey.
func (a *Authenticator) Key(login string, blob []byte, from netip.Addr) (*Account, *Key, error) {
	e := a.byLogin[Fold(login)]
	if e == nil || !possibleLogin(login) || !e.allows(from) || e.account.Factors == PasswordOnly {
		return nil, nil, ErrDenied
	}
	var found *Key
	for i := range e.account.Keys {
		k := &e.account.Keys[i]
		if len(k.Blob) == len(blob) && subtle.ConstantTimeCompare(k.Blob, blob) == 1 && k.allows(from) {
			found = k
		}
	}
	if found == nil {
		return nil, nil, ErrDenied
	}
	return &e.account, found, nil
}

// PasswordAfterKey is Password for a user who has proven one of his keys.
func (a *Authenticator) PasswordAfterKey(ctx context.Context, login, password string, from netip.Addr) (*Account, error) {
	return a.password(ctx, login, password, from, KeyThenPassword)
}
