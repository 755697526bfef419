package webhook

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"

	"github.com/tidegate/tidegate/cmd/internal/events"
)

var _ events.Sender = (*Sender)(nil)

// Check implements events.Sender. It connects, with TLS, and sends OPTIONS, as the HTTP webhook
// specification of CloudEvents says. Many receivers do not implement OPTIONS. So Check accepts
// every answer except those with which the delivery of an event would fail too.
func (s *Sender) Check(ctx context.Context) (answer string, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodOptions, s.o.URL, http.NoBody)
	if err != nil {
		return "", errors.New("the URL is not valid") // err has it
	}
	s.identify(req)
	req.Header.Set("WebHook-Request-Origin", "tidegate")
	resp, err := s.client.Do(req)
	if err != nil {
		return "", withoutURL(err)
	}
	defer resp.Body.Close()
	_, _ = io.CopyN(io.Discard, resp.Body, maxAnswer)
	answer = fmt.Sprintf("answers %d %s to OPTIONS", resp.StatusCode, http.StatusText(resp.StatusCode))
	switch resp.StatusCode {
	case http.StatusGone:
		return "", errors.New("the receiver answers 410 Gone: it wants no events")
	case http.StatusInternalServerError, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return "", errors.New("the receiver " + answer)
	}
	if resp.StatusCode/100 == 3 {
		answer += ", and redirects of events are not followed"
	}
	return answer, nil
}
