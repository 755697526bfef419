package frontendtest

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/tidegate/tidegate/internal/auth"
	"github.com/tidegate/tidegate/internal/guessing"
	"github.com/tidegate/tidegate/vfs"
)

// unserved is a tenant that the servers of the login tests do not serve.
const unserved = "unserved"

func loginTests() []suiteTest {
	return []suiteTest{
		{"login/right", testLogin},
		{"login/refused alike", testLoginRefused},
		{"login/after a refusal", testLoginAgain},
		{"login/guessing", testGuessing},
	}
}

func loginUsers(vfs.Backend) []user {
	return []user{
		{name: ann},
		{name: "Bob", password: "Other Password"},
		{name: "nothing", change: func(a *auth.Account) { a.PasswordHash, a.Keys = "", nil }},
		{name: "elsewhere", change: func(a *auth.Account) {
			a.Networks = []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}
		}},
		{name: "here", change: func(a *auth.Account) {
			a.Networks = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}
		}},
		{name: "disabled", change: func(a *auth.Account) { a.Disabled = true }},
		{name: "expired", change: func(a *auth.Account) { a.Expires = time.Now() }},
		{name: "aged", change: func(a *auth.Account) { a.PasswordExpires = time.Now() }},
		{name: "otherprotocol", change: func(a *auth.Account) { a.Protocols = []string{"gopher"} }},
		{name: "fenced", change: func(a *auth.Account) {
			a.TenantNetworks = []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}
		}},
		{name: "certificate", change: func(a *auth.Account) { a.Factors = auth.CertificateOnly }},
		{name: "twin", change: func(a *auth.Account) { a.Tenant = "one" }},
		{name: "twin", password: "Other Password", change: func(a *auth.Account) { a.Tenant = "two" }},
		{name: "ann", password: "Other Password", change: func(a *auth.Account) { a.Tenant = unserved }},
		{name: "guest", change: func(a *auth.Account) { a.Tenant = unserved }},
	}
}

// servedByLogins are the tenants that they do serve.
func servedByLogins() []string {
	return []string{
		"ONE", "two", "tenant-ann", "tenant-Bob", "tenant-nothing", "tenant-elsewhere", "tenant-here",
		"tenant-disabled", "tenant-expired", "tenant-aged", "tenant-otherprotocol", "tenant-fenced", "tenant-certificate",
	}
}

// testLogin proves that names are not case sensitive, and passwords are taken
// as they are.
func testLogin(t *testing.T, target Target) {
	s := serve(t, target, setup{users: loginUsers, served: servedByLogins()})
	tests := []struct {
		name  string
		login Login
	}{
		{"as written", Login{ann, annPassword}},
		{"upper case", Login{"ANN", annPassword}},
		{"lower case", Login{"bob", "Other Password"}},
		{"allowed network", Login{"here", annPassword}},
		{"tenant first", Login{"one/twin", annPassword}},
		{"tenant last", Login{"Twin@TWO", "Other Password"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			c, err := s.dial(test.login)
			if err != nil {
				t.Fatalf("login %q: %v", test.login.User, err)
			}
			if _, err := c.List("/"); err != nil {
				t.Errorf("list after login %q: %v", test.login.User, err)
			}
			if err := c.Quit(); err != nil {
				t.Errorf("quit: %v", err)
			}
		})
	}
}

