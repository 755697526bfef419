package sftp

import (
	"context"
	"fmt"
	"io"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tidegate/tidegate/backends/memory"
	"github.com/tidegate/tidegate/frontends/sftp/wire"
	"github.com/tidegate/tidegate/vfs"
)

// slowChanges makes directories, and sets times, when the test lets it.
type slowChanges struct {
	vfs.Backend
	release chan struct{}
	done    atomic.Int64
}

func (s *slowChanges) Mkdir(ctx context.Context, p vfs.Path) error {
	<-s.release
	s.done.Add(1)
	return s.Backend.Mkdir(ctx, p)
}

func (s *slowChanges) SetModTime(ctx context.Context, p vfs.Path, t time.Time) error {
	<-s.release
	s.done.Add(1)
	return s.Backend.SetModTime(ctx, p, t)
}

// When a client has left without waiting for answers, its waiting requests are dropped. Only
// the requests that are being executed, and the requests of an upload up to its CLOSE, are done.
func TestRequestsOfWhoHasLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &slowChanges{Backend: memory.New(), release: make(chan struct{})}
		w, err := store.Create(t.Context(), vfs.MustParse("/old"), vfs.CreateOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Commit(t.Context(), vfs.CommitOptions{}); err != nil {
			t.Fatal(err)
		}
		in, client := io.Pipe()
		s := sessionOver(t, store, in, io.Discard)
		send := func(kind wire.Type, body wire.Packet) {
			_, _ = client.Write(append(wire.BeginRequest(kind, 1), body...).Framed())
		}
		done := make(chan struct{})
		go func() {
			defer close(done)
			s.serve()
		}()
		send(wire.TypeOpen, wire.Packet{}.Text("/f").Uint32(wire.OpenWrite|wire.OpenCreate|wire.OpenTruncate).Uint32(0))
		send(wire.TypeOpen, wire.Packet{}.Text("/g").Uint32(wire.OpenWrite|wire.OpenCreate|wire.OpenTruncate).Uint32(0))
		send(wire.TypeOpen, wire.Packet{}.Text("/old").Uint32(wire.OpenRead).Uint32(0))
		synctest.Wait() // they are open
		for i := range 400 {
			send(wire.TypeMkdir, wire.Packet{}.Text(fmt.Sprintf("/%d", i)).Uint32(0))
			send(wire.TypeFsetstat, wire.Packet{}.Text("3").Uint32(wire.AttrTimes).Uint32(1).Uint32(uint32(i)))
		}
		synctest.Wait() // one of each is under way
		s.leave()
		send(wire.TypeFsetstat, wire.Packet{}.Text("1").Uint32(wire.AttrSize).Uint64(3))
		send(wire.TypeWrite, wire.Packet{}.Text("1").Uint64(0).Text("abc"))
		send(wire.TypeFsetstat, wire.Packet{}.Text("2").Uint32(wire.AttrSize).Uint64(4))
		send(wire.TypeWrite, wire.Packet{}.Text("2").Uint64(0).Text("abc"))
		for _, h := range []string{"1", "2", "3"} {
			send(wire.TypeClose, wire.Packet{}.Text(h))
		}
		for i := range 400 {
			send(wire.TypeMkdir, wire.Packet{}.Text(fmt.Sprintf("/more-%d", i)).Uint32(0))
		}
		_ = client.Close()
		synctest.Wait()
		close(store.release)
		<-done
		s.conn.wg.Wait()
		if n := store.done.Load(); n != 2 {
			t.Errorf("%d changes were made, want the 2 that were under way", n)
		}
		if info, err := store.Stat(t.Context(), vfs.MustParse("/f"), vfs.TypeFile); err != nil || info.Size != 3 {
			t.Errorf("an upload with its CLOSE: %+v, %v", info, err)
		}
		// The size before its CLOSE counts, as it does for a client that waits.
		if _, err := store.Stat(t.Context(), vfs.MustParse("/g"), vfs.TypeFile); err == nil {
			t.Error("an upload is stored that is shorter than it was to be")
		}
		if s.backlog.used != 0 || s.conn.activity.inFlight != 0 {
			t.Errorf("%d bytes of requests are left, %d requests are in flight", s.backlog.used, s.conn.activity.inFlight)
		}
	})
}
