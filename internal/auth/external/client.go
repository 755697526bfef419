package external

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"
	"unicode/utf8"

	"github.com/tidegate/tidegate/internal/fairshare"
	"github.com/tidegate/tidegate/internal/session"
)

// ErrRefused is returned for a login that the service refuses.
var ErrRefused = errors.New("the authority refuses the login")

// Options configure a Client.
type Options struct {
	// URL is where requests are sent.
	URL string
	// TLS verifies the service, and may have a certificate for it to verify. Nil is the
	// system's authorities and no certificate.
	TLS *tls.Config
	// Token, if it is not empty, is sent as a bearer token.
	Token string
	// Timeout is how long one request may take, including the wait for its turn.
	Timeout time.Duration
	// Turns bounds the requests at once. The session of a request holds one.
	Turns *fairshare.Resource
	// Node is the name of the node.
	Node string
}

// Client asks one service. Its methods may be called concurrently.
type Client struct {
	o    Options
	http *http.Client
}

// New returns a Client. It does not connect.
func New(o Options) *Client {
	t := &http.Transport{
		// No proxy: passwords go to the service alone.
		TLSClientConfig: o.TLS, MaxConnsPerHost: int(o.Turns.Capacity()), MaxIdleConnsPerHost: int(o.Turns.Capacity()),
		IdleConnTimeout: 90 * time.Second, TLSHandshakeTimeout: o.Timeout, MaxResponseHeaderBytes: maxAnswer,
		ForceAttemptHTTP2: true, DisableCompression: true,
	}
	return &Client{o: o, http: &http.Client{
		Transport:     t,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// Close closes the connections that no request uses.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// Ask asks about one login. The error is ErrRefused for a refusal. Any other error means
// that there is no decision.
func (c *Client) Ask(ctx context.Context, r Request) (*Answer, error) {
	text, err := c.encode(r)
	if err != nil {
		return nil, err
	}
	bound, cancel := context.WithTimeout(ctx, c.o.Timeout)
	defer cancel()
	turn, err := c.o.Turns.Acquire(bound, session.HolderOf(ctx), 1)
	if err == nil {
		defer turn.Release()
		if r.StillAllowed != nil {
			if err := r.StillAllowed(); err != nil {
				return nil, err
			}
		}
		var answer *Answer
		if answer, err = c.post(bound, text); err == nil {
			return answer, nil
		}
	}
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case turn == nil:
		return nil, fmt.Errorf("no turn within %v: too many logins wait for the authority", c.o.Timeout)
	case bound.Err() != nil && !errors.Is(err, ErrRefused):
		return nil, fmt.Errorf("no answer within %v", c.o.Timeout)
	}
	return nil, err
}

// encode returns a request in JSON. Texts that JSON would change are an error: the service
// would decide about other ones.
func (c *Client) encode(r Request) ([]byte, error) {
	for _, text := range []string{r.Tenant, r.Username, r.Password, r.PublicKey, r.Host} {
		if !utf8.ValidString(text) {
			return nil, fmt.Errorf("%w: it has a text that is not valid UTF-8", ErrRefused)
		}
	}
	return json.Marshal(message{
		Version: version, Tenant: r.Tenant, Username: r.Username, Password: r.Password, PublicKey: r.PublicKey,
		Method: r.Method, Protocol: r.Protocol, SourceIP: r.SourceIP, Host: r.Host, Session: r.Session, Node: c.o.Node,
	})
}

func (c *Client) post(ctx context.Context, text []byte) (*Answer, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, c.o.URL, bytes.NewReader(text))
	if err != nil {
		return nil, errors.New("the URL is not valid")
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Accept", "application/json")
	request.Header.Set("User-Agent", "tidegate")
	if c.o.Token != "" {
		request.Header.Set("Authorization", "Bearer "+c.o.Token)
	}
	response, err := c.http.Do(request)
	if err != nil {
		return nil, withoutURL(err)
	}
	defer func() { _ = response.Body.Close() }()
	switch response.StatusCode {
	case http.StatusOK:
		return parseAnswer(response.Body, time.Now())
	case http.StatusUnauthorized, http.StatusForbidden:
		return nil, ErrRefused
	}
	return nil, fmt.Errorf("the answer has the status %d", response.StatusCode)
}

// withoutURL takes the URL from an error of net/http: it may have a secret in its query.
func withoutURL(err error) error {
	if u, ok := errors.AsType[*url.Error](err); ok {
		return u.Err
	}
	return err
}
