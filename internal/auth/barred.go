package auth

import "time"

// barred says why nothing lets the account in now, "" when its credentials may.
func (a *Account) barred(now time.Time) denied {
	switch {
	case a.Disabled:
		return disabledUser
	case !a.Expires.IsZero() && !now.Before(a.Expires):
		return expiredUser
	}
	return ""
}
