package azurequeue

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/tidegate/tidegate/internal/notify"
)

// BenchmarkSend is the cost of a message without TLS, with that of the service.
func BenchmarkSend(b *testing.B) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.Header().Set("Content-Type", "application/xml")
		w.WriteHeader(http.StatusCreated)
		_, _ = io.WriteString(w, `<?xml version="1.0" encoding="utf-8"?><QueueMessagesList><QueueMessage><MessageId>1</MessageId></QueueMessage></QueueMessagesList>`)
	}))
	defer s.Close()
	sender, err := New(Options{URL: fmt.Sprintf("%s/events?sv=2022-11-02&sig=abc", s.URL)})
	if err != nil {
		b.Fatal(err)
	}
	defer sender.Close()
	m := notify.Message{ID: "A", Events: [][]byte{make([]byte, 900)}}
	for b.Loop() {
		if err := sender.Send(b.Context(), m); err != nil {
			b.Fatal(err)
		}
	}
}
