package sftp

import (
	"context"
	"io"
	"testing"
	"testing/synctest"

	"github.com/tidegate/tidegate/backends/memory"
	"github.com/tidegate/tidegate/frontends/sftp/wire"
	"github.com/tidegate/tidegate/vfs"
)

// slowStats answers a STAT of /slow when the test lets it.
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

// As many requests wait as may, and a CLOSE comes for which there is no room, and
// which waits for some of those before it.
func TestCloseBehindFullBacklog(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &slowStats{Backend: memory.New(), release: make(chan struct{})}
		in, client := io.Pipe()
		s := sessionOver(t, store, in, io.Discard)
		send := func(kind wire.Type, id uint32, body wire.Packet) {
			_, _ = client.Write(append(wire.BeginRequest(kind, id), body...).Framed())
		}
		done := make(chan struct{})
		go func() {
			defer close(done)
			s.serve()
		}()
		send(wire.TypeOpen, 1, wire.Packet{}.Text("/f").Uint32(wire.OpenWrite|wire.OpenCreate|wire.OpenTruncate).Uint32(0))
		synctest.Wait() // it is open
		go func() {
			slow, stat := request{Request: wire.Request{Path: "/slow"}}, request{Request: wire.Request{Path: "/f"}}
			used := 0
			for range maxLooking { // those behind them wait
				send(wire.TypeStat, 2, wire.Packet{}.Text(slow.Path))
				used += slow.cost()
			}
			for ; used+stat.cost() <= maxBacklog; used += stat.cost() {
				send(wire.TypeStat, 3, wire.Packet{}.Text(stat.Path))
			}
			send(wire.TypeClose, 4, wire.Packet{}.Text("1"))
			_ = client.Close()
		}()
		synctest.Wait()
		if s.backlog.used+(&request{Request: wire.Request{Handle: "1"}}).cost() <= maxBacklog {
			t.Errorf("%d bytes of requests wait, which are not all that may", s.backlog.used)
		}
		close(store.release)
		<-done
		s.leave()
		s.conn.wg.Wait()
		if _, err := store.Backend.Stat(t.Context(), vfs.MustParse("/f"), vfs.TypeFile); err != nil {
			t.Errorf("the file is not stored: %v", err)
		}
	})
}
