package auth

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"maps"
	"sync"
	"time"
)

// rememberFor is how long after its hash was computed a password is recognized
// without another one.
const rememberFor = 10 * time.Minute

// digest is the HMAC of a password. Without the key it says nothing about it.
type digest [sha256.Size]byte

// remembered holds for each account, while it is fresh, the digest of the
// password that was last found right. A client that logs in for every file
// would otherwise cost a hash, 20 MiB and tens of milliseconds, for every file.
type remembered struct {
	key [sha256.Size]byte // secret, of this Authenticator and those that it has inherited from

	mu      sync.Mutex
	digests map[*entry]freshDigest
}

type freshDigest struct {
	digest
	until time.Time
}

func newRemembered() *remembered {
	r := &remembered{digests: map[*entry]freshDigest{}}
	_, _ = rand.Read(r.key[:]) // never fails: crypto/rand ends the program instead
	return r
}

func (r *remembered) digest(password string) (d digest) {
	mac := hmac.New(sha256.New, r.key[:])
	_, _ = mac.Write([]byte(password))
	mac.Sum(d[:0])
	return d
}

// knows reports whether d is the digest of the account's password. It takes as
// long when it is not, or when there is no such account.
func (r *remembered) knows(e *entry, d digest) bool {
	r.mu.Lock()
	known := r.digests[e]
	r.mu.Unlock()
	return hmac.Equal(known.digest[:], d[:]) && time.Now().Before(known.until)
}

// fresh returns what is still remembered.
func (r *remembered) fresh(now time.Time) map[*entry]freshDigest {
	r.mu.Lock()
	defer r.mu.Unlock()
	all := maps.Clone(r.digests)
	maps.DeleteFunc(all, func(_ *entry, known freshDigest) bool { return !now.Before(known.until) })
	return all
}

// learn remembers that d is the digest of the account's password, and forgets
// what is not fresh any more.
func (r *remembered) learn(e *entry, d digest) {
	now := time.Now()
	r.mu.Lock()
	defer r.mu.Unlock()
	for other, known := range r.digests {
		if !now.Before(known.until) {
			delete(r.digests, other)
		}
	}
	r.digests[e] = freshDigest{d, now.Add(rememberFor)}
}
