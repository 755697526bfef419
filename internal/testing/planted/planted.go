// Package planted has the secrets of the configurations in tests, and finds them in output
// that must not contain any: the logs, diagnostics and crashes of the program. Command
// gotest looks at the output of all tests, and test/launch at what the program prints.
//
// It is not for the configurations themselves and for what tests send.
package planted

import (
	"strings"

	"github.com/tidegate/tidegate/internal/testing/azstub"
)

// Password is the correct password of the users in most tests.
const Password = "correct horse"

// WebhookSecret is the secret of the webhooks in tests.
const WebhookSecret = "whsec_UGxhbnRlZCBzZWNyZXQgb2YgYSB3ZWJob29rLi4u"

// WebhookQuery is in the URLs of webhooks in tests. A service may know its callers by it.
const WebhookQuery = "?code=cGxhbnRlZA"

// WebhookPath is in the URLs of other webhooks, such as those of Slack.
const WebhookPath = "/services/T024BE7LD/cGxhbnRlZCBwYXRo0123"

// secret is a text that identifies a secret.
type secret struct{ name, text string }

func secrets() []secret {
	return []secret{
		{"a password", Password},
		{"a bcrypt hash", "$2a$"},
		{"an argon2id hash", "$argon2id$v="},
		{"the secret of a webhook", WebhookSecret[len("whsec_"):][:20]},
		{"the query of a webhook", WebhookQuery},
		{"the path of a webhook", WebhookPath[len("/services/T024BE7LD/"):]},
		{"an account key", azstub.DevKey[:20]},
		{"a private key", "PRIVATE KEY-----"},
		{"the signature of a SAS", "sig="},
	}
}

// In returns the name of a secret that the text contains, "" for none. The line of a
// script's environment that gives a client its password is left out: the test prints it,
// and not the program.
func In(text string) string {
	for line := range strings.Lines(text) {
		if strings.HasPrefix(strings.TrimSpace(line), "PASSWORD=") {
			continue
		}
		for _, s := range secrets() {
			if strings.Contains(line, s.text) {
				return s.name
			}
		}
	}
	return ""
}
