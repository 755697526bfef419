package azblob

import (
	"bytes"
	"crypto/rand"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"

	"github.com/tidegate/tidegate/internal/memory/chunk"
	"github.com/tidegate/tidegate/internal/testing/azstub"
	"github.com/tidegate/tidegate/vfs"
	"github.com/tidegate/tidegate/vfs/vfstest/patience"
)

// overTLS returns a backend with connections of its own to an HTTPS store, at
// another address when via is not "". It trusts the store's certificate or not.
func overTLS(t *testing.T, s *azstub.Server, via string, trust bool) *Backend {
	t.Helper()
	s.CreateContainer("files")
	rt := newTransport(nil)
	if trust {
		pool, err := s.CertPool()
		if err != nil {
			t.Fatal(err)
		}
		rt.TLSClientConfig.RootCAs = pool
	}
	cred, err := container.NewSharedKeyCredential(azstub.DevAccount, azstub.DevKey)
	if err != nil {
		t.Fatal(err)
	}
	at := s.URL() + "/files"
	if via != "" {
		at = strings.Replace(at, s.Addr(), via, 1)
	}
	b, err := New(Options{
		ContainerURL: at, SharedKey: cred, Transport: rt, Chunks: chunk.New(64 << 20), BlockSize: 1 << 20,
		Retry: &policy.RetryOptions{MaxRetries: 3, RetryDelay: time.Millisecond, MaxRetryDelay: time.Second, TryTimeout: patience.Limit()},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	})
	return b
}

func putAndGet(t *testing.T, b *Backend, size int) {
	t.Helper()
	content := make([]byte, size)
	_, _ = rand.Read(content) // never fails
	p := mustPath(t, "/file")
	w, err := b.Create(t.Context(), p, vfs.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(w, bytes.NewReader(content)); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Commit(t.Context(), vfs.CommitOptions{}); err != nil {
		t.Fatal(err)
	}
	r, err := b.Open(t.Context(), p, vfs.OpenOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	got, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, content) {
		t.Errorf("%d bytes came back, not the %d that were stored", len(got), size)
	}
}

// TestTLS moves bytes over connections of our own, and only to a store whose
// certificate is known.
func TestTLS(t *testing.T) {
	s := azstub.Start(t, azstub.Options{TLS: true})
	putAndGet(t, overTLS(t, s, "", true), 5<<20+3)

	_, err := overTLS(t, s, "", false).Open(t.Context(), mustPath(t, "/file"), vfs.OpenOptions{})
	if vfs.KindOf(err) != vfs.KindUnavailable {
		t.Errorf("an unknown certificate: kind %v: %v", vfs.KindOf(err), err)
	}
}

func mustPath(t *testing.T, text string) vfs.Path {
	t.Helper()
	p, err := vfs.ParsePath(vfs.Path{}, text)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// TestCutWithinBody resets connections in the middle of bodies, between the
// bytes of a record: what was sent is sent again, and nothing else.
func TestCutWithinBody(t *testing.T) {
	s := azstub.Start(t, azstub.Options{TLS: true})
	var cuts atomic.Int64
	cuts.Store(3)
	via := relayed(t, s.Addr(), func() int64 {
		if cuts.Add(-1) < 0 {
			return 0
		}
		return 700_001
	})
	putAndGet(t, overTLS(t, s, via, true), 8<<20+3)
	if cuts.Load() >= 0 {
		t.Error("nothing was cut")
	}
}

// relayed returns an address whose connections lead to another. A connection is
// reset after as many bytes as cut says; 0 leaves it.
func relayed(t *testing.T, to string, cut func() int64) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var running sync.WaitGroup
	t.Cleanup(func() {
		_ = l.Close()
		running.Wait()
	})
	running.Go(func() {
		for {
			near, err := l.Accept()
			if err != nil {
				return
			}
			far, err := net.Dial("tcp", to)
			if err != nil {
				t.Error(err)
				_ = near.Close()
				return
			}
			n := cut()
			running.Go(func() {
				_, _ = io.Copy(near, far) // until either end closes
				_ = near.Close()
			})
			running.Go(func() {
				if n > 0 {
					_, _ = io.CopyN(far, near, n)
					_ = near.(*net.TCPConn).SetLinger(0)
					_ = near.Close()
				} else {
					_, _ = io.Copy(far, near)
				}
				_ = far.Close()
			})
		}
	})
	return l.Addr().String()
}

// TestProxyIsAsked shows that a proxy of the environment comes before our own
// way to connect.
func TestProxyIsAsked(t *testing.T) {
	rt := newTransport(nil)
	if rt.Proxy == nil {
		t.Fatal("no proxy is asked for")
	}
	s := azstub.Start(t, azstub.Options{TLS: true})
	asked := make(chan string, 1)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	proxy := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked <- r.Method + " " + r.Host
		w.WriteHeader(http.StatusForbidden)
	})}
	defer proxy.Close()
	go func() { _ = proxy.Serve(l) }()
	rt.Proxy = func(*http.Request) (*url.URL, error) { return &url.URL{Scheme: "http", Host: l.Addr().String()}, nil }
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if resp, err := rt.RoundTrip(req); err == nil {
		_ = resp.Body.Close()
		t.Error("the proxy was passed by")
	}
	if got := <-asked; got != "CONNECT "+s.Addr() {
		t.Errorf("the proxy was asked for %q", got)
	}
}
