package config_test

import (
	"crypto/rand"
	"crypto/rsa"
	"fmt"
	"strings"
	"testing"

	"github.com/hashicorp/hcl/v2"
	"golang.org/x/crypto/ssh"

	"github.com/tidegate/tidegate/config"
	"github.com/tidegate/tidegate/internal/hostmemory"
)

// Weak credentials are warnings, and are accepted.
func TestWeakCredentials(t *testing.T) {
	private, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	key, err := ssh.NewPublicKey(&private.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	weak := strings.TrimSpace(string(ssh.MarshalAuthorizedKey(key)))
	const strong = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJKRnFGDsFGfsRTqLNyBdbpJMvFGzHiWvMXDXzxAZNqD"
	bcrypt := func(cost string) string { return "$2b$" + cost + "$" + strings.Repeat("a", 53) }
	argon := func(cost string) string {
		return "$argon2id$v=19$" + cost + ",p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc"
	}
	tests := []struct {
		name, tenant, user string
		want               string // "" means no warning
	}{
		{"strong", "", fmt.Sprintf("password_hash = %q\nauthorized_keys = [%q]", bcrypt("10"), strong), ""},
		{"bcrypt", "", fmt.Sprintf("password_hash = %q", bcrypt("09")), "bcrypt cost is 9"},
		{"argon2id", "", fmt.Sprintf("password_hash = %q", argon("m=4096,t=3")), "4096 KiB and 3 passes"},
		{"argon2id of OWASP's least memory", "", fmt.Sprintf("password_hash = %q", argon("m=7168,t=5")), ""},
		{"argon2id of one pass", "", fmt.Sprintf("password_hash = %q", argon("m=47104,t=1")), ""},
		{"RSA key", "", fmt.Sprintf("authorized_keys = [%q]", weak), "RSA key of 2048 bits"},
		{"RSA authority", fmt.Sprintf("trusted_user_ca_keys = [%q]", weak), "", "RSA key of 2048 bits"},
		{"past", "", fmt.Sprintf("authorized_keys = [%q]", `expiry-time="20200101Z" `+strong), "has passed"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			text := fmt.Sprintf("backend \"store\" \"d\" { root = \"/\" }\ntenant \"t\" {\n%s\nmount \"/\" { backend = backend.store.d }\nuser \"u\" {\n%s\n}\n}\n", test.tenant, test.user)
			c, diags := config.Load([]config.Source{{Name: "x.hcl", Bytes: []byte(text)}}, registry(), hostmemory.Limit{})
			if c == nil {
				t.Fatal(diags)
			}
			switch {
			case test.want == "" && len(diags) > 0:
				t.Errorf("%v, want no warning", diags)
			case test.want != "" && (len(diags) != 1 || diags[0].Severity != hcl.DiagWarning || diags[0].Subject.Start.Line < 3 || !strings.Contains(diags[0].Detail, test.want)):
				t.Errorf("%v, want one warning with %q", diags, test.want)
			}
		})
	}
}

// Weak hashes of many users are one warning for each weakness.
func TestManyWeakHashes(t *testing.T) {
	var users strings.Builder
	for i := range 7 {
		fmt.Fprintf(&users, "user \"u%d\" { password_hash = %q }\n", i, "$2b$0"+[]string{"4", "5"}[i/6]+"$"+strings.Repeat("a", 53))
	}
	text := "backend \"store\" \"d\" { root = \"/\" }\ntenant \"t\" {\nmount \"/\" { backend = backend.store.d }\n" + users.String() + "}\n"
	c, diags := config.Load([]config.Source{{Name: "x.hcl", Bytes: []byte(text)}}, registry(), hostmemory.Limit{})
	if c == nil || len(diags) != 2 {
		t.Fatalf("%v, want two warnings", diags)
	}
	if d := diags[0]; d.Subject.Start.Line != 4 || !strings.Contains(d.Detail, "6 users have such a hash: u0, u1, u2 and 3 more.") {
		t.Errorf("the first warning, of line %d: %s", d.Subject.Start.Line, d.Detail)
	}
	if d := diags[1]; d.Subject.Start.Line != 10 || strings.Contains(d.Detail, "users have") {
		t.Errorf("the second warning, of line %d: %s", d.Subject.Start.Line, d.Detail)
	}
}
