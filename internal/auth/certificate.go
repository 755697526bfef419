package auth

import (
	"errors"
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"
	"time"

	"golang.org/x/crypto/ssh"
)

// Certificate says whose and which a certificate is (OpenSSH, PROTOCOL.certkeys).
type Certificate struct {
	// ID and Serial are what the authority calls it.
	ID     string
	Serial uint64
	// Authority is the fingerprint of the key that signed it.
	Authority string
}

func (c *Certificate) String() string {
	return fmt.Sprintf("certificate %q, serial %d, of %s", c.ID, c.Serial, c.Authority)
}

// The critical options that are honoured. A certificate with any other one is
// refused.
const (
	sourceAddress = "source-address"
	forceCommand  = "force-command"
)

// certificate returns what the certificate proves to the account. An authority
// may be trusted on several lines, one of which has to do.
func (e *entry) certificate(c *ssh.Certificate, from netip.Addr, now time.Time) (*AcceptedKey, error) {
	about := Certificate{ID: c.KeyId, Serial: c.Serial, Authority: ssh.FingerprintSHA256(c.SignatureKey)}
	authority := c.SignatureKey.Marshal()
	var reason error = noSigner
	for i := range e.account.Keys {
		k := &e.account.Keys[i]
		if !k.is(authority, from, now) || !k.authority {
			continue
		}
		// Only what the authority has signed gets into the log.
		if !genuine(c) {
			return nil, ErrDenied
		}
		err := e.checkCertificate(c, k, from, now)
		if err == nil {
			return &AcceptedKey{Fingerprint: ssh.FingerprintSHA256(c.Key), Certificate: &about}, nil
		}
		reason = &KeyError{about.String(), err}
	}
	return nil, reason
}

// genuine reports whether the authority that the certificate names has signed it.
// The library checks the signature last, so all other checks are made to pass.
func genuine(c *ssh.Certificate) bool {
	checker := ssh.CertChecker{
		SupportedCriticalOptions: slices.Collect(maps.Keys(c.CriticalOptions)),
		Clock:                    func() time.Time { return time.Unix(int64(c.ValidAfter), 0) },
	}
	return checker.CheckCert(firstOf(c.ValidPrincipals), c) == nil
}

// firstOf returns a principal of a certificate, "" where it has none.
func firstOf(principals []string) string {
	if len(principals) == 0 {
		return ""
	}
	return principals[0]
}

// checkCertificate reports why a certificate of the authority does not let the
// user in. The library would accept certificates without principals for every user,
// and those of hosts for users.
func (e *entry) checkCertificate(c *ssh.Certificate, authority *Key, from netip.Addr, now time.Time) error {
	switch {
	case c.CertType != ssh.UserCert:
		return errors.New("it is not a user's")
	case len(c.ValidPrincipals) == 0:
		return errors.New("it names nobody")
	case c.Signature.Format == ssh.KeyAlgoRSA:
		return errors.New("the authority signed it with SHA-1")
	case e.account.Revoked.has(c.Key):
		return errors.New("its key is revoked")
	case e.account.Revoked.has(c.SignatureKey):
		return errors.New("the authority is revoked")
	}
	if err := checkKey(c.Key); err != nil {
		return err
	}
	checker := ssh.CertChecker{
		SupportedCriticalOptions: []string{sourceAddress, forceCommand},
		Clock:                    func() time.Time { return now },
	}
	// Which of its names has to be the user's is not for the library to say.
	if err := checker.CheckCert(firstOf(c.ValidPrincipals), c); err != nil {
		return err
	}
	if !slices.ContainsFunc(c.ValidPrincipals, func(name string) bool { return e.goesBy(name, authority) }) {
		return fmt.Errorf("none of the principals %q is the user's", c.ValidPrincipals)
	}
	if command, ok := c.CriticalOptions[forceCommand]; ok && command != onlySFTP {
		return fmt.Errorf("it is for the command %q alone", command)
	}
	if sources, ok := c.CriticalOptions[sourceAddress]; ok && !comesFrom(from, sources) {
		return fmt.Errorf("it is for the source addresses %q alone", sources)
	}
	return nil
}

// goesBy reports whether a certificate of the authority with this principal is for the user. The
// principals on the line of the authority decide that; without any, those of the account;
// without any there, the user's logins.
func (e *entry) goesBy(principal string, authority *Key) bool {
	if authority.principals != nil {
		return slices.Contains(authority.principals, principal)
	}
	if len(e.account.Principals) > 0 {
		return slices.Contains(e.account.Principals, principal)
	}
	return slices.ContainsFunc(Logins(e.account.Tenant, e.account.Name), func(login string) bool {
		return Fold(login) == Fold(principal)
	})
}

// comesFrom reports whether a list of addresses and networks has the address. One
// that cannot be read has none.
func comesFrom(from netip.Addr, list string) bool {
	from = from.Unmap().WithZone("")
	found := false
	for text := range strings.SplitSeq(list, ",") {
		p, err := netip.ParsePrefix(text)
		if a, errAddr := netip.ParseAddr(text); errAddr == nil && a.Zone() == "" {
			p, err = netip.PrefixFrom(a, a.BitLen()), nil
		}
		if err != nil {
			return false
		}
		found = found || Unmap(p).Contains(from)
	}
	return found
}

// AcceptedKey is a key, or the key of a certificate, that an account accepts.
type AcceptedKey struct {
	// Fingerprint is that of the key which signs.
	Fingerprint string
	// NoTouch lets a FIDO key sign without being touched. A certificate says
	// that itself.
	NoTouch bool
	// Certificate is nil where the key itself is known.
	Certificate *Certificate
}
