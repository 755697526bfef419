package azurequeue

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/tidegate/tidegate/cmd/internal/events"
	"github.com/tidegate/tidegate/internal/notify"
	"github.com/tidegate/tidegate/internal/testing/azurite"
	"github.com/tidegate/tidegate/internal/testing/planted"
)

// open opens the sender of a block.
func open(t *testing.T, block string) events.Sender {
	t.Helper()
	file, diags := hclsyntax.ParseConfig([]byte(block), "test.hcl", hcl.InitialPos)
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	body, diags := Type().Decode(file.Body, nil)
	if len(diags) > 0 {
		t.Fatal(diags)
	}
	s, err := body.(events.Config).Open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

// Azurite's queue gets the message in base64, and it does not expire.
func TestQueueOnAzurite(t *testing.T) {
	s := azurite.StartQueues(t)
	key, err := azqueue.NewSharedKeyCredential(s.Account, s.Key)
	if err != nil {
		t.Fatal(err)
	}
	queue, err := azqueue.NewQueueClientWithSharedKeyCredential(s.Endpoint+"/events", key, nil)
	if err != nil {
		t.Fatal(err)
	}
	m := notify.Message{ID: "one", Events: [][]byte{[]byte(`{"subject":"/in/ä <&> b.csv"}`)}}
	shared := open(t, fmt.Sprintf("endpoint = %q\nqueue = \"events\"\nauth \"shared_key\" { key = %q }", s.Endpoint, s.Key))
	if f, ok := shared.Send(t.Context(), m).(*notify.Failure); !ok || !f.Busy || !strings.Contains(f.Error(), "404 QueueNotFound") { //nolint:errorlint // as notify has it
		t.Errorf("a missing queue: %v", f)
	}
	if _, err := shared.Check(t.Context()); err == nil || err.Error() != "the queue answers 404 QueueNotFound: create the queue" {
		t.Errorf("a check of a missing queue: %v", err)
	}
	if _, err := queue.Create(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	connection := fmt.Sprintf("DefaultEndpointsProtocol=http;AccountName=%s;AccountKey=%s;QueueEndpoint=%s;", s.Account, s.Key, s.Endpoint)
	if answer, err := shared.Check(t.Context()); err != nil || answer != "the queue has about 0 messages" {
		t.Errorf("a check: %q, %v", answer, err)
	}
	for _, sender := range []notify.Sender{shared, open(t, fmt.Sprintf("queue = \"events\"\nauth \"connection_string\" { value = %q }", connection))} {
		if err := sender.Send(t.Context(), m); err != nil {
			t.Fatal(err)
		}
		got, err := queue.DequeueMessage(t.Context(), nil)
		if err != nil || len(got.Messages) != 1 {
			t.Fatalf("%d messages, %v", len(got.Messages), err)
		}
		if text, err := base64.StdEncoding.DecodeString(*got.Messages[0].MessageText); err != nil || string(text) != string(m.Events[0]) {
			t.Errorf("got %s, %v", *got.Messages[0].MessageText, err)
		}
		if end := *got.Messages[0].ExpirationTime; end.Before(time.Now().Add(10 * 365 * 24 * time.Hour)) {
			t.Errorf("the message expires at %v", end)
		}
	}
	wrong := open(t, fmt.Sprintf("endpoint = %q\nqueue = \"events\"\nauth \"shared_key\" { key = \"AAAA\" }", s.Endpoint))
	if f, ok := wrong.Send(t.Context(), m).(*notify.Failure); !ok || !f.Busy || !strings.Contains(f.Error(), "403") { //nolint:errorlint // as notify has it
		t.Errorf("a wrong key: %v", f)
	}
	if _, err := wrong.Check(t.Context()); err == nil || !strings.Contains(err.Error(), "check the credential in auth") {
		t.Errorf("a check with a wrong key: %v", err)
	}
}

// No error has the signature, and each answer is tried again as it should be.
func TestAnswers(t *testing.T) {
	for status, busy := range map[int]bool{400: false, 403: true, 404: true, 413: false, 429: true, 500: true, 503: true, 307: true} {
		visits := 0
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			visits++
			w.Header().Set("Location", "/elsewhere")
			w.Header().Set("Retry-After", "3")
			w.WriteHeader(status)
		}))
		sender := open(t, fmt.Sprintf("endpoint = %q\nqueue = \"events\"\nauth \"sas\" { token = \"sv=2022-11-02&sig=abc\" }", s.URL))
		err := sender.Send(t.Context(), notify.Message{Events: [][]byte{[]byte("x")}})
		f, ok := err.(*notify.Failure) //nolint:errorlint // as notify has it
		if !ok || f.Busy != busy || f.Gone || f.After != 3*time.Second || planted.In(f.Error()) != "" || visits != 1 {
			t.Errorf("%d: %+v, %d requests", status, err, visits)
		}
		s.Close()
		if err := sender.Send(t.Context(), notify.Message{Events: [][]byte{nil}}); err == nil || planted.In(err.Error()) != "" {
			t.Errorf("without a server: %v", err)
		}
	}
}

// An identity that may only send is not refused as one that is wrong. No error of a check has
// the signature.
func TestCheckWithoutTheRightToLook(t *testing.T) {
	for code, want := range map[string]string{
		"AuthorizationPermissionMismatch": "", "AuthenticationFailed": "the queue answers 403 AuthenticationFailed: check the credential",
	} {
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("x-ms-error-code", code)
			w.WriteHeader(http.StatusForbidden)
		}))
		sender := open(t, fmt.Sprintf("endpoint = %q\nqueue = \"events\"\nauth \"sas\" { token = \"sv=2022-11-02&sig=abc\" }", s.URL))
		answer, err := sender.Check(t.Context())
		switch {
		case want == "" && (err != nil || !strings.Contains(answer, "accepts the credential")):
			t.Errorf("%s: %q, %v", code, answer, err)
		case want != "" && (err == nil || !strings.HasPrefix(err.Error(), want)):
			t.Errorf("%s: %v, want %q", code, err, want)
		}
		s.Close()
		if _, err := sender.Check(t.Context()); err == nil || planted.In(err.Error()) != "" {
			t.Errorf("without a server: %v", err)
		}
	}
}
