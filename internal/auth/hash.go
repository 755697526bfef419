package auth

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/go-crypt/crypt/algorithm"
	"golang.org/x/crypto/argon2"
	"golang.org/x/crypto/bcrypt"
)

// maxPasswordBytes is longer than any typed password; longer ones are refused unseen.
const maxPasswordBytes = 1024

// The cost of new hashes: OWASP's minimum for argon2id, 19 MiB in two passes.
const (
	newMemoryKiB = 19 * 1024
	newPasses    = 2
	newThreads   = 1
	newSaltBytes = 16
	newKeyBytes  = 32
)

// The bounds of hashes that are accepted. The upper ones take a few seconds
// and leave room for what other programs make by default; the lower ones are
// those of the algorithms (RFC 9106 section 3.1).
const (
	maxMemoryKiB  = 256 * 1024
	maxPasses     = 10
	maxThreads    = 16
	minSaltBytes  = 8
	minKeyBytes   = 16
	maxBytes      = 64
	maxBcryptCost = 15
)

// hash is one parsed password hash.
type hash struct {
	// bcrypt is the whole hash where it is one, and nothing else counts then.
	bcrypt []byte

	// digest is a SHA-crypt hash of rounds, and kind its name. Nothing else counts then.
	digest algorithm.Digest
	kind   string
	rounds int

	memoryKiB uint32
	passes    uint32
	threads   uint8
	salt, key []byte
}

// HashPassword returns a new argon2id hash of the password in PHC string
// format. An empty password is an error, since it would never let a user in.
func HashPassword(password string) (string, error) {
	if password == "" {
		return "", errors.New("auth: a password must not be empty")
	}
	if len(password) > maxPasswordBytes {
		return "", fmt.Errorf("auth: a password must not be longer than %d bytes", maxPasswordBytes)
	}
	h := hash{memoryKiB: newMemoryKiB, passes: newPasses, threads: newThreads, salt: make([]byte, newSaltBytes)}
	_, _ = rand.Read(h.salt) // never fails: crypto/rand ends the program instead
	h.key = h.derive(password, newKeyBytes)
	b64 := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version,
		h.memoryKiB, h.passes, h.threads, b64.EncodeToString(h.salt), b64.EncodeToString(h.key)), nil
}

// CheckHash reports why the text is no hash that a password can be checked
// against, or costs more than is allowed. The error does not quote the text.
func CheckHash(text string) error {
	_, err := parseHash(text)
	return err
}

// The least cost that does not make guesses cheap, to OWASP: of argon2id in KiB
// times passes, which all of its recommendations reach, and of bcrypt.
const (
	strongArgon2id = 7 * 1024 * 5
	strongBcrypt   = 10
)

// HashWeakness says what speaks against a hash that is taken nevertheless, "" when
// nothing does. It does not quote the text.
func HashWeakness(text string) string {
	h, err := parseHash(text)
	switch {
	case err != nil:
		return ""
	case h.bcrypt != nil:
		if cost, err := bcrypt.Cost(h.bcrypt); err == nil && cost < strongBcrypt {
			return fmt.Sprintf("its bcrypt cost is %d, %d are the least that makes guessing slow", cost, strongBcrypt)
		}
	case h.digest != nil:
		if h.rounds < strongSHACrypt {
			return fmt.Sprintf("%s with %d rounds makes guessing cheap; set a new password with: tidegate user passwd", h.kind, h.rounds)
		}
	case uint64(h.memoryKiB)*uint64(h.passes) < strongArgon2id:
		return fmt.Sprintf("argon2id with %d KiB and %d passes makes guessing cheap; m=%d,t=%d is the least", h.memoryKiB, h.passes, newMemoryKiB, newPasses)
	}
	return ""
}

// HashKind returns the name of the algorithm of a hash: "argon2id", "bcrypt", "sha512-crypt"
// or "sha256-crypt". It is "none" for no hash, and "unknown" for a text that CheckHash refuses.
func HashKind(text string) string {
	h, err := parseHash(text)
	switch {
	case text == "":
		return "none"
	case err != nil:
		return "unknown"
	case h.bcrypt != nil:
		return "bcrypt"
	case h.digest != nil:
		return h.kind
	}
	return "argon2id"
}

