package webhook

import (
	"context"
	"encoding/base64"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"github.com/tidegate/tidegate/internal/notify"
)

// secretOf returns a secret in the form of the configuration.
func secretOf(char string) string {
	return prefix + base64.StdEncoding.EncodeToString([]byte(strings.Repeat(char, 32)))
}

func options(t *testing.T, url string, secrets ...string) Options {
	t.Helper()
	o := Options{URL: url}
	for _, text := range secrets {
		secret, err := parseSecret(text)
		if err != nil {
			t.Fatal(err)
		}
		o.Secrets = append(o.Secrets, secret)
	}
	return o
}

var message = notify.Message{ID: "ABCDEFGH", Events: [][]byte{[]byte(`{"specversion":"1.0"}`)}}

var batch = notify.Message{ID: "IJKLMNOP", Batch: true, Events: [][]byte{[]byte(`{"id":"a"}`), []byte(`{"id":"b"}`)}}

// The official library verifies the signature by each of the secrets, and by no other.
func TestSignature(t *testing.T) {
	var header http.Header
	var body []byte
	s := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		header = r.Header
		body, _ = io.ReadAll(r.Body)
	}))
	defer s.Close()
	o := options(t, s.URL, secretOf("a"), secretOf("b"))
	o.Token = "t"
	sender := New(o)
	defer sender.Close()
	for _, sent := range []struct {
		notify.Message
		body, contentType string
	}{
		{message, `{"specversion":"1.0"}`, "application/cloudevents+json; charset=utf-8"},
		{batch, `[{"id":"a"},{"id":"b"}]`, "application/cloudevents-batch+json; charset=utf-8"},
	} {
		if err := sender.Send(t.Context(), sent.Message); err != nil {
			t.Fatal(err)
		}
		for secret, want := range map[string]bool{secretOf("a"): true, secretOf("b"): true, secretOf("c"): false} {
			v, err := standardwebhooks.NewWebhook(secret)
			if err != nil {
				t.Fatal(err)
			}
			if err := v.Verify(body, header); (err == nil) != want {
				t.Errorf("verified %v: %v", err == nil, err)
			}
			if err := v.Verify(append(body, ' '), header); err == nil {
				t.Error("a changed body is verified")
			}
		}
		if string(body) != sent.body || header.Get("webhook-id") != sent.ID || header.Get("Authorization") != "Bearer t" ||
			header.Get("Content-Type") != sent.contentType || header.Get("Content-Length") != strconv.Itoa(len(body)) {
			t.Errorf("got %s, %v", body, header)
		}
	}
}

// What each answer means.
func TestAnswers(t *testing.T) {
	for _, test := range []struct {
		status     int
		retryAfter string
		ok         bool
		busy, gone bool
		after      time.Duration
	}{
		{status: 200, ok: true},
		{status: 204, ok: true},
		{status: 302},
		{status: 307},
		{status: 400},
		{status: 401},
		{status: 404},
		{status: 500},
		{status: 410, gone: true},
		{status: 429, busy: true},
		{status: 502, busy: true},
		{status: 503, busy: true},
		{status: 504, busy: true},
		{status: 429, retryAfter: "7", busy: true, after: 7 * time.Second},
		{status: 500, retryAfter: "7", busy: true, after: 7 * time.Second},
		{status: 503, retryAfter: "soon", busy: true},
		{status: 503, retryAfter: "-1", busy: true},
	} {
		visits := 0
		var s *httptest.Server
		s = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			visits++
			w.Header().Set("Location", s.URL+"/elsewhere")
			if test.retryAfter != "" {
				w.Header().Set("Retry-After", test.retryAfter)
			}
			w.WriteHeader(test.status)
			_, _ = io.WriteString(w, "the secret of the receiver")
		}))
		sender := New(options(t, s.URL, secretOf("a")))
		err := sender.Send(t.Context(), message)
		sender.Close()
		s.Close()
		if visits != 1 {
			t.Errorf("%d: %d requests", test.status, visits)
		}
		if test.ok {
			if err != nil {
				t.Errorf("%d: %v", test.status, err)
			}
			continue
		}
		f, ok := err.(*notify.Failure) //nolint:errorlint // as notify has it
		if !ok {
			t.Fatalf("%d: %v", test.status, err)
		}
		if f.Busy != test.busy || f.Gone != test.gone || f.After != test.after || strings.Contains(f.Error(), "secret") {
			t.Errorf("%d: %+v", test.status, f)
		}
	}
	at := time.Date(2026, 11, 29, 12, 0, 0, 0, time.UTC)
	for text, want := range map[string]time.Duration{
		at.Add(time.Minute).Format(http.TimeFormat): time.Minute, at.Add(-time.Minute).Format(http.TimeFormat): 0, "": 0,
	} {
		if got := retryAfter(text, at); got != want {
			t.Errorf("Retry-After %q is %v", text, got)
		}
	}
}

