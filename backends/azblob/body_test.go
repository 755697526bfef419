package azblob

import (
	"bytes"
	"crypto/rand"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"

	"github.com/tidegate/tidegate/internal/memory/buffers"
	"github.com/tidegate/tidegate/internal/memory/chunk"
	"github.com/tidegate/tidegate/internal/testing/azstub"
)

// TestBodiesOfAttemptsOverTLS proves that an attempt which is answered early leaves the
// memory of its block before the next one, and before other uploads have it: the service
// reads nothing of the first bodies, so that their connections wait to write.
func TestBodiesOfAttemptsOverTLS(t *testing.T) {
	s := azstub.Start(t, azstub.Options{TLS: true})
	s.AddRule(azstub.Rule{
		Kinds: []azstub.Kind{azstub.PutBlock, azstub.PutBlob}, Times: 3,
		Fault: azstub.Fail(azstub.RequestBody(1000), 503, "ServerBusy"),
	})
	b := overTLS(t, s, "", true)
	putAndGet(t, b, 1<<20-5)
	putAndGet(t, b, 5<<20+3)
}

// TestBlocksAreSentFromTheirMemory proves that the transport sees blocks and not what the
// SDK wraps around them.
func TestBlocksAreSentFromTheirMemory(t *testing.T) {
	s := azstub.Start(t, azstub.Options{})
	s.CreateContainer("files")
	cred, err := container.NewSharedKeyCredential(azstub.DevAccount, azstub.DevKey)
	if err != nil {
		t.Fatal(err)
	}
	var bodies, inMemory atomic.Int64
	b, err := New(Options{
		ContainerURL: s.URL() + "/files", SharedKey: cred, Chunks: chunk.New(64 << 20), BlockSize: 1 << 20,
		Retry: &policy.RetryOptions{MaxRetries: -1},
		Transport: roundTripperFunc(func(req *http.Request) (*http.Response, error) {
			if body, ok := req.Body.(*guardedBody); ok && req.URL.Query().Get("comp") != "blocklist" {
				bodies.Add(1)
				if body.inMemory() {
					inMemory.Add(1)
				}
			}
			return http.DefaultTransport.RoundTrip(req)
		}),
	})
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	putAndGet(t, b, 1000)
	putAndGet(t, b, 3<<20)
	if want := int64(1 + 3); bodies.Load() != want || inMemory.Load() != want {
		t.Errorf("%d bodies, %d of them in memory; want %d", bodies.Load(), inMemory.Load(), want)
	}
}

type roundTripperFunc func(*http.Request) (*http.Response, error)

func (f roundTripperFunc) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

// TestRevokeEndsAWrite cuts a body off while its connection waits for a peer that reads
// nothing: when revoke returns, the memory is not read any more.
func TestRevokeEndsAWrite(t *testing.T) {
	certificates := certificates(t)
	for _, count := range []int{0, 1} { // buffers
		synctest.Test(t, func(t *testing.T) {
			near, far := net.Pipe()
			c := client(t, near, far, certificates, count)
			pool := chunk.New(16 << 20)
			block := blockOf(t, pool, make([]byte, 1<<20))
			body := newGuardedBody(t.Context(), block.Reader(), block.Size(), nil)
			ended := make(chan error, 1)
			go func() {
				_, err := c.ReadFrom(io.LimitReader(body, block.Size()))
				ended <- err
			}()
			synctest.Wait() // it writes
			body.revoke()
			if body.sender != nil {
				t.Error("the memory is still read")
			}
			if err := <-ended; err == nil {
				t.Error("a body that was cut off was sent")
			}
			if _, err := c.ReadFrom(io.LimitReader(body, 1)); !errors.Is(err, errRevoked) {
				t.Errorf("after the end: %v", err)
			}
			_ = near.Close()
			_ = far.Close()
		})
	}
}

// TestBodyIsSentToItsLength sends a body in several calls, as net/http does when its
// buffer has taken the beginning.
func TestBodyIsSentToItsLength(t *testing.T) {
	certificates := certificates(t)
	synctest.Test(t, func(t *testing.T) {
		near, far := net.Pipe()
		c := client(t, near, far, certificates, 1)
		content := make([]byte, 1<<20)
		_, _ = rand.Read(content) // never fails
		block := blockOf(t, chunk.New(16<<20), content)
		body := newGuardedBody(t.Context(), block.Reader(), block.Size(), nil)
		sent := make(chan error, 1)
		go func() {
			var first [1000]byte
			_, err := io.ReadFull(body, first[:])
			_, e := c.Write(first[:])
			n, f := c.ReadFrom(&io.LimitedReader{R: body, N: 500_000})
			m, g := c.ReadFrom(&io.LimitedReader{R: body, N: block.Size()})
			body.revoke()
			if n != 500_000 || m != int64(len(content))-501_000 {
				err = errors.Join(err, io.ErrShortWrite)
			}
			sent <- errors.Join(err, e, f, g)
		}()
		got := make([]byte, len(content))
		if _, err := io.ReadFull(c.peer, got); err != nil {
			t.Fatal(err)
		}
		if err := <-sent; err != nil || !bytes.Equal(got, content) {
			t.Errorf("%v, or what came is something else", err)
		}
		_ = near.Close()
		_ = far.Close()
	})
}

// connected is a connection to the service with the service's end.
type connected struct {
	*tlsConn
	peer *tls.Conn
}

// certificates returns those of some server.
func certificates(t *testing.T) []tls.Certificate {
	t.Helper()
	server := httptest.NewTLSServer(nil)
	defer server.Close()
	return server.TLS.Certificates
}

// client returns a TLS connection with a number of buffers.
func client(t *testing.T, near, far net.Conn, certificates []tls.Certificate, count int) connected {
	t.Helper()
	below := buffers.Under(near, buffers.NewBuffers(nil, count))
	c := connected{
		&tlsConn{tls.Client(below, &tls.Config{InsecureSkipVerify: true}), below},
		tls.Server(far, &tls.Config{Certificates: certificates, SessionTicketsDisabled: true}),
	}
	shaken := make(chan error, 1)
	go func() { shaken <- c.peer.Handshake() }()
	if err := errors.Join(c.Handshake(), <-shaken); err != nil {
		t.Fatal(err)
	}
	return c
}

// blockOf returns a block that holds content.
func blockOf(t *testing.T, p *chunk.Pool, content []byte) *chunk.Block {
	t.Helper()
	account := p.Open(nil, func() bool { return false })
	block := account.NewBlock()
	for len(content) > 0 {
		c, err := account.Get(t.Context(), chunk.Large)
		if err != nil {
			t.Fatal(err)
		}
		n := copy(c.Free(), content)
		c.Filled(n)
		content = content[n:]
		block.Append(c)
	}
	return block
}
