package tenant

import "testing"

func closed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

// A revocation reaches sessions from before and after it, and can only become more urgent.
func TestRevoke(t *testing.T) {
	for _, test := range []struct {
		name      string
		steps     []Urgency
		idle, now bool
		why       string
	}{
		{"none", nil, false, false, ""},
		{"stay", []Urgency{Stay}, false, false, ""},
		{"idle", []Urgency{WhenIdle, Stay, WhenIdle}, true, false, "0"},
		{"at once", []Urgency{AtOnce, WhenIdle, AtOnce}, true, true, "0"},
		{"idle, then at once", []Urgency{WhenIdle, AtOnce, WhenIdle}, true, true, "1"},
	} {
		early, late := &User{}, &User{}
		idle, now := early.Revoked(), early.RevokedNow()
		for _, u := range []*User{early, late} {
			for i, how := range test.steps {
				u.Revoke(how, string(rune('0'+i)))
			}
			if u.WhyRevoked() != test.why {
				t.Errorf("%s: the reason is %q", test.name, u.WhyRevoked())
			}
			if closed(u.Revoked()) != test.idle || closed(u.RevokedNow()) != test.now {
				t.Errorf("%s: idle %v, at once %v", test.name, closed(u.Revoked()), closed(u.RevokedNow()))
			}
		}
		if closed(idle) != test.idle || closed(now) != test.now {
			t.Errorf("%s: a session from before: idle %v, at once %v", test.name, closed(idle), closed(now))
		}
	}
}
