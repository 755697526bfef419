package sftp

import (
	"context"
	"io"
	"testing"
	"testing/synctest"

	"github.com/tidegate/tidegate/backends/memory"
	"github.com/tidegate/tidegate/vfs"
)

// slowStats answers a STAT of /slow when it is told to.
type slowStats struct {
	vfs.Backend
	release chan struct{}
}

func (s *slowStats) Stat(ctx context.Context, p vfs.Path, want vfs.Type) (vfs.Info, error) {
	if p.Base() == "slow" {
		<-s.release
	}
	return s.Backend.Stat(ctx, p, want)
}

// As many requests wait as may, and a CLOSE comes for which there is no room and
// that those before it concern.
func TestCloseBehindFullBacklog(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &slowStats{Backend: memory.New(), release: make(chan struct{})}
		in, client := io.Pipe()
		s := sessionOver(t, store, in, io.Discard)
		send := func(kind byte, id uint32, body packet) {
			p := append(make(packet, 4), kind).uint32(id)
			_, _ = client.Write(append(p, body...).framed())
		}
		done := make(chan struct{})
		go func() {
			defer close(done)
			s.serve()
		}()
		send(typeOpen, 1, packet{}.string("/f").uint32(flagWrite|flagCreate|flagTruncate).uint32(0))
		synctest.Wait() // it is open
		go func() {
			slow, stat := request{path: "/slow"}, request{path: "/f"}
			send(typeStat, 2, packet{}.string(slow.path))
			for used := slow.cost(); used+stat.cost() <= maxBacklog; used += stat.cost() {
				send(typeStat, 3, packet{}.string(stat.path))
			}
			send(typeClose, 4, packet{}.string("1"))
			_ = client.Close()
		}()
		synctest.Wait()
		if s.backlog.used+(&request{handle: "1"}).cost() <= maxBacklog {
			t.Errorf("%d bytes of requests wait, which are not all that may", s.backlog.used)
		}
		close(store.release)
		<-done
		s.leave()
		s.wg.Wait()
		if _, err := store.Backend.Stat(t.Context(), vfs.MustParse("/f"), vfs.TypeFile); err != nil {
			t.Errorf("the file is not stored: %v", err)
		}
	})
}
