package azstub

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// lease is the lock on a blob. The zero lease is available.
type lease struct {
	id       string
	infinite bool
	until    time.Time // end of a finite lease, or of the break period
	broken   bool      // breaking until then, broken afterwards
	period   time.Duration
}

// held reports whether writers need the lease's id.
func (l lease) held(now time.Time) bool {
	if l.id == "" {
		return false
	}
	if l.broken || !l.infinite {
		return now.Before(l.until)
	}
	return true
}

// state names the lease's state and status.
func (l lease) state(now time.Time) (state, status string) {
	switch held := l.held(now); {
	case l.id == "":
		return "available", "unlocked"
	case l.broken && held:
		return "breaking", "locked"
	case l.broken:
		return "broken", "unlocked"
	case held:
		return "leased", "locked"
	}
	return "expired", "unlocked"
}

func (l lease) describe(h http.Header, now time.Time) {
	state, status := l.state(now)
	h.Set("x-ms-lease-state", state)
	h.Set("x-ms-lease-status", status)
	if state == "leased" {
		h.Set("x-ms-lease-duration", map[bool]string{true: "infinite", false: "fixed"}[l.infinite])
	}
}

// leaseGiven checks the lease id of a request that may go without one.
func (c *call) leaseGiven(b *blob) error {
	id := c.http.Header.Get("x-ms-lease-id")
	switch {
	case id == "":
		return nil
	case !b.lease.held(c.srv.clock()):
		return errLeaseNotPresentBlob
	case !strings.EqualFold(id, b.lease.id):
		return errLeaseIDMismatchBlob
	}
	return nil
}

// leaseNeeded checks the lease id of a request that writes.
func (c *call) leaseNeeded(b *blob) error {
	if c.http.Header.Get("x-ms-lease-id") == "" && b.lease.held(c.srv.clock()) {
		return errLeaseIDMissing
	}
	return c.leaseGiven(b)
}

// leaseBlob is Lease Blob.
func (c *call) leaseBlob() (*answer, error) {
	cond, err := conditionsOf(c.http.Header, "")
	if err != nil {
		return nil, err
	}
	s := c.srv
	s.mu.Lock()
	defer s.mu.Unlock()
	b, v, err := s.version(c.target, "")
	if err != nil {
		return nil, err
	}
	if err := cond.write(v); err != nil {
		return nil, err
	}
	ans := reply(http.StatusOK)
	setVersion(ans.header, v)
	now := s.clock()
	id := c.http.Header.Get("x-ms-lease-id")
	switch c.http.Header.Get("x-ms-lease-action") {
	case "acquire":
		ans.status = http.StatusCreated
		err = c.acquireLease(&b.lease, now)
	case "renew":
		switch {
		case !strings.EqualFold(id, b.lease.id):
			err = errLeaseIDMismatchLease
		case b.lease.broken:
			err = errLeaseIsBroken
		default:
			b.lease.until = now.Add(b.lease.period)
		}
	case "change":
		switch proposed := c.http.Header.Get("x-ms-proposed-lease-id"); {
		case !b.lease.held(now):
			err = errLeaseNotPresentLease
		case !strings.EqualFold(id, b.lease.id) && !strings.EqualFold(proposed, b.lease.id):
			err = errLeaseIDMismatchLease
		default:
			b.lease.id = proposed
		}
	case "release":
		if !strings.EqualFold(id, b.lease.id) {
			return nil, errLeaseIDMismatchLease
		}
		b.lease = lease{}
		return ans, nil
	case "break":
		ans.status = http.StatusAccepted
		var left time.Duration
		left, err = c.breakLease(&b.lease, now)
		ans.header.Set("x-ms-lease-time", strconv.Itoa(int(left.Seconds())))
		return ans, err
	default:
		err = errInvalidHeaderValue
	}
	ans.header.Set("x-ms-lease-id", b.lease.id)
	return ans, err
}

func (c *call) acquireLease(l *lease, now time.Time) error {
	seconds, err := strconv.Atoi(c.http.Header.Get("x-ms-lease-duration"))
	if err != nil || seconds != -1 && (seconds < 15 || seconds > 60) {
		return errInvalidHeaderValue
	}
	id := c.http.Header.Get("x-ms-proposed-lease-id")
	if l.held(now) && (l.broken || id == "" || !strings.EqualFold(id, l.id)) {
		return errLeaseAlreadyPresent
	}
	if id == "" {
		c.srv.writes++
		id = fmt.Sprintf("00000000-0000-4000-8000-%012x", c.srv.writes)
	}
	period := time.Duration(seconds) * time.Second
	*l = lease{id: id, infinite: seconds == -1, period: period, until: now.Add(period)}
	return nil
}

// breakLease ends a lease without its id: at once when it is infinite and no
// period is requested, otherwise after the shorter of the period and the rest.
func (c *call) breakLease(l *lease, now time.Time) (time.Duration, error) {
	if l.id == "" {
		return 0, errLeaseNotPresentLease
	}
	left := l.until.Sub(now)
	if l.infinite && !l.broken || left < 0 {
		left = 0
	}
	if v := c.http.Header.Get("x-ms-lease-break-period"); v != "" {
		seconds, err := strconv.Atoi(v)
		if err != nil || seconds < 0 || seconds > 60 {
			return 0, errInvalidHeaderValue
		}
		asked := time.Duration(seconds) * time.Second
		if l.infinite && !l.broken || asked < left {
			left = asked
		}
	}
	l.broken, l.until = true, now.Add(left)
	return left, nil
}
