package auth

import (
	"errors"
	"fmt"
	"regexp"

	"github.com/go-crypt/crypt/algorithm/shacrypt"
)

// The numbers of rounds of SHA-crypt, the hashes $5$ and $6$ of crypt(3): its minimum, a
// maximum that takes about a second, and that of a hash without a number.
const (
	minSHARounds     = 1000
	maxSHARounds     = 1_000_000
	defaultSHARounds = 5000
	// strongSHACrypt is what passlib takes for new hashes.
	strongSHACrypt = 656_000
)

// A SHA-256 hash has 43 characters, a SHA-512 hash 86. A salt has at most 16.
var shaCryptForm = regexp.MustCompile(`^\$(?:(5)|6)\$(?:rounds=([1-9]\d{0,8})\$)?[./A-Za-z0-9]{1,16}\$([./A-Za-z0-9]+)$`)

// parseSHACrypt reads a hash that other servers have made. New ones are argon2id.
func parseSHACrypt(text string) (hash, error) {
	m := shaCryptForm.FindStringSubmatch(text)
	h := hash{kind: "sha512-crypt", rounds: defaultSHARounds}
	length := 86
	if m != nil && m[1] != "" {
		h.kind, length = "sha256-crypt", 43
	}
	if m == nil || len(m[3]) != length {
		return hash{}, errors.New("it is no whole SHA-crypt hash, which is written $6$SALT$HASH or $6$rounds=N$SALT$HASH, with $5$ for SHA-256")
	}
	if m[2] != "" {
		h.rounds = number(m[2])
	}
	if h.rounds < minSHARounds || h.rounds > maxSHARounds {
		return hash{}, fmt.Errorf("its number of rounds is not between %d and %d", minSHARounds, maxSHARounds)
	}
	digest, err := shacrypt.Decode(text)
	if err != nil {
		return hash{}, errors.New("it is no SHA-crypt hash") // the error may quote it
	}
	h.digest = digest
	return h, nil
}
