package auth

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"sync"
	"time"
)

// rememberFor is how long after its hash was computed a password is recognized
// without another one.
const rememberFor = 10 * time.Minute

// proof tells a password from others, to whoever has the key.
type proof [sha256.Size]byte

// remembered holds for each account, while it is fresh, the proof of the
// password that was last found right. A client that logs in for every file
// would otherwise cost a hash, 20 MiB and tens of milliseconds, for every file.
type remembered struct {
	key [sha256.Size]byte // of this Authenticator, known to nobody

	mu     sync.Mutex
	proofs map[*entry]freshProof
}

type freshProof struct {
	proof
	until time.Time
}

func newRemembered() *remembered {
	r := &remembered{proofs: map[*entry]freshProof{}}
	_, _ = rand.Read(r.key[:]) // never fails: crypto/rand ends the program instead
	return r
}

func (r *remembered) proof(password string) (p proof) {
	mac := hmac.New(sha256.New, r.key[:])
	_, _ = mac.Write([]byte(password))
	mac.Sum(p[:0])
	return p
}

// knows reports whether p is the proof of the account's password. It takes as
// long when it is not, or when there is no such account.
func (r *remembered) knows(e *entry, p proof) bool {
	r.mu.Lock()
	known := r.proofs[e]
	r.mu.Unlock()
	return hmac.Equal(known.proof[:], p[:]) && time.Now().Before(known.until)
}

// learn remembers that p is the proof of the account's password, and forgets
// what is not fresh any more.
func (r *remembered) learn(e *entry, p proof) {
	now := time.Now()
	r.mu.Lock()
	defer r.mu.Unlock()
	for other, known := range r.proofs {
		if !now.Before(known.until) {
			delete(r.proofs, other)
		}
	}
	r.proofs[e] = freshProof{p, now.Add(rememberFor)}
}
