package auth

import (
	"errors"
	"net/netip"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"
)

// The error of a login has the reason, for the log. It is ErrDenied all the same.
func TestReasonOfDenial(t *testing.T) {
	fence := []netip.Prefix{netip.MustParsePrefix("203.0.113.0/24")}
	keys, other := mustKeys(t, newKey(t)), mustKeys(t, newKey(t))[0].public
	a := mustNew(t,
		Account{Tenant: "contoso", Name: "ann", PasswordHash: cheap(t, "pw"), Factors: PasswordOnly},
		Account{Tenant: "contoso", Name: "fenced", PasswordHash: cheap(t, "pw"), Networks: fence},
		Account{Tenant: "contoso", Name: "keyed", Keys: keys},
		Account{Tenant: "contoso", Name: "off", PasswordHash: cheap(t, "pw"), Keys: keys, Disabled: true},
		Account{Tenant: "contoso", Name: "old", PasswordHash: cheap(t, "pw"), Keys: keys, Expires: time.Now()},
		Account{Tenant: "contoso", Name: "aged", PasswordHash: cheap(t, "pw"), Keys: keys, PasswordExpires: time.Now()},
		Account{Tenant: "contoso", Name: "tls-only", PasswordHash: cheap(t, "pw"), Keys: keys, Protocols: []string{FTPS}},
		Account{Tenant: "contoso", Name: "ftp-only", PasswordHash: cheap(t, "pw"), Keys: keys, Protocols: []string{FTP}},
		Account{Tenant: "contoso", Name: "outside", PasswordHash: cheap(t, "pw"), TenantNetworks: fence},
		Account{Tenant: "contoso", Name: "two", PasswordHash: cheap(t, "pw"), Keys: keys, Factors: KeyThenPassword},
	)
	twin := mustNew(t, Account{Tenant: "b", Name: "u", PasswordHash: cheap(t, "pw")}, Account{Tenant: "a", Name: "u", PasswordHash: cheap(t, "pw")})
	_, ambiguous := twin.Password(t.Context(), Attempt{Login: "u", From: client}, "pw")
	_, _, ambiguousKey := twin.Key(t.Context(), Attempt{Login: "u", From: client}, other)
	_, elsewhere := twin.Password(t.Context(), Attempt{Login: "b/u", From: client, Tenants: []string{"a"}}, "pw")
	password := func(login, password string) error {
		_, err := a.Password(t.Context(), Attempt{Login: login, From: client}, password)
		return err
	}
	key := func(login string) error {
		_, _, err := a.Key(t.Context(), Attempt{Login: login, From: client}, other)
		return err
	}
	right := func(login, protocol string) error {
		_, _, err := a.Key(t.Context(), Attempt{Login: login, Protocol: protocol, From: client}, keys[0].public)
		return err
	}
	for login, reason := range map[string]string{
		"off": "the user is disabled", "old": "the user has expired", "ftp-only": "the user's protocols do not have sftp",
	} {
		known, ok := errors.AsType[*KeyError](right(login, SFTP))
		if !ok || !errors.Is(known, ErrDenied) || !strings.Contains(known.Error(), reason) {
			t.Errorf("the right key of %s: %v, want %q", login, right(login, SFTP), reason)
		}
	}
	if err := right("tls-only", FTP); err == nil || !strings.Contains(err.Error(), "the user's protocols do not have ftp, which is without TLS: they have ftps") {
		t.Errorf("the right key of a user who needs TLS: %v", err)
	}
	if err := right("aged", SFTP); err != nil {
		t.Errorf("the key of a user with an old password: %v", err)
	}
	for name, test := range map[string]struct {
		err   error
		want  string
		cause Cause
	}{
		"wrong password":  {password("ann", "no"), "the password is wrong", CauseWrongPassword},
		"empty password":  {password("ann", ""), "the password is wrong", CauseWrongPassword},
		"unknown user":    {password("bob", "pw"), "there is no such user", CauseUnknownUser},
		"impossible name": {password("a\nb", "pw"), "there is no such user", CauseUnknownUser},
		"other network":   {password("fenced", "pw"), "the client's address is not in the user's networks", CauseNetwork},
		"disabled":        {password("off", "pw"), "the user is disabled", CauseDisabled},
		"protocol":        {password("ftp-only", "pw"), "the user's protocols do not have ", CauseProtocol},
		"tenant network":  {password("outside", "pw"), "the client's address is not in the tenant's networks", CauseTenantNetwork},
		"expired":         {password("old", "pw"), "the user has expired", CauseExpired},
		"old password":    {password("aged", "pw"), "the password is older than password_max_age_days", CausePasswordAge},
		"key, expired":    {key("old"), "the user has expired", CauseExpired},
		"key, disabled":   {key("off"), "the user is disabled", CauseDisabled},
		"no password":     {password("keyed", "pw"), "the user has no password_hash", CauseNoPassword},
		"key first":       {password("two", "pw"), "the user's login asks for a key", CauseKeyRequired},
		"key, unknown":    {key("bob"), "there is no such user", CauseUnknownUser},
		"key, password":   {key("ann"), "the user's login takes no keys", CauseNoKeys},
		"key, network":    {key("fenced"), "the client's address is not in the user's networks", CauseNetwork},
		"ambiguous":       {ambiguous, `the name is ambiguous, it is a user's of each of the tenants ["a" "b"]`, CauseAmbiguousUser},
		"key, ambiguous":  {ambiguousKey, `the name is ambiguous, it is a user's of each of the tenants ["a" "b"]`, CauseAmbiguousUser},
		"other tenant":    {elsewhere, "the user's tenant is not served here", CauseOtherTenant},
		"other key":       {key("keyed"), "the key is none of the user's", CauseUnknownKey},
	} {
		if !errors.Is(test.err, ErrDenied) || test.err.Error() != "auth: denied: "+test.want {
			t.Errorf("%s: %v, want %q", name, test.err, test.want)
		}
		if got := CauseOf(test.err); got != test.cause {
			t.Errorf("%s: the cause is %s, want %s", name, got, test.cause)
		}
	}
}

