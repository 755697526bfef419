package webhook

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/tidegate/tidegate/internal/notify"
)

// Options are those of a Sender.
type Options struct {
	URL string
	// Secrets are the keys of the signatures.
	Secrets [][]byte
	// Token, when not "", is sent as Authorization: Bearer.
	Token string
	// TLS is the configuration of connections, nil for the default.
	TLS *tls.Config
}

// Sender sends events to a URL.
type Sender struct {
	o      Options
	client *http.Client
}

var _ notify.Sender = (*Sender)(nil)

// New returns a Sender.
func New(o Options) *Sender {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.TLSClientConfig = o.TLS
	transport.MaxIdleConnsPerHost = 64
	return &Sender{o: o, client: &http.Client{
		Transport:     transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// Close implements notify.Sender.
func (s *Sender) Close() { s.client.CloseIdleConnections() }

// maxAnswer is how much of an answer is read, so that its connection can be used again.
const maxAnswer = 64 << 10

// Send implements notify.Sender.
func (s *Sender) Send(ctx context.Context, m notify.Message) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.o.URL, http.NoBody)
	if err != nil {
		return errors.New("the URL is not valid") // err has it
	}
	// A connection that the receiver has closed meanwhile needs the body a second time.
	req.GetBody = func() (io.ReadCloser, error) {
		body := m.Body()
		return io.NopCloser(&body), nil
	}
	req.Body, _ = req.GetBody() // it returns no error
	req.ContentLength = sign(req.Header, s.o.Secrets, &m, time.Now())
	contentType := "application/cloudevents+json; charset=utf-8"
	if m.Batch {
		contentType = "application/cloudevents-batch+json; charset=utf-8"
	}
	req.Header.Set("Content-Type", contentType)
	s.identify(req)
	resp, err := s.client.Do(req)
	if err != nil {
		return withoutURL(err)
	}
	defer resp.Body.Close()
	_, _ = io.CopyN(io.Discard, resp.Body, maxAnswer)
	return answerOf(resp, time.Now())
}

// identify adds the headers that say who sends a request.
func (s *Sender) identify(req *http.Request) {
	req.Header.Set("User-Agent", "tidegate")
	if s.o.Token != "" {
		req.Header.Set("Authorization", "Bearer "+s.o.Token)
	}
}

// withoutURL returns the error of a request without the URL, whose query may be a secret.
func withoutURL(err error) error {
	if outer, ok := errors.AsType[*url.Error](err); ok {
		return outer.Err
	}
	return err
}

// sign adds the headers of Standard Webhooks for an attempt at a time. It returns how many bytes
// the body has.
func sign(h http.Header, secrets [][]byte, m *notify.Message, now time.Time) (size int64) {
	at, body := strconv.FormatInt(now.Unix(), 10), m.Body()
	for _, part := range body {
		size += int64(len(part))
	}
	signatures := make([]string, len(secrets))
	for i, secret := range secrets {
		mac := hmac.New(sha256.New, secret)
		mac.Write([]byte(m.ID + "." + at + "."))
		for _, part := range body {
			mac.Write(part)
		}
		signatures[i] = "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
	}
	h.Set("webhook-id", m.ID)
	h.Set("webhook-timestamp", at)
	h.Set("webhook-signature", strings.Join(signatures, " "))
	return size
}

// answerOf returns the error that an answer stands for.
func answerOf(resp *http.Response, now time.Time) error {
	status := resp.StatusCode
	if status/100 == 2 {
		return nil
	}
	f := &notify.Failure{
		Err:  fmt.Errorf("the receiver answers %d %s", status, http.StatusText(status)),
		Gone: status == http.StatusGone, After: retryAfter(resp.Header.Get("Retry-After"), now),
	}
	switch status {
	case http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		f.Busy = true
	default:
		f.Busy = f.After > 0
	}
	return f
}

// retryAfter returns how long to wait, by a number of seconds or a date; 0 for anything else.
func retryAfter(text string, now time.Time) time.Duration {
	if seconds, err := strconv.ParseUint(text, 10, 31); err == nil {
		return time.Duration(seconds) * time.Second
	}
	if at, err := http.ParseTime(text); err == nil {
		return max(at.Sub(now), 0)
	}
	return 0
}

// prefix is in front of the base64 text of a secret.
const prefix = "whsec_"

// errSecret is the error of parseSecret. It does not have the text.
var errSecret = errors.New("a secret is whsec_ and the base64 text of 24 to 64 bytes")

// parseSecret returns the bytes of a secret.
func parseSecret(text string) ([]byte, error) {
	encoded, ok := strings.CutPrefix(text, prefix)
	if !ok {
		return nil, errSecret
	}
	secret, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil || len(secret) < 24 || len(secret) > 64 {
		return nil, errSecret
	}
	return secret, nil
}
