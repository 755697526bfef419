package main

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"syscall"
	"time"
)

const (
	// askTime bounds a request; a reload opens stores.
	askTime = time.Minute
	// maxAnswer is the largest answer that is read.
	maxAnswer = 64 << 20
)

// statusClient asks the frontend "status" of a process.
type statusClient struct {
	http  *http.Client
	base  string
	token string
}

func newStatusClient(f *operateFlags) (*statusClient, error) {
	c := &statusClient{}
	if f.token != "" {
		text, err := os.ReadFile(f.token)
		if err != nil {
			return nil, err
		}
		c.token = string(text)
	}
	c.token = strings.TrimSpace(c.token)
	transport := &http.Transport{}
	at := f.at
	if path, ok := strings.CutPrefix(at, "unix:"); ok {
		transport.DialContext = func(ctx context.Context, _, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, "unix", path)
		}
		at = "http://tidegate"
	}
	if u, err := url.Parse(at); err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, usageError{fmt.Sprintf("%s: -at %q is no unix:PATH, http://HOST:PORT or https://HOST:PORT", f.set.Name(), at), f.set.Name()}
	}
	c.base = strings.TrimRight(at, "/")
	if f.caFile != "" {
		pem, err := os.ReadFile(f.caFile)
		if err != nil {
			return nil, err
		}
		pool := x509.NewCertPool()
		if !pool.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("%s has no certificate", f.caFile)
		}
		transport.TLSClientConfig = &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}
	}
	c.http = &http.Client{Transport: transport, Timeout: askTime, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	return c, nil
}

// ask sends a request and returns the answer.
func (c *statusClient) ask(ctx context.Context, method, path string) ([]byte, error) {
	resp, err := c.send(ctx, method, path)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	return io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
}

// send sends a request and returns the answer, whose body the caller closes. An answer that is
// no success is an error.
func (c *statusClient) send(ctx context.Context, method, path string) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, method, c.base+path, http.NoBody)
	if err != nil {
		return nil, err
	}
	if c.token != "" {
		req.Header.Set("Authorization", "Bearer "+c.token)
	}
	resp, err := c.http.Do(req)
	switch {
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ECONNREFUSED):
		return nil, fmt.Errorf("%w: %w", err, errNoProcess)
	case err != nil:
		return nil, err
	}
	if resp.StatusCode >= http.StatusMultipleChoices {
		defer resp.Body.Close()
		body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
		if err != nil {
			return nil, err
		}
		var refused struct {
			Error    string
			Problems []string
		}
		if json.Unmarshal(body, &refused) != nil || refused.Error == "" {
			refused.Error = cmp.Or(strings.TrimSpace(string(body)), resp.Status)
		}
		text := fmt.Sprintf("%s (%d)", printable(refused.Error), resp.StatusCode)
		for _, p := range refused.Problems {
			text += "\n  " + printable(p)
		}
		return nil, errors.New(text)
	}
	return resp, nil
}
