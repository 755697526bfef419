package azblob

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/tidegate/tidegate/internal/fairshare"
	"github.com/tidegate/tidegate/internal/memory/chunk"
	"github.com/tidegate/tidegate/internal/session"
	"github.com/tidegate/tidegate/vfs"
)

// held is a service that answers when it is told to.
type held struct {
	stager
	active atomic.Int32
	answer chan struct{}
}

func (h *held) RoundTrip(req *http.Request) (*http.Response, error) {
	h.active.Add(1)
	defer h.active.Add(-1)
	select {
	case <-h.answer:
		return h.stager.RoundTrip(req)
	case <-req.Context().Done():
		return nil, req.Context().Err()
	}
}

// TestSending: however many uploads there are, of one block or of many, no more
// bodies are on their way than there may be, and all of them end.
func TestSending(t *testing.T) {
	tests := []struct {
		name          string
		uploads, size int
	}{
		{"one block", maxSending + 10, 10},
		{"blocks", maxSending/3 + 10, 40},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := &held{stager: stager{blocks: map[string]int64{}}, answer: make(chan struct{})}
				pool := chunk.New(64 << 20)
				b, err := New(Options{ContainerURL: "http://store.invalid/files", Transport: h, Chunks: pool, BlockSize: 16})
				if err != nil {
					t.Fatal(err)
				}
				var group sync.WaitGroup
				for i := range test.uploads {
					group.Go(func() {
						w, err := b.Create(t.Context(), vfs.MustParse(fmt.Sprintf("/%d", i)), vfs.CreateOptions{})
						if err != nil {
							t.Error(err)
							return
						}
						defer w.Abort()
						if _, err := w.Write(bytes.Repeat([]byte("x"), test.size)); err != nil {
							t.Error(err)
						}
						if _, err := w.Commit(t.Context(), vfs.CommitOptions{}); err != nil {
							t.Error(err)
						}
					})
				}
				synctest.Wait()
				if n := h.active.Load(); n != maxSending {
					t.Errorf("%d requests at once, want %d", n, maxSending)
				}
				close(h.answer)
				group.Wait()
				if s := pool.Stats(); s.InUse != 0 || s.Accounts != 0 {
					t.Errorf("at the end: %+v", s)
				}
			})
		})
	}
}

// One user has more uploads than there may be bodies on their way. As soon as one of them
// has been sent, it is the turn of another user.
func TestSendingTakesTurns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := &held{stager: stager{blocks: map[string]int64{}}, answer: make(chan struct{})}
		ledger := fairshare.New()
		b, err := New(Options{ContainerURL: "http://store.invalid/files", Transport: h, Chunks: chunk.New(64 << 20), BlockSize: 16, Ledger: ledger})
		if err != nil {
			t.Fatal(err)
		}
		var group sync.WaitGroup
		upload := func(user string, n int) {
			s := session.New("sftp", "sftp.test", netip.AddrPort{})
			s.Login(session.User{Tenant: "t", Name: user})
			ctx := session.NewContext(t.Context(), s)
			for i := range n {
				group.Go(func() {
					w, err := b.Create(ctx, vfs.MustParse(fmt.Sprintf("/%s-%d", user, i)), vfs.CreateOptions{})
					if err != nil {
						t.Error(err)
						return
					}
					defer w.Abort()
					if _, err := w.Write([]byte("x")); err != nil {
						t.Error(err)
					}
					if _, err := w.Commit(ctx, vfs.CommitOptions{}); err != nil {
						t.Error(err)
					}
				})
			}
			synctest.Wait()
		}
		held := func(user string) (n int64) {
			for _, u := range ledger.Usage() {
				if u.Holder.User == user {
					n += u.Held
				}
			}
			return n
		}
		upload("mallory", maxSending+10)
		upload("bob", 1)
		if m, b := held("mallory"), held("bob"); m != maxSending || b != 0 {
			t.Errorf("mallory has %d bodies on their way and bob %d, want %d and 0", m, b, maxSending)
		}
		h.answer <- struct{}{}
		synctest.Wait()
		if m, b := held("mallory"), held("bob"); m != maxSending-1 || b != 1 {
			t.Errorf("then mallory has %d and bob %d, want %d and 1", m, b, maxSending-1)
		}
		close(h.answer)
		group.Wait()
		if left := ledger.Usage(); len(left) != 0 {
			t.Errorf("left: %+v", left)
		}
	})
}

// TestNothingIsLeft ends uploads where they wait, by Abort and by the end of
// their context: neither a chunk nor a goroutine stays. (A bubble whose
// goroutines do not end is a failure by itself.)
func TestNothingIsLeft(t *testing.T) {
	commit := func(ctx context.Context, w vfs.Writer) error {
		_, err := w.Commit(ctx, vfs.CommitOptions{})
		return err
	}
	write := func(size int) func(context.Context, vfs.Writer) error {
		return func(_ context.Context, w vfs.Writer) error {
			_, err := w.Write(make([]byte, size))
			return err
		}
	}
	read := func(_ context.Context, w vfs.Writer) error {
		_, err := w.(io.ReaderFrom).ReadFrom(endless{})
		return err
	}
	tests := []struct {
		name  string
		first int  // bytes that are written before
		crowd bool // others hold all of the memory
		wait  func(context.Context, vfs.Writer) error
	}{
		{name: "waiting for a slot", wait: write(1000)},
		{name: "waiting for a slot, reading", wait: read},
		{name: "waiting for memory", crowd: true, wait: write(1000)},
		{name: "waiting for Put Blob", first: 10, wait: commit},
		{name: "waiting for blocks", first: 100, wait: commit},
		{name: "blocks on their way", first: 100, wait: func(ctx context.Context, _ vfs.Writer) error {
			<-ctx.Done()
			return ctx.Err()
		}},
	}
	for _, test := range tests {
		for _, end := range []string{"Abort", "context"} {
			if end == "Abort" && test.first > 0 {
				continue // Abort is not called beside Commit
			}
			t.Run(test.name+", "+end, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					h := &held{stager: stager{blocks: map[string]int64{}}, answer: make(chan struct{})}
					pool := chunk.New(1)
					b, err := New(Options{ContainerURL: "http://store.invalid/files", Transport: h, Chunks: pool, BlockSize: 16})
					if err != nil {
						t.Fatal(err)
					}
					ctx, cancel := context.WithCancel(t.Context())
					defer cancel()
					w, err := b.Create(ctx, vfs.MustParse("/file"), vfs.CreateOptions{})
					if err != nil {
						t.Fatal(err)
					}
					if _, err := w.Write(make([]byte, test.first)); err != nil {
						t.Fatal(err)
					}
					other := pool.Open(nil, func() bool { return false })
					var taken []*chunk.Chunk
					for test.crowd && pool.Stats().InUse < pool.Budget() {
						c, err := other.Get(ctx, chunk.Small)
						if err != nil {
							t.Fatal(err)
						}
						taken = append(taken, c)
					}
					ended := make(chan error)
					go func() { ended <- test.wait(ctx, w) }()
					synctest.Wait()
					if end == "Abort" {
						w.Abort()
					} else {
						cancel()
					}
					if err := <-ended; err == nil {
						t.Error("it succeeded")
					}
					w.Abort()
					for _, c := range taken {
						other.Put(c)
					}
					other.Close()
					if s := pool.Stats(); s.InUse != 0 || s.Accounts != 0 || s.Waiting != 0 || s.Outbound != 0 {
						t.Errorf("there is left: %+v", s)
					}
					if n := h.active.Load(); n != 0 {
						t.Errorf("%d requests are under way", n)
					}
				})
			})
		}
	}
}
