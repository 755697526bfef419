package tenant

import "sync"

// Urgency is how soon the sessions of a user that was revoked end.
type Urgency uint8

const (
	// Stay leaves the sessions alone.
	Stay Urgency = iota
	// WhenIdle ends a session when no transfer of it runs.
	WhenIdle
	// AtOnce ends a session with its transfers, which are not committed.
	AtOnce
)

// revocation is the request to end the sessions of a user. The zero value is none.
type revocation struct {
	mu      sync.Mutex
	urgency Urgency
	why     string
	// idle and now are closed by the requests. Each is made when it is wanted first: most
	// users have no session.
	idle, now chan struct{}
}

// Revoke asks the sessions of the user to end, because of why. It has an effect on
// sessions that begin later, too. A later call can only make it more urgent; without that it
// changes nothing and returns false.
func (u *User) Revoke(how Urgency, why string) bool {
	r := &u.revocation
	r.mu.Lock()
	defer r.mu.Unlock()
	if how <= r.urgency {
		return false
	}
	if how == AtOnce {
		close(made(&r.now))
	}
	if r.urgency == Stay {
		close(made(&r.idle))
	}
	r.urgency, r.why = how, why
	return true
}

// Revoked is closed when sessions of the user end as soon as they are idle.
func (u *User) Revoked() <-chan struct{} {
	u.revocation.mu.Lock()
	defer u.revocation.mu.Unlock()
	return made(&u.revocation.idle)
}

// RevokedNow is closed when sessions of the user end at once. Revoked is closed too then.
func (u *User) RevokedNow() <-chan struct{} {
	u.revocation.mu.Lock()
	defer u.revocation.mu.Unlock()
	return made(&u.revocation.now)
}

// WhyRevoked returns the reason of the last Revoke that had an effect, "" when there was
// none.
func (u *User) WhyRevoked() string {
	u.revocation.mu.Lock()
	defer u.revocation.mu.Unlock()
	return u.revocation.why
}

// made returns the channel, and makes it before.
func made(c *chan struct{}) chan struct{} {
	if *c == nil {
		*c = make(chan struct{})
	}
	return *c
}
