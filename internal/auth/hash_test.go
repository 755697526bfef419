package auth

import (
	"strings"
	"testing"

	"golang.org/x/crypto/bcrypt"
)

func TestHashPasswordIsAcceptedAndSalted(t *testing.T) {
	first, err := HashPassword("correct horse")
	if err != nil {
		t.Fatal(err)
	}
	second, err := HashPassword("correct horse")
	if err != nil {
		t.Fatal(err)
	}
	if first == second {
		t.Error("two hashes of one password are equal: no salt")
	}
	if want := "$argon2id$v=19$m=19456,t=2,p=1$"; !strings.HasPrefix(first, want) {
		t.Errorf("HashPassword = %q, want the prefix %q", first, want)
	}
	if err := CheckHash(first); err != nil {
		t.Errorf("CheckHash of our own hash: %v", err)
	}
	h, err := parseHash(first)
	if err != nil {
		t.Fatal(err)
	}
	if !h.matches("correct horse") || h.matches("correct horsf") || h.matches("") {
		t.Error("the hash must match its password and no other")
	}
}

func TestHashPasswordRefuses(t *testing.T) {
	for _, password := range []string{"", strings.Repeat("x", maxPasswordBytes+1)} {
		if got, err := HashPassword(password); err == nil {
			t.Errorf("HashPassword(%d bytes) = %q, want an error", len(password), got)
		}
	}
}

// Hashes that other programs made, so that the format is not only our own
// reading of it.
func TestForeignHashes(t *testing.T) {
	tests := []struct{ name, hash, password string }{
		// The test vector "version 0x13, 65536 KiB, 2 passes" of the reference
		// implementation's test.c.
		{"argon2 reference", "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc", "password"},
		{"argon2 reference, small", "$argon2id$v=19$m=256,t=2,p=2$c29tZXNhbHQ$bQk8UB/VmZZF4Oo79iDXuL5/0ttZwg2f/5U52iv1cDc", "password"},
		// From the test suite of the original bcrypt.
		{"bcrypt 2a", "$2a$10$XajjQvNhvvRt5GSeFk1xFeyqRrsxkhBkUiQeg0dt.wU1qD4aFDcga", "allmine"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			h, err := parseHash(test.hash)
			if err != nil {
				t.Fatal(err)
			}
			if !h.matches(test.password) {
				t.Errorf("does not match %q", test.password)
			}
			if h.matches(test.password + "x") {
				t.Error("matches a wrong password")
			}
		})
	}
}

func TestCheckHashBounds(t *testing.T) {
	const salt, key = "c29tZXNhbHQ", "CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc"
	body := strings.Repeat("a", 53)
	tests := []struct {
		name, hash string
		ok         bool
	}{
		{"argon2id", "$argon2id$v=19$m=19456,t=2,p=1$" + salt + "$" + key, true},
		{"most memory", "$argon2id$v=19$m=262144,t=2,p=1$" + salt + "$" + key, true},
		{"too much memory", "$argon2id$v=19$m=262145,t=2,p=1$" + salt + "$" + key, false},
		{"memory beyond any integer", "$argon2id$v=19$m=99999999999999999999,t=2,p=1$" + salt + "$" + key, false},
		{"too little memory", "$argon2id$v=19$m=15,t=2,p=2$" + salt + "$" + key, false},
		{"most passes", "$argon2id$v=19$m=64,t=10,p=1$" + salt + "$" + key, true},
		{"too many passes", "$argon2id$v=19$m=64,t=11,p=1$" + salt + "$" + key, false},
		{"no passes", "$argon2id$v=19$m=64,t=0,p=1$" + salt + "$" + key, false},
		{"no threads", "$argon2id$v=19$m=64,t=1,p=0$" + salt + "$" + key, false},
		{"too many threads", "$argon2id$v=19$m=262144,t=1,p=17$" + salt + "$" + key, false},
		{"old version", "$argon2id$v=16$m=64,t=1,p=1$" + salt + "$" + key, false},
		{"short salt", "$argon2id$v=19$m=64,t=1,p=1$c29tZQ$" + key, false},
		{"short key", "$argon2id$v=19$m=64,t=1,p=1$" + salt + "$c29tZQ", false},
		{"padded", "$argon2id$v=19$m=64,t=1,p=1$" + salt + "=$" + key, false},
		{"cut off", "$argon2id$v=19$m=64,t=1,p=1$" + salt, false},
		{"argon2i", "$argon2i$v=19$m=64,t=1,p=1$" + salt + "$" + key, false},
		{"trailing line end", "$argon2id$v=19$m=64,t=1,p=1$" + salt + "$" + key + "\n", false},
		{"bcrypt 2a", "$2a$10$" + body, true},
		{"bcrypt 2b", "$2b$12$" + body, true},
		{"bcrypt 2y", "$2y$15$" + body, true},
		{"bcrypt 2x is the broken one", "$2x$10$" + body, false},
		{"bcrypt too dear", "$2b$16$" + body, false},
		{"bcrypt too cheap", "$2b$03$" + body, false},
		{"bcrypt cut off", "$2b$10$" + body[1:], false},
		{"empty", "", false},
		{"plain text", "secret", false},
		{"crypt", "$6$salt$hash", false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			err := CheckHash(test.hash)
			if (err == nil) != test.ok {
				t.Errorf("CheckHash(%q) = %v, want ok = %v", test.hash, err, test.ok)
			}
			if err != nil && test.hash != "" && strings.Contains(err.Error(), test.hash) {
				t.Errorf("the error quotes the hash: %v", err)
			}
		})
	}
}

func TestBcryptMatches(t *testing.T) {
	text, err := bcrypt.GenerateFromPassword([]byte("pw"), bcrypt.MinCost)
	if err != nil {
		t.Fatal(err)
	}
	h, err := parseHash(string(text))
	if err != nil {
		t.Fatal(err)
	}
	if !h.matches("pw") || h.matches("pW") {
		t.Error("the hash must match its password and no other")
	}
}

func FuzzParseHash(f *testing.F) {
	f.Add("$argon2id$v=19$m=64,t=1,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc")
	f.Add("$2b$04$" + strings.Repeat("a", 53))
	f.Fuzz(func(t *testing.T, text string) {
		h, err := parseHash(text)
		if err != nil {
			return
		}
		if h.bcrypt == nil && (h.memoryKiB > maxMemoryKiB || h.passes > maxPasses || h.memoryKiB < 8*uint32(h.threads)) {
			t.Fatalf("accepted a cost out of bounds: %q", text)
		}
		if h.bcrypt == nil && h.memoryKiB <= 64 && h.passes <= 2 {
			h.matches("password") // must not panic
		}
	})
}
