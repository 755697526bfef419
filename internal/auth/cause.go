package auth

import "errors"

// Cause says in one word why a login was refused. The words are stable: operators search
// for them, and docs/log.md lists them. A client never sees one.
type Cause string

// The causes. Each has the setting of the user, the tenant or the frontend that decides
// it: see Setting.
const (
	CauseUnknownUser     Cause = "unknown_user"
	CauseAmbiguousUser   Cause = "ambiguous_user"
	CauseOtherTenant     Cause = "tenant_not_served"
	CauseDisabled        Cause = "user_disabled"
	CauseExpired         Cause = "user_expired"
	CauseProtocol        Cause = "protocol_not_allowed"
	CauseNetwork         Cause = "address_not_in_networks"
	CauseTenantNetwork   Cause = "address_not_in_tenant_networks"
	CauseWrongPassword   Cause = "wrong_password"
	CauseNoPassword      Cause = "user_has_no_password"
	CausePasswordAge     Cause = "password_too_old"
	CauseKeyRequired     Cause = "key_required"
	CauseNoKeys          Cause = "keys_not_accepted"
	CauseNoCertificate   Cause = "client_certificate_required"
	CauseUnknownKey      Cause = "unknown_key"
	CauseExpiredKey      Cause = "expired_key"
	CauseKeyElsewhere    Cause = "key_for_other_addresses"
	CauseRevokedKey      Cause = "revoked_key"
	CauseCertificate     Cause = "certificate_refused"
	CauseTooManyGuesses  Cause = "too_many_wrong_passwords"
	CauseRefusedByOthers Cause = "refused_by_authority"
	// CauseOther is a refusal that has no word of its own.
	CauseOther Cause = "refused"
)

// Setting returns the name of the setting that decides about a cause, "" for none.
func (c Cause) Setting() string {
	switch c {
	case CauseAmbiguousUser, CauseOtherTenant:
		return "tenants"
	case CauseDisabled:
		return "enabled"
	case CauseExpired:
		return "expires"
	case CauseProtocol:
		return "protocols"
	case CauseNetwork:
		return "networks"
	case CauseTenantNetwork:
		return "tenant.networks"
	case CauseWrongPassword, CauseNoPassword:
		return "password_hash"
	case CausePasswordAge:
		return "password_max_age_days"
	case CauseKeyRequired, CauseNoKeys, CauseNoCertificate:
		return "login"
	case CauseUnknownKey, CauseExpiredKey, CauseKeyElsewhere:
		return "authorized_keys"
	case CauseTooManyGuesses:
		return "guessing"
	}
	return ""
}

// The reasons of a KeyError that have a cause of their own.
var (
	errRevoked   = errors.New("it is revoked")
	errExpired   = errors.New("its expiry-time has passed")
	errElsewhere = errors.New("it is for other addresses (from)")
)

// The reasons of keys alone.
const (
	unknownKey denied = "the key is none of the user's"
	noKeys     denied = "the user's login takes no keys"
	noSigner   denied = "no authority of the user's signed the certificate"
)

// wrapped is a reason with a detail.
type wrapped struct {
	denied
	detail string
}

func (w wrapped) Error() string { return w.denied.Error() + w.detail }

// Unwrap returns the reason.
func (w wrapped) Unwrap() error { return w.denied }

// tooManyGuesses is the refusal of a password that was not checked.
type tooManyGuesses struct{ denied }

// Unwrap returns the reason.
func (g *tooManyGuesses) Unwrap() error { return g.denied }

// refusedByAuthority is the refusal of an external service.
type refusedByAuthority struct{ denied }

// Unwrap returns the reason.
func (r refusedByAuthority) Unwrap() error { return r.denied }

// CauseOf returns the cause of an error that is ErrDenied.
func CauseOf(err error) Cause {
	if _, ok := errors.AsType[*Ambiguous](err); ok {
		return CauseAmbiguousUser
	}
	if _, ok := errors.AsType[*tooManyGuesses](err); ok {
		return CauseTooManyGuesses
	}
	if _, ok := errors.AsType[refusedByAuthority](err); ok {
		return CauseRefusedByOthers
	}
	if of, ok := errors.AsType[*KeyError](err); ok {
		return causeOfKey(of.Reason)
	}
	why, ok := errors.AsType[denied](err)
	if !ok {
		return CauseOther
	}
	return causeOf(why)
}

// causeOfKey returns the cause of a KeyError.
func causeOfKey(reason error) Cause {
	why, ok := errors.AsType[denied](reason)
	switch {
	case ok:
		return causeOf(why)
	case errors.Is(reason, errRevoked):
		return CauseRevokedKey
	case errors.Is(reason, errExpired):
		return CauseExpiredKey
	case errors.Is(reason, errElsewhere):
		return CauseKeyElsewhere
	}
	return CauseCertificate
}

func causeOf(why denied) Cause {
	switch why {
	case unknownUser:
		return CauseUnknownUser
	case otherTenant:
		return CauseOtherTenant
	case disabledUser:
		return CauseDisabled
	case expiredUser:
		return CauseExpired
	case otherProtocol:
		return CauseProtocol
	case wrongNetwork:
		return CauseNetwork
	case wrongTenantNetwork:
		return CauseTenantNetwork
	case wrongPassword:
		return CauseWrongPassword
	case oldPassword:
		return CausePasswordAge
	case noPassword:
		return CauseNoPassword
	case asksForKey:
		return CauseKeyRequired
	case noKeys:
		return CauseNoKeys
	case noCertificate:
		return CauseNoCertificate
	case unknownKey:
		return CauseUnknownKey
	case noSigner:
		return CauseCertificate
	}
	return CauseOther
}
