package auth

import (
	"errors"
	"net/netip"
	"strings"
	"testing"
	"time"
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
	if err := right("aged", SFTP); err != nil {
		t.Errorf("the key of a user with an old password: %v", err)
	}
	for name, test := range map[string]struct {
		err  error
		want string
	}{
		"wrong password":  {password("ann", "no"), "the password is wrong"},
		"empty password":  {password("ann", ""), "the password is wrong"},
		"unknown user":    {password("bob", "pw"), "there is no such user"},
		"impossible name": {password("a\nb", "pw"), "there is no such user"},
		"other network":   {password("fenced", "pw"), "the client's address is not in the user's networks"},
		"disabled":        {password("off", "pw"), "the user is disabled"},
		"protocol":        {password("ftp-only", "pw"), "the user's protocols do not have "},
		"tenant network":  {password("outside", "pw"), "the client's address is not in the tenant's networks"},
		"expired":         {password("old", "pw"), "the user has expired"},
		"old password":    {password("aged", "pw"), "the password is older than password_max_age_days"},
		"key, expired":    {key("old"), "the user has expired"},
		"key, disabled":   {key("off"), "the user is disabled"},
		"no password":     {password("keyed", "pw"), "the user has no password_hash"},
		"key first":       {password("two", "pw"), "the user's login asks for a key"},
		"key, unknown":    {key("bob"), "there is no such user"},
		"key, password":   {key("ann"), "the user's login takes no keys"},
		"key, network":    {key("fenced"), "the client's address is not in the user's networks"},
		"ambiguous":       {ambiguous, `the name is ambiguous, it is a user's of each of the tenants ["a" "b"]`},
		"key, ambiguous":  {ambiguousKey, `the name is ambiguous, it is a user's of each of the tenants ["a" "b"]`},
		"other tenant":    {elsewhere, "the user's tenant is not served here"},
		"other key":       {key("keyed"), "the key is none of the user's, is expired, or is for other addresses"},
	} {
		if !errors.Is(test.err, ErrDenied) || test.err.Error() != "auth: denied: "+test.want {
			t.Errorf("%s: %v, want %q", name, test.err, test.want)
		}
	}
}
