package azblob

import (
	"context"
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tidegate/tidegate/internal/memory/chunk"
	"github.com/tidegate/tidegate/vfs"
)

// TestSpace: what lies between service and client follows the client, and needs
// nothing of a pool that has nothing to spare.
func TestSpace(t *testing.T) {
	pool := chunk.New(16 << 20)
	r := &reader{info: vfs.Info{Size: 1 << 30}, ahead: &readAhead{account: pool.OpenAhead(t.Context(), func() []*chunk.Chunk { return nil })}}
	wantSpace := func(want int) {
		t.Helper()
		if got := len(r.space()); got != want {
			t.Errorf("%d bytes, want %d", got, want)
		}
		if r.cur != nil {
			r.freeCurrent()
		}
	}
	wantSpace(smallBuffer)
	r.client.rate = fastClient
	wantSpace(chunk.LargeSize)
	upload := pool.Open(nil, func() bool { return false })
	var held []*chunk.Chunk
	for pool.Stats().InUse < pool.Budget() {
		c, err := upload.Get(t.Context(), chunk.Large)
		if err != nil {
			t.Fatal(err)
		}
		held = append(held, c)
	}
	wantSpace(smallBuffer)
	for _, c := range held {
		upload.Put(c)
	}
	wantSpace(chunk.LargeSize)
	r.client.rate = fastClient / 2
	wantSpace(smallBuffer)
	r.buf, r.info.Size = nil, 10
	wantSpace(10)
	upload.Close()
	if st := pool.Stats(); st.InUse != 0 {
		t.Errorf("at the end: %+v", st)
	}
}

// TestWatchdog ends a Read that stalls, and neither one that continues nor one
// whose client pauses.
func TestWatchdog(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		pr, pw := io.Pipe()
		ctx, cancel := context.WithCancel(t.Context())
		b := newBody(pr, cancel, time.Minute)
		read := make(chan error)
		buf := make([]byte, 10)
		for range 5 {
			go func() {
				_, err := b.Read(buf)
				read <- err
			}()
			time.Sleep(50 * time.Second)
			_, _ = pw.Write([]byte("x")) // it is read
			if err := <-read; err != nil {
				t.Fatal(err)
			}
		}
		time.Sleep(time.Hour)
		if ctx.Err() != nil {
			t.Fatal("ended without a Read")
		}
		began := time.Now()
		go func() {
			_, err := b.Read(buf)
			read <- err
		}()
		<-ctx.Done()
		if took := time.Since(began); took < time.Minute || took > 2*time.Minute {
			t.Errorf("ended after %v, want one minute to two", took)
		}
		_ = pw.CloseWithError(context.Cause(ctx))
		if err := <-read; err == nil || !strings.Contains(err.Error(), "canceled") {
			t.Errorf("read: %v", err)
		}
		_ = b.Close()
		time.Sleep(time.Hour) // nothing comes any more
	})
}
