package auth

import (
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"strings"

	"golang.org/x/crypto/ssh"
)

// Revoked is a set of keys that let no user in, neither by themselves nor by
// certificates for them or of them: each by its fingerprint.
type Revoked map[string]struct{}

// fingerprintPrefix begins the fingerprints that ssh-keygen -l prints.
const fingerprintPrefix = "SHA256:"

// ParseRevoked reads public keys and fingerprints, a line each. A certificate
// stands for its key. A text without any is fine: nothing is revoked yet.
func ParseRevoked(text string) (Revoked, error) {
	prints, err := parseLines(text, func(line string) (string, error) {
		if strings.HasPrefix(line, fingerprintPrefix) {
			return parseFingerprint(line)
		}
		public, _, err := parseLine(line)
		if err != nil {
			return "", errors.New("it is neither a public key nor a fingerprint (SHA256:…)")
		}
		if c, ok := public.(*ssh.Certificate); ok {
			public = c.Key
		}
		return ssh.FingerprintSHA256(public), nil
	})
	if err != nil {
		return nil, err
	}
	r := make(Revoked, len(prints))
	for _, p := range prints {
		r[p] = struct{}{}
	}
	return r, nil
}

// parseFingerprint reads the fingerprint at the begin of a line.
func parseFingerprint(line string) (string, error) {
	text := strings.Fields(line)[0]
	sum, err := base64.RawStdEncoding.Strict().DecodeString(strings.TrimPrefix(text, fingerprintPrefix))
	if err != nil || len(sum) != sha256.Size {
		return "", errors.New("it is not a whole fingerprint, as ssh-keygen -l prints it")
	}
	return text, nil
}

func (r Revoked) has(key ssh.PublicKey) bool {
	_, ok := r[ssh.FingerprintSHA256(key)]
	return ok
}
