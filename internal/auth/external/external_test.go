package external

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tidegate/tidegate/internal/fairshare"
)

// serve runs a service over TLS and returns a client of it.
func serve(t *testing.T, answer http.HandlerFunc) *Client {
	t.Helper()
	s := httptest.NewTLSServer(answer)
	t.Cleanup(s.Close)
	trusted := x509.NewCertPool()
	trusted.AddCert(s.Certificate())
	c := New(Options{
		URL: s.URL + "/login?code=url-secret", TLS: &tls.Config{RootCAs: trusted}, Token: "token-secret", Node: "ftp-1",
		Timeout: time.Minute, Turns: fairshare.NewResource("logins", 4),
	})
	t.Cleanup(c.Close)
	return c
}

var question = Request{
	Tenant: "contoso", Username: "Camera 01 ü", Password: "password-secret\"\\ ü", Method: MethodPassword,
	Protocol: "FTPS", SourceIP: "192.0.2.7", Host: "ftp.contoso.example", Session: "S1",
}

// The service gets everything that is documented, and nothing else.
func TestRequest(t *testing.T) {
	var got map[string]any
	var header http.Header
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		header = r.Header
		if r.Method != http.MethodPost || r.URL.RequestURI() != "/login?code=url-secret" {
			t.Errorf("%s %s", r.Method, r.URL)
		}
		if err := json.NewDecoder(r.Body).Decode(&got); err != nil {
			t.Error(err)
		}
		_, _ = io.WriteString(w, `{"allow":true}`)
	})
	if _, err := c.Ask(t.Context(), question); err != nil {
		t.Fatal(err)
	}
	want := map[string]any{
		"version": 1.0, "tenant": "contoso", "username": "Camera 01 ü", "password": "password-secret\"\\ ü", "method": "password",
		"protocol": "FTPS", "source_ip": "192.0.2.7", "host": "ftp.contoso.example", "session": "S1", "node": "ftp-1",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	if header.Get("Authorization") != "Bearer token-secret" || header.Get("Content-Type") != "application/json" {
		t.Errorf("headers: %v", header)
	}
	byKey := question
	byKey.Password, byKey.PublicKey, byKey.Method = "", "ssh-ed25519 AAAA", MethodKey
	got = nil
	if _, err := c.Ask(t.Context(), byKey); err != nil {
		t.Fatal(err)
	}
	if _, has := got["password"]; has || got["public_key"] != "ssh-ed25519 AAAA" || got["method"] != "publickey" {
		t.Errorf("a key is asked about with %v", got)
	}
}

// An answer allows the login, refuses it, or is no decision.
func TestAnswers(t *testing.T) {
	const (
		allowed = iota
		refused
		failed
	)
	long := `{"allow":true,"home":"/` + strings.Repeat("a", maxAnswer) + `"}`
	for _, test := range []struct {
		status int
		body   string
		want   int
	}{
		{200, `{"allow":true}`, allowed},
		{200, " {\"allow\": true, \"home\": \"/in\", \"permissions\": [\"list\"]}\r\n", allowed},
		{200, `{"allow":true,"home":null,"mounts":null}`, allowed},
		{200, `{"allow":true,"expires":"2999-01-01T00:00:00Z"}`, allowed},
		{200, `{"allow":false}`, refused},
		{200, `{"allow":false,"home":"/in"}`, refused},
		{200, `{"allow":true,"expires":"2020-01-01T00:00:00Z"}`, refused},
		{401, ``, refused},
		{403, `{"allow":true}`, refused},

		{200, ``, failed},
		{200, "\n", failed},
		{200, `{}`, failed},
		{200, `null`, failed},
		{200, `true`, failed},
		{200, `[]`, failed},
		{200, `{"allow":null}`, failed},
		{200, `{"allow":"true"}`, failed},
		{200, `{"allow":1}`, failed},
		{200, `{"Allow":true}`, failed},
		{200, `{"allow":false,"allow":true}`, failed},
		{200, `{"allow":true,"extra":1}`, failed},
		{200, `{"allow":true,"home":7}`, failed},
		{200, `{"allow":true,"permissions":"list"}`, failed},
		{200, `{"allow":true,"expires":"tomorrow"}`, failed},
		{200, `{"allow":true} {"allow":false}`, failed},
		{200, `{"allow":true`, failed},
		{200, `<html>`, failed},
		{200, long, failed},
		{201, `{"allow":true}`, failed},
		{204, ``, failed},
		{302, `{"allow":true}`, failed},
		{307, `{"allow":true}`, failed},
		{400, `{"allow":true}`, failed},
		{404, ``, failed},
		{429, ``, failed},
		{500, ``, failed},
		{503, `{"allow":true}`, failed},
	} {
		name := fmt.Sprintf("%d %.60s", test.status, test.body)
		t.Run(name, func(t *testing.T) {
			asked := 0
			c := serve(t, func(w http.ResponseWriter, r *http.Request) {
				if asked++; r.URL.Path != "/login" {
					t.Errorf("a redirect is followed to %s", r.URL)
				}
				w.Header().Set("Location", "/elsewhere")
				w.WriteHeader(test.status)
				_, _ = io.WriteString(w, test.body)
			})
			answer, err := c.Ask(t.Context(), question)
			got := failed
			switch {
			case err == nil:
				got = allowed
			case errors.Is(err, ErrRefused):
				got = refused
			}
			if got != test.want || (answer != nil) != (got == allowed) {
				t.Errorf("%v, %v", answer, err)
			}
			if asked != 1 {
				t.Errorf("%d requests", asked)
			}
			noSecret(t, err)
		})
	}
}

