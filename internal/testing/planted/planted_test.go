package planted_test

import (
	"testing"

	"github.com/tidegate/tidegate/internal/testing/azstub"
	"github.com/tidegate/tidegate/internal/testing/planted"
)

func TestIn(t *testing.T) {
	tests := []struct{ text, want string }{
		{"", ""},
		{"level=WARN msg=\"login refused\" err=\"the password is wrong\"\n", ""},
		{"msg=\"login refused\" password=\"correct horse\"", "a password"},
		{"        PASSWORD=correct horse\n        MODE=tls\n", ""},
		{"        PASSWORD=correct horse\npass \"correct horse\"\n", "a password"},
		{`key = "` + azstub.DevKey + `"`, "an account key"},
		{`secrets = ["` + planted.WebhookSecret + `"]`, "the secret of a webhook"},
		{"$2a$04$abc", "a bcrypt hash"},
		{"-----BEGIN PRIVATE KEY-----", "a private key"},
		{"GET /c/b?sv=2026-02-06&sig=abc", "the signature of a SAS"},
	}
	for _, test := range tests {
		if got := planted.In(test.text); got != test.want {
			t.Errorf("%q: %q, want %q", test.text, got, test.want)
		}
	}
}
