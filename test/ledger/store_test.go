package ledger

import (
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tidegate/tidegate/internal/testing/azstub"
	"github.com/tidegate/tidegate/internal/testing/ledger"
	"github.com/tidegate/tidegate/vfs/vfstest/patience"
)

const container = "files"

// store is the service, behind an HTTP server of its own that knows its
// connections: a request of a process that was killed is still carried out when
// it had arrived.
type store struct {
	*azstub.Server
	url string
	dfs string // of the Data Lake endpoint, "" for a flat account

	mu    sync.Mutex
	conns map[net.Conn]bool
	fewer chan struct{} // closed and replaced when a connection ends
	// corrupted names a blob and the operation, "", "block" or "blocklist",
	// whose body is spoiled, once each.
	corrupted map[[2]string]bool
}

func newStore(t *testing.T, o azstub.Options) *store {
	t.Helper()
	stub, err := azstub.New(o)
	if err != nil {
		t.Fatal(err)
	}
	stub.CreateContainer(container)
	s := &store{Server: stub, conns: map[net.Conn]bool{}, fewer: make(chan struct{}), corrupted: map[[2]string]bool{}}
	t.Cleanup(func() {
		if err := stub.Close(); err != nil {
			t.Error(err)
		}
	})
	s.url = s.serve(t, s)
	if o.HNS {
		s.dfs = s.serve(t, stub.DFS())
	}
	return s
}

// serve returns the URL of the account at an endpoint of its own.
func (s *store) serve(t *testing.T, endpoint http.Handler) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{Handler: endpoint, ConnState: s.note, ErrorLog: log.New(io.Discard, "", 0)}
	var serving sync.WaitGroup
	serving.Go(func() {
		if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			t.Error(err)
		}
	})
	t.Cleanup(func() {
		_ = server.Close()
		serving.Wait()
	})
	return "http://" + l.Addr().String() + "/" + azstub.DevAccount
}

func (s *store) note(c net.Conn, state http.ConnState) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch state {
	case http.StateClosed, http.StateHijacked: // the stub hijacks to cut
		delete(s.conns, c)
		close(s.fewer)
		s.fewer = make(chan struct{})
	default:
		s.conns[c] = true
	}
}

// settle waits until everything that had been asked of the store is done. The
// gateway must have ended, and with it its connections.
func (s *store) settle(t *testing.T) {
	t.Helper()
	for _, at := range []string{s.url, s.dfs} {
		if at != "" {
			pass(t, at)
		}
	}
	timeout := time.After(patience.Limit())
	for {
		s.mu.Lock()
		left, fewer := len(s.conns), s.fewer
		s.mu.Unlock()
		if left == 0 {
			return
		}
		select {
		case <-fewer:
		case <-timeout:
			t.Fatalf("%d connections to the store stay after the gateway's end", left)
		}
	}
}

// pass waits until all connections to an endpoint have been accepted: in their order, with one
// of its own.
func pass(t *testing.T, at string) {
	t.Helper()
	addr, _, _ := strings.Cut(strings.TrimPrefix(at, "http://"), "/")
	c, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	// The answer to something that is no HTTP.
	_ = c.SetDeadline(time.Now().Add(patience.Limit()))
	if _, err := io.WriteString(c, "no HTTP\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	_, _ = io.ReadAll(c)
}

// read returns what the store holds under a name.
func (s *store) read(name string) ledger.Content {
	b, found := s.Blob(container, name)
	if !found || b.ETag == "" {
		return ledger.Content{}
	}
	return ledger.Of(b.Content)
}

// reading is read of one name, for the ledger.
func (s *store) reading(name string) func() (ledger.Content, error) {
	return func() (ledger.Content, error) { return s.read(name), nil }
}

// corrupt spoils the next request body of one operation for a blob: "" is Put
// Blob, "block" Put Block, "blocklist" Put Block List.
func (s *store) corrupt(name, comp string) (remove func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	key := [2]string{name, comp}
	s.corrupted[key] = true
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.corrupted, key)
	}
}

func (s *store) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodPut && r.ContentLength > 0 && s.spoils(r) {
		r.Body = &spoiled{ReadCloser: r.Body, at: r.ContentLength / 2}
	}
	s.Server.ServeHTTP(w, r)
}

func (s *store) spoils(r *http.Request) bool {
	_, name, _ := strings.Cut(r.URL.Path, "/"+container+"/")
	key := [2]string{name, r.URL.Query().Get("comp")}
	s.mu.Lock()
	defer s.mu.Unlock()
	spoil := s.corrupted[key]
	delete(s.corrupted, key)
	return spoil
}

// spoiled is a body with one byte inverted.
type spoiled struct {
	io.ReadCloser
	at int64
}

func (s *spoiled) Read(p []byte) (int, error) {
	n, err := s.ReadCloser.Read(p)
	if s.at >= 0 && s.at < int64(n) {
		p[s.at] ^= 0xff
	}
	s.at -= int64(n)
	return n, err
}
