package azstub_test

import (
	"crypto/tls"
	"crypto/x509"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"

	"github.com/tidegate/tidegate/internal/testing/azstub"
)

// TestHandler uses the stub behind somebody else's server.
func TestHandler(t *testing.T) {
	t.Parallel()
	s, err := azstub.New(azstub.Options{})
	wantNoError(t, err)
	web := httptest.NewServer(s)
	defer web.Close()
	key, err := container.NewSharedKeyCredential(azstub.DevAccount, azstub.DevKey)
	wantNoError(t, err)
	c, err := container.NewClientWithSharedKeyCredential(web.URL+"/"+azstub.DevAccount+"/files", key, nil)
	wantNoError(t, err)
	_, err = c.Create(t.Context(), nil)
	wantNoError(t, err)
	put(t, c, "b", "x")
	wantNoError(t, s.Close())
	wantNoError(t, s.Close())
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, web.URL, nil)
	wantNoError(t, err)
	if resp, err := web.Client().Do(r); err == nil {
		resp.Body.Close()
		t.Error("a closed server answered")
	}
}

// TestCertificate trusts the server by the PEM that another process would get.
func TestCertificate(t *testing.T) {
	t.Parallel()
	s := azstub.Start(t, azstub.Options{TLS: true, Auth: azstub.NoAuth})
	pem, err := s.CertPEM()
	wantNoError(t, err)
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(pem) {
		t.Fatal("no certificate in the PEM")
	}
	tr := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}, ForceAttemptHTTP2: true}
	defer tr.CloseIdleConnections()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL()+"/none?restype=container", nil)
	wantNoError(t, err)
	resp, err := (&http.Client{Transport: tr}).Do(r)
	wantNoError(t, err)
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	wantNoError(t, err)
	if resp.ProtoMajor != 1 {
		t.Errorf("protocol %s; the service has no HTTP/2", resp.Proto)
	}
	if resp.Header.Get("x-ms-error-code") != "ContainerNotFound" || !strings.Contains(string(text), "<Code>ContainerNotFound</Code>") {
		t.Errorf("answer %v %s", resp.Header, text)
	}
}

func TestListen(t *testing.T) {
	t.Parallel()
	s, err := azstub.New(azstub.Options{})
	wantNoError(t, err)
	wantNoError(t, s.Listen(t.Context(), "127.0.0.1:0"))
	if s.Listen(t.Context(), "127.0.0.1:0") == nil {
		t.Error("listened twice")
	}
	if !strings.HasPrefix(s.URL(), "http://"+s.Addr()+"/") {
		t.Errorf("URL %s, address %s", s.URL(), s.Addr())
	}
	wantNoError(t, s.Close())
	if _, err := azstub.New(azstub.Options{Key: "not base64!"}); err == nil {
		t.Error("a bad key was accepted")
	}
}

// TestUnknown covers what the stub refuses as a whole.
func TestUnknown(t *testing.T) {
	t.Parallel()
	s := azstub.Start(t, azstub.Options{Auth: azstub.NoAuth})
	s.CreateContainer("files")
	for _, tc := range []struct {
		name, method, path string
		status             int
		code               string
	}{
		{"operation", "PUT", "/" + azstub.DevAccount + "/files/b?comp=expiry", 501, "NotImplemented"},
		{"account", "GET", "/nobody/files/b", 404, "ResourceNotFound"},
		{"encoding", "GET", "/" + azstub.DevAccount + "/files/%ff", 400, "InvalidUri"},
		{"no blob type", "PUT", "/" + azstub.DevAccount + "/files/b", 400, "MissingRequiredHeader"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r, err := http.NewRequestWithContext(t.Context(), tc.method, "http://"+s.Addr()+tc.path, nil)
			wantNoError(t, err)
			r.Header.Set("x-ms-client-request-id", "mine")
			r.Header.Set("x-ms-version", "2026-12-06")
			resp, err := http.DefaultClient.Do(r)
			wantNoError(t, err)
			resp.Body.Close()
			h := resp.Header
			if resp.StatusCode != tc.status || h.Get("x-ms-error-code") != tc.code {
				t.Errorf("%d %s", resp.StatusCode, h.Get("x-ms-error-code"))
			}
			if h.Get("x-ms-client-request-id") != "mine" || h.Get("x-ms-version") != "2026-12-06" || h.Get("x-ms-request-id") == "" {
				t.Errorf("headers %v", h)
			}
		})
	}
}
