package azblob

import (
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"

	"github.com/tidegate/tidegate/internal/memory"
	"github.com/tidegate/tidegate/internal/memory/buffers"
)

// newTransport returns the transport of one backend. It is sized for a process with
// hundreds of transfers, each with several requests in flight: the default of the SDK
// keeps 10 idle connections and opens a new one for every further block. part is the
// memory for buffers of TLS; nil is no limit.
func newTransport(part *memory.Part) *http.Transport {
	dialer := &net.Dialer{Timeout: 15 * time.Second, KeepAlive: 30 * time.Second}
	protocols := new(http.Protocols)
	// With HTTP/2 all transfers would share the rate of one connection.
	protocols.SetHTTP1(true)
	secure := &tls.Config{
		MinVersion:         tls.VersionTLS12,
		ClientSessionCache: tls.NewLRUClientSessionCache(256),
		// Bodies are sent in large pieces.
		DynamicRecordSizingDisabled: true,
	}
	return &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		DialContext:           dialer.DialContext,
		DialTLSContext:        (&tlsDialer{dialer, secure, buffers.NewBuffers(part, maxBuffers)}).dial,
		Protocols:             protocols,
		MaxIdleConnsPerHost:   1024,
		IdleConnTimeout:       90 * time.Second, // the service closes after about two minutes
		TLSHandshakeTimeout:   handshakeTimeout,
		ResponseHeaderTimeout: 90 * time.Second,
		ExpectContinueTimeout: time.Second,
		WriteBufferSize:       4 << 10, // bodies are written past it
		ReadBufferSize:        16 << 10,
		TLSClientConfig:       secure, // through a proxy
		// Otherwise blobs that are stored with Content-Encoding: gzip would
		// arrive unpacked, with a length that is not theirs.
		DisableCompression: true,
	}
}

// clientOptions assembles the pipeline of the SDK.
func (s *store) clientOptions(rt http.RoundTripper, audience string) *container.ClientOptions {
	o := &container.ClientOptions{Audience: audience}
	o.Transport = roundTripper{rt, &s.clock, s.processors}
	o.Retry.MaxRetries = -1 // retryPolicy does that
	o.Telemetry.ApplicationID = userAgent
	o.PerCallPolicies = []policy.Policy{versionPolicy{s.apiVersion}, requestID{s.name}, blockListSender{}, tagSpaces{}, retryPolicy{s}}
	o.PerRetryPolicies = []policy.Policy{attemptCounter{}, keyReader{}, bareBody{}}
	return o
}

// versionPolicy requests another version of the protocol than the SDK does.
type versionPolicy struct{ version string }

func (p versionPolicy) Do(req *policy.Request) (*http.Response, error) {
	if p.version != "" {
		req.Raw().Header["x-ms-version"] = []string{p.version} // as the SDK writes it
	}
	return req.Next()
}

// roundTripper is the transport of the SDK. It does not follow redirects, and its errors
// do not contain the URL, which may hold a SAS. It reads the clock of the service.
type roundTripper struct {
	http.RoundTripper
	clock      *serviceClock
	processors processors
}

func (rt roundTripper) Do(req *http.Request) (*http.Response, error) {
	resp, err := rt.do(req)
	if err == nil {
		rt.clock.observe(resp.Header)
		trimList(resp)
	}
	return resp, err
}

// do sends one attempt. After it has returned, nothing reads the body any more. Without
// that, net/http could still read the body after an early answer or a cancelled attempt,
// while the SDK rewinds the same body for the next attempt, and while its memory may
// already belong to another upload.
func (rt roundTripper) do(req *http.Request) (*http.Response, error) {
	if req.Body == nil || req.Body == http.NoBody {
		return rt.RoundTrip(req)
	}
	processor := rt.processors.of(req.Context())
	body := newGuardedBody(req.Context(), req.Body, req.ContentLength, processor)
	rewind := req.GetBody
	req = req.Clone(req.Context())
	req.Body = body
	req.GetBody = nil
	if rewind != nil {
		req.GetBody = func() (io.ReadCloser, error) {
			body.revoke()
			fresh, err := rewind()
			if err != nil {
				return nil, err
			}
			body = newGuardedBody(req.Context(), fresh, req.ContentLength, processor)
			return body, nil
		}
	}
	defer func() { body.revoke() }()
	return rt.RoundTrip(req)
}
