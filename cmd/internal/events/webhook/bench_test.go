package webhook

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/tidegate/tidegate/internal/notify"
)

// BenchmarkSend is the cost of an attempt without TLS, with that of the receiver.
func BenchmarkSend(b *testing.B) {
	s := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { _, _ = io.Copy(io.Discard, r.Body) }))
	defer s.Close()
	secret, err := parseSecret(secretOf("a"))
	if err != nil {
		b.Fatal(err)
	}
	sender := New(Options{URL: s.URL, Secrets: [][]byte{secret}})
	defer sender.Close()
	m := notify.Message{ID: "A", Events: [][]byte{make([]byte, 900)}}
	for b.Loop() {
		if err := sender.Send(b.Context(), m); err != nil {
			b.Fatal(err)
		}
	}
}