// noSecret fails the test when an error shows a secret.
func noSecret(t *testing.T, err error) {
	t.Helper()
	for _, secret := range []string{"password-secret", "token-secret", "url-secret"} {
		if err != nil && strings.Contains(err.Error(), secret) {
			t.Errorf("the error shows a secret: %v", err)
		}
	}
}

// A service that cannot be reached, or that is another one, decides nothing, and learns
// nothing.
func TestUnreachable(t *testing.T) {
	closed := httptest.NewTLSServer(http.NotFoundHandler())
	closed.Close()
	unrelated := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("an unrelated server is asked") }))
	unrelated.Config.ErrorLog = log.New(io.Discard, "", 0)
	defer unrelated.Close()
	broken := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }))
	defer broken.Close()
	for _, url := range []string{closed.URL, unrelated.URL, broken.URL, "http://127.0.0.1:1/?code=url-secret", "https://url-secret:x y/"} {
		c := New(Options{URL: url, Token: "token-secret", Timeout: time.Minute, Turns: fairshare.NewResource("logins", 1)})
		_, err := c.Ask(t.Context(), question)
		if err == nil || errors.Is(err, ErrRefused) {
			t.Errorf("%s: %v", url, err)
		}
		noSecret(t, err)
		c.Close()
	}
}

// Texts that JSON would change are refused before anything is sent.
func TestInvalidUTF8(t *testing.T) {
	c := serve(t, func(http.ResponseWriter, *http.Request) { t.Error("the service is asked") })
	for _, change := range []func(*Request){
		func(r *Request) { r.Password = "\xff" },
		func(r *Request) { r.Username = "a\xc3" },
		func(r *Request) { r.Host = "\xff" },
	} {
		r := question
		change(&r)
		if _, err := c.Ask(t.Context(), r); !errors.Is(err, ErrRefused) {
			t.Errorf("%v", err)
		}
	}
}

// A service that does not answer decides nothing, and further logins wait for their turn no
// longer than for an answer. A client that leaves is not waited for.
func TestTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		turns := fairshare.NewResource("logins", 2)
		c := New(Options{URL: "http://127.0.0.1/", Timeout: 5 * time.Second, Turns: turns})
		// The service takes the connection and is silent.
		var mu sync.Mutex
		var servers []net.Conn
		c.http.Transport.(*http.Transport).DialContext = func(context.Context, string, string) (net.Conn, error) {
			client, server := net.Pipe()
			mu.Lock()
			servers = append(servers, server)
			mu.Unlock()
			go func() { _, _ = io.Copy(io.Discard, server) }()
			return client, nil
		}
		begun := time.Now()
		var wg sync.WaitGroup
		texts := map[string]int{}
		for range 2 {
			wg.Go(func() {
				_, err := c.Ask(t.Context(), question)
				mu.Lock()
				defer mu.Unlock()
				texts[err.Error()]++
			})
		}
		wg.Wait()
		if d := cmp.Diff(map[string]int{"no answer within 5s": 2}, texts); d != "" {
			t.Error(d)
		}
		if took := time.Since(begun); took != 5*time.Second {
			t.Errorf("they took %v", took)
		}
		ctx, leave := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, leave)
		begun = time.Now()
		if _, err := c.Ask(ctx, question); !errors.Is(err, context.Canceled) || time.Since(begun) != time.Second {
			t.Errorf("a client that left: %v after %v", err, time.Since(begun))
		}
		all, err := turns.Acquire(t.Context(), fairshare.Holder{}, 2)
		if err != nil {
			t.Fatal(err)
		}
		begun = time.Now()
		if _, err := c.Ask(t.Context(), question); err == nil || !strings.Contains(err.Error(), "no turn within 5s") || time.Since(begun) != 5*time.Second {
			t.Errorf("without a turn: %v after %v", err, time.Since(begun))
		}
		all.Release()
		c.Close()
		for _, s := range servers {
			_ = s.Close()
		}
	})
}