// A key of the user that has expired, or is not accepted from the client's address, has a
// cause of its own.
func TestCauseOfRefusedKeys(t *testing.T) {
	lines := func(options string) ([]Key, ssh.PublicKey) {
		keys := mustKeys(t, options+newKey(t))
		return keys, keys[0].public
	}
	for options, want := range map[string]Cause{
		`expiry-time="20200101Z" `: CauseExpiredKey, `from="198.51.100.0/24" `: CauseKeyElsewhere,
	} {
		keys, public := lines(options)
		a := mustNew(t, Account{Tenant: "contoso", Name: "ann", Keys: keys})
		_, _, err := a.Key(t.Context(), Attempt{Login: "ann", From: client}, public)
		if got := CauseOf(err); !errors.Is(err, ErrDenied) || got != want || got.Setting() != "authorized_keys" {
			t.Errorf("%s: %v is %s, want %s", options, err, got, want)
		}
	}
	keys, public := lines("")
	revoked, err := ParseRevoked(string(ssh.MarshalAuthorizedKey(public)))
	if err != nil {
		t.Fatal(err)
	}
	a := mustNew(t, Account{Tenant: "contoso", Name: "ann", Keys: keys, Revoked: revoked})
	if _, _, err := a.Key(t.Context(), Attempt{Login: "ann", From: client}, public); CauseOf(err) != CauseRevokedKey {
		t.Errorf("a revoked key: %v is %s", err, CauseOf(err))
	}
	if got := CauseOf(Refusal("no")); got != CauseRefusedByOthers {
		t.Errorf("the refusal of an authority is %s", got)
	}
	if got := CauseOf(&tooManyGuesses{"too many"}); got != CauseTooManyGuesses {
		t.Errorf("an unchecked password is %s", got)
	}
}
