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
	"github.com/tidegate/tidegate/vfs"
)

// slowChanges makes directories, and sets times, when it is told to.
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

// What a client asked for is not done when it has left without waiting for it, but
// for what is under way, and an upload with its CLOSE.
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
		send := func(kind byte, body packet) {
			_, _ = client.Write(append(append(make(packet, 4), kind).uint32(1), body...).framed())
		}
		done := make(chan struct{})
		go func() {
			defer close(done)
			s.serve()
		}()
		send(typeOpen, packet{}.string("/f").uint32(flagWrite|flagCreate|flagTruncate).uint32(0))
		send(typeOpen, packet{}.string("/g").uint32(flagWrite|flagCreate|flagTruncate).uint32(0))
		send(typeOpen, packet{}.string("/old").uint32(flagRead).uint32(0))
		synctest.Wait() // they are open
		for i := range 1000 {
			send(typeMkdir, packet{}.string(fmt.Sprintf("/%d", i)).uint32(0))
			send(typeFsetstat, packet{}.string("3").uint32(attrTimes).uint32(1).uint32(uint32(i)))
		}
		synctest.Wait() // one of each is under way
		s.leave()
		send(typeFsetstat, packet{}.string("1").uint32(attrSize).uint64(3))
		send(typeWrite, packet{}.string("1").uint64(0).string("abc"))
		send(typeFsetstat, packet{}.string("2").uint32(attrSize).uint64(4))
		send(typeWrite, packet{}.string("2").uint64(0).string("abc"))
		for _, h := range []string{"1", "2", "3"} {
			send(typeClose, packet{}.string(h))
		}
		for i := range 1000 {
			send(typeMkdir, packet{}.string(fmt.Sprintf("/more-%d", i)).uint32(0))
		}
		_ = client.Close()
		synctest.Wait()
		close(store.release)
		<-done
		s.wg.Wait()
		if n := store.done.Load(); n != 2 {
			t.Errorf("%d changes were made, want the 2 that were under way", n)
		}
		if info, err := store.Stat(t.Context(), vfs.MustParse("/f"), vfs.TypeFile); err != nil || info.Size != 3 {
			t.Errorf("an upload with its CLOSE: %+v, %v", info, err)
		}
		// The size before its CLOSE counts, as it does for who waits.
		if _, err := store.Stat(t.Context(), vfs.MustParse("/g"), vfs.TypeFile); err == nil {
			t.Error("an upload is stored that is shorter than it was to be")
		}
		if s.backlog.used != 0 || s.owed != 0 {
			t.Errorf("%d bytes of requests are left, %d answers are owed", s.backlog.used, s.owed)
		}
	})
}
