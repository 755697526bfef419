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
		// Made by openssl passwd.
		{"sha512-crypt", "$6$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjl/O817G3uBnIFNjnQJuesI68u4OTLiBFdcbYEdFCoEOfaS35inz1", "Hello world!"},
		{"sha512-crypt, rounds", "$6$rounds=10000$saltstringsaltst$OW1/O6BYHV6BcXZu8QVeXbDWra3Oeqh0sbHbbMCVNSnCM/UrjmM0Dp8vOuZeHBy/YTBmSK6H9qs/y3RnOaw5v.", "Hello world!"},
		{"sha256-crypt", "$5$saltstring$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc5", "Hello world!"},
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
	body, sha512 := strings.Repeat("a", 53), strings.Repeat("a", 86)
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
		{"sha512-crypt", "$6$salt$" + sha512, true},
		{"sha512-crypt, most rounds", "$6$rounds=1000000$salt$" + sha512, true},
		{"sha512-crypt, too many rounds", "$6$rounds=1000001$salt$" + sha512, false},
		{"sha512-crypt, too few rounds", "$6$rounds=999$salt$" + sha512, false},
		{"sha512-crypt, other parameter", "$6$round=5000$salt$" + sha512, false},
		{"sha512-crypt cut off", "$6$salt$" + sha512[1:], false},
		{"sha512-crypt, no salt", "$6$$" + sha512, false},
		{"sha512-crypt, long salt", "$6$saltsaltsaltsalts$" + sha512, false},
		{"sha256-crypt", "$5$salt$" + sha512[:43], true},
		{"sha256-crypt with the other length", "$5$salt$" + sha512, false},
		{"MD5-crypt", "$1$salt$" + sha512[:22], false},
		{"yescrypt", "$y$j9T$salt$" + sha512[:43], false},
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
	f.Add("$6$rounds=1000$salt$" + strings.Repeat("a", 86))
	f.Fuzz(func(t *testing.T, text string) {
		h, err := parseHash(text)
		if err != nil {
			return
		}
		if h.digest != nil && (h.rounds < minSHARounds || h.rounds > maxSHARounds) {
			t.Fatalf("accepted rounds out of bounds: %q", text)
		}
		if h.bcrypt == nil && h.digest == nil && (h.memoryKiB > maxMemoryKiB || h.passes > maxPasses || h.memoryKiB < 8*uint32(h.threads)) {
			t.Fatalf("accepted a cost out of bounds: %q", text)
		}
		if h.bcrypt == nil && h.memoryKiB <= 64 && h.passes <= 2 && h.rounds <= defaultSHARounds {
			h.matches("password") // must not panic
		}
	})
}