// A receiver without an answer is an error that does not have the URL.
func TestNoAnswer(t *testing.T) {
	hang := make(chan struct{})
	s := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-hang }))
	defer s.Close()
	defer close(hang)
	sender := New(options(t, s.URL+"/?code=planted", secretOf("a")))
	defer sender.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	dead := httptest.NewServer(nil)
	dead.Close()
	none := New(options(t, dead.URL+"/?code=planted", secretOf("a")))
	defer none.Close()
	for _, err := range []error{sender.Send(ctx, message), none.Send(t.Context(), message)} {
		if _, answered := err.(*notify.Failure); err == nil || answered || strings.Contains(err.Error(), "planted") { //nolint:errorlint // as notify has it
			t.Errorf("got %v", err)
		}
	}
}

func TestParseSecret(t *testing.T) {
	for text, want := range map[string]bool{
		secretOf("a"): true, "": false, "whsec_": false, strings.TrimPrefix(secretOf("a"), prefix): false,
		prefix + base64.StdEncoding.EncodeToString(make([]byte, 23)): false, prefix + base64.StdEncoding.EncodeToString(make([]byte, 65)): false,
		secretOf("a") + "\n": true, // which base64 allows
		secretOf("a") + "!":  false,
	} {
		if _, err := parseSecret(text); (err == nil) != want || err != nil && text != "" && strings.Contains(err.Error(), text) && len(text) > 10 {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// A check asks by OPTIONS and sends no event. Whatever the receiver answers is good, unless it
// means that no event will be accepted.
func TestCheck(t *testing.T) {
	for status, want := range map[int]string{
		200: "answers 200 OK to OPTIONS", 404: "answers 404 Not Found to OPTIONS", 405: "answers 405 Method Not Allowed to OPTIONS",
		307: "answers 307 Temporary Redirect to OPTIONS, and redirects of events are not followed",
		410: "error: the receiver answers 410 Gone: it wants no events", 503: "error: the receiver answers 503 Service Unavailable to OPTIONS",
	} {
		var asked []string
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			asked = append(asked, r.Method+" "+r.Header.Get("WebHook-Request-Origin")+" "+r.Header.Get("Authorization"))
			w.WriteHeader(status)
		}))
		o := options(t, s.URL+"/?code=planted", secretOf("a"))
		o.Token = "t"
		sender := New(o)
		got, err := sender.Check(t.Context())
		if err != nil {
			got = "error: " + err.Error()
		}
		if got != want || !slices.Equal(asked, []string{"OPTIONS tidegate Bearer t"}) {
			t.Errorf("%d: %q after %q, want %q", status, got, asked, want)
		}
		sender.Close()
		s.Close()
	}
	// The certificate is checked, and no error has the URL.
	s := httptest.NewTLSServer(http.NotFoundHandler())
	defer s.Close()
	for url, want := range map[string]string{s.URL + "/?code=planted": "certificate", "https://nowhere.invalid/?code=planted": "nowhere.invalid"} {
		sender := New(options(t, url, secretOf("a")))
		if _, err := sender.Check(t.Context()); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "planted") {
			t.Errorf("%v, want %q", err, want)
		}
		sender.Close()
	}
}