func parseHash(text string) (hash, error) {
	switch {
	case strings.HasPrefix(text, "$argon2id$"):
		return parseArgon2id(text)
	case strings.HasPrefix(text, "$2"):
		return parseBcrypt(text)
	case strings.HasPrefix(text, "$5$"), strings.HasPrefix(text, "$6$"):
		return parseSHACrypt(text)
	case strings.HasPrefix(text, "$y$"), strings.HasPrefix(text, "$7$"), strings.HasPrefix(text, "$1$"), strings.HasPrefix(text, "$apr1$"):
		return hash{}, errors.New("hashes of yescrypt, scrypt and MD5 are not accepted")
	case strings.HasPrefix(text, "$argon2i$"), strings.HasPrefix(text, "$argon2d$"):
		return hash{}, errors.New("of the argon2 variants only argon2id is accepted")
	case text == "":
		return hash{}, errors.New("it is empty")
	default:
		return hash{}, errors.New("it is neither an argon2id ($argon2id$…) nor a bcrypt ($2b$…) nor a SHA-crypt ($6$…) hash")
	}
}

var (
	argon2idForm = regexp.MustCompile(`^\$argon2id\$v=(\d+)\$m=(\d{1,9}),t=(\d{1,9}),p=(\d{1,9})\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$`)
	// $2x$ is left out: it marks hashes of a broken implementation.
	bcryptForm = regexp.MustCompile(`^\$2[aby]\$(\d\d)\$[./A-Za-z0-9]{53}$`)
)

func parseArgon2id(text string) (hash, error) {
	m := argon2idForm.FindStringSubmatch(text)
	if m == nil {
		return hash{}, errors.New("it is no whole argon2id hash, which is written $argon2id$v=19$m=…,t=…,p=…$SALT$HASH")
	}
	if m[1] != strconv.Itoa(argon2.Version) {
		return hash{}, fmt.Errorf("its argon2 version is not %d", argon2.Version)
	}
	memory, passes, threads := number(m[2]), number(m[3]), number(m[4])
	salt, errSalt := base64.RawStdEncoding.DecodeString(m[5])
	key, errKey := base64.RawStdEncoding.DecodeString(m[6])
	switch {
	case errSalt != nil || errKey != nil:
		return hash{}, errors.New("its salt or hash is not base64")
	case threads < 1 || threads > maxThreads:
		return hash{}, fmt.Errorf("its parallelism (p) is not between 1 and %d", maxThreads)
	case passes < 1 || passes > maxPasses:
		return hash{}, fmt.Errorf("its number of passes (t) is not between 1 and %d", maxPasses)
	case memory < 8*threads || memory > maxMemoryKiB:
		return hash{}, fmt.Errorf("its memory (m) is not between %d and %d KiB", 8*threads, maxMemoryKiB)
	case len(salt) < minSaltBytes || len(salt) > maxBytes:
		return hash{}, fmt.Errorf("its salt does not have %d to %d bytes", minSaltBytes, maxBytes)
	case len(key) < minKeyBytes || len(key) > maxBytes:
		return hash{}, fmt.Errorf("its hash does not have %d to %d bytes", minKeyBytes, maxBytes)
	}
	return hash{memoryKiB: uint32(memory), passes: uint32(passes), threads: uint8(threads), salt: salt, key: key}, nil
}

// number reads at most nine digits, which the regular expression has checked.
func number(digits string) int {
	n, _ := strconv.Atoi(digits)
	return n
}

func parseBcrypt(text string) (hash, error) {
	m := bcryptForm.FindStringSubmatch(text)
	if m == nil {
		return hash{}, errors.New("it is no whole bcrypt hash, which is written $2b$COST$ and 53 further characters")
	}
	if cost := number(m[1]); cost < bcrypt.MinCost || cost > maxBcryptCost {
		return hash{}, fmt.Errorf("its bcrypt cost is not between %d and %d", bcrypt.MinCost, maxBcryptCost)
	}
	return hash{bcrypt: []byte(text)}, nil
}

// matches reports whether the hash is the password's. It takes as long for a
// wrong password as for the right one.
func (h hash) matches(password string) bool {
	if h.bcrypt != nil {
		return bcrypt.CompareHashAndPassword(h.bcrypt, []byte(password)) == nil
	}
	if h.digest != nil {
		return h.digest.Match(password)
	}
	return subtle.ConstantTimeCompare(h.key, h.derive(password, len(h.key))) == 1
}

func (h hash) derive(password string, n int) []byte {
	return argon2.IDKey([]byte(password), h.salt, h.passes, h.memoryKiB, h.threads, uint32(n))
}