// testLoginRefused proves that a refusal does not show its reason, while guesses are counted.
// internal/auth shows the same of the time of the answer.
func testLoginRefused(t *testing.T, target Target) {
	s := serve(t, target, setup{
		users: loginUsers, served: servedByLogins(),
		guessing: guessing.Settings{PerAddress: 1000, PerLogin: 1000, RefuseFor: time.Hour},
	})
	_, err := s.dial(Login{ann, "wrong"})
	model, ok := errors.AsType[*Error](err)
	if !ok {
		t.Fatalf("wrong password: %v, want a refusal", err)
	}
	// That there is no empty name is no secret: the protocol's grammar may say
	// so.
	for _, l := range []Login{{}, {Password: annPassword}} {
		if _, err := s.dial(l); !isRefusal(err) {
			t.Errorf("login without a name: %v, want a refusal", err)
		}
	}
	tests := []struct {
		name  string
		login Login
	}{
		{"unknown user", Login{"nobody", annPassword}},
		{"empty password", Login{ann, ""}},
		{"another's password", Login{ann, "Other Password"}},
		{"case of the password", Login{ann, strings.ToUpper(annPassword)}},
		{"blank after the password", Login{ann, annPassword + " "}},
		{"part of the password", Login{ann, annPassword[:5]}},
		{"part of the name", Login{"an", annPassword}},
		{"nothing set", Login{"nothing", annPassword}},
		{"nothing set, none given", Login{"nothing", ""}},
		{"other network", Login{"elsewhere", annPassword}},
		{"disabled", Login{"disabled", annPassword}},
		{"expired", Login{"expired", annPassword}},
		{"other protocol", Login{"otherprotocol", annPassword}},
		{"other network than the tenant's", Login{"fenced", annPassword}},
		{"client certificate", Login{"certificate", annPassword}},
		{"ambiguous name", Login{"twin", annPassword}},
		{"ambiguous name, the other's password", Login{"twin", "Other Password"}},
		{"other tenant's password", Login{"two/twin", annPassword}},
		{"tenant that is not served", Login{unserved + "/guest", annPassword}},
		{"name in a tenant that is not served", Login{"guest", annPassword}},
		{"namesake in a tenant that is not served", Login{"ann@" + unserved, "Other Password"}},
		{"unknown tenant", Login{"three/twin", annPassword}},
		{"long name", Login{strings.Repeat("a", 1000), annPassword}},
		{"long password", Login{ann, strings.Repeat("a", 1000)}},
		{"anonymous", Login{"anonymous", "a@example.com"}},
	}
	if target.Account == nil { // keys do not age
		tests = append(tests, tests[0])
		last := &tests[len(tests)-1]
		last.name, last.login = "old password", Login{"aged", annPassword}
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := s.dial(test.login)
			got, ok := errors.AsType[*Error](err)
			if !ok || *got != *model {
				t.Errorf("login: %v, want the same as for a wrong password: %v", err, model)
			}
		})
	}
}

func testLoginAgain(t *testing.T, target Target) {
	s := serve(t, target, setup{})
	if _, err := s.dial(Login{ann, "wrong"}); !isRefusal(err) {
		t.Fatalf("wrong password: %v, want a refusal", err)
	}
	s.login()
}

// testGuessing proves that wrong passwords are counted over several connections. Beyond the
// limit, every password is refused with the same answer, also the right one. A login that has
// succeeded before from the guessing address is still accepted from there.
func testGuessing(t *testing.T, target Target) {
	s := serve(t, target, setup{
		users:    func(vfs.Backend) []user { return []user{{name: ann}, {name: "bob"}} },
		guessing: guessing.Settings{PerAddress: 8, PerLogin: 20, RefuseFor: time.Hour},
	})
	s.loginAs(ann)
	_, err := s.dial(Login{"bob", "wrong"})
	model, ok := errors.AsType[*Error](err)
	if !ok {
		t.Fatalf("wrong password: %v, want a refusal", err)
	}
	for i := range 10 {
		if _, err := s.dial(Login{"bob", fmt.Sprint("guess", i)}); !isRefusal(err) {
			t.Fatalf("guess %d: %v, want a refusal", i, err)
		}
	}
	_, err = s.dial(Login{"bob", annPassword})
	if got, ok := errors.AsType[*Error](err); target.Account == nil && (!ok || *got != *model) {
		t.Errorf("the right password after many wrong ones: %v, want the same as for a wrong one: %v", err, model)
	}
	if target.Account != nil && err != nil {
		t.Errorf("keys are no guesses: %v", err)
	}
	s.loginAs(ann)
}
