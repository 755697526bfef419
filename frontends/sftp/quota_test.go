package sftp

import (
	"context"
	"fmt"
	"io"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/tidegate/tidegate/backends/memory"
	"github.com/tidegate/tidegate/frontends/sftp/wire"
	"github.com/tidegate/tidegate/internal/fairshare"
	process "github.com/tidegate/tidegate/internal/memory"
	"github.com/tidegate/tidegate/vfs"
)

// However many connections a user has, what they have beyond their own together leaves some
// for another tenant, and all of it is given back.
func TestQuotasAreShared(t *testing.T) {
	const capacity, conns = 64, 100
	for name, q := range map[string]struct{ own, most, batch int }{
		"requests that wait": {ownBacklog, maxBacklog, backlogBatch},
		"names":              {ownLooking, maxLooking, lookingBatch},
		"answers":            {ownAnswers, maxAnswers, answersBatch},
		"copies":             {ownCopies, maxCopies, copiesBatch},
	} {
		t.Run(name, func(t *testing.T) {
			parts := process.Divide(process.Default)
			shared, bytes := fairshare.NewResource(name, int64(capacity*q.batch)), parts.Buffers.Open()
			fill := func(tenant string) (used int, end func()) {
				var all []func()
				for i := range conns {
					one := &quota{own: q.own, most: q.most, batch: q.batch, shared: shared, memory: bytes}
					one.init(func() fairshare.Holder { return fairshare.Holder{Tenant: tenant, User: "u", Connection: fmt.Sprint(i)} })
					for one.tryEnter(1) {
						used++
					}
					if one.used < q.own || one.used > q.most {
						t.Errorf("connection %d has %d, its own are %d and the most %d", i, one.used, q.own, q.most)
					}
					all = append(all, func() { one.leave(one.used) })
				}
				return used, func() {
					for _, leave := range all {
						leave()
					}
				}
			}
			used, end := fill("acme")
			if most := conns*q.own + capacity*q.batch; used > most || used < most/2 {
				t.Errorf("one user has %d, want up to %d", used, most)
			}
			others, endOthers := fill("beta")
			if others <= conns*q.own {
				t.Errorf("another tenant has %d, which is no more than its connections have of their own", others)
			}
			end()
			endOthers()
			if shared.Held() != 0 || bytes.Held() != 0 {
				t.Errorf("%d are left, and %d bytes", shared.Held(), bytes.Held())
			}
		})
	}
}

// A quota that is full does not depend on other connections: a request that ends in the same
// quota makes room, and so does a batch that other quotas have given back.
func TestQuotaWaitsForItsOwn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		shared := fairshare.NewResource("all", 2)
		of := func(tenant string) *quota {
			q := &quota{own: 1, most: 3, batch: 1, shared: shared}
			q.init(func() fairshare.Holder { return fairshare.Holder{Tenant: tenant} })
			return q
		}
		a, b := of("a"), of("b")
		a.enter(1)
		a.enter(1) // of what is shared
		b.enter(1)
		entered := 0
		var waiting sync.WaitGroup
		for range 2 {
			waiting.Go(func() {
				b.enter(1)
				entered++
			})
		}
		synctest.Wait()
		if entered != 1 {
			t.Errorf("%d have entered, want one, with the rest of what is shared", entered)
		}
		b.leave(1)
		waiting.Wait()
		a.leave(2)
		b.leave(2)
		if shared.Held() != 0 {
			t.Error("batches are left")
		}
	})
}

// Sessions whose store does not answer have what they may of the process's memory for
// requests, and a session of another tenant is answered meanwhile.
func TestRequestsOfManyChannelsAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &slowStats{Backend: memory.New(), release: make(chan struct{})}
		first := sessionOver(t, store, nil, io.Discard)
		srv := first.conn.srv
		srv.queued = fairshare.NewResource("queued requests", 8*backlogBatch)
		srv.looking = fairshare.NewResource("looking", 4*lookingBatch)
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		var all sync.WaitGroup
		var sessions []*session
		for i := range 20 {
			in, client := io.Pipe()
			s := sessionOf(t, srv, fmt.Sprintf("tenant%d", i%2), store, in, io.Discard)
			sessions = append(sessions, s)
			all.Go(s.serve)
			go func() {
				defer func() { _ = client.Close() }()
				for ctx.Err() == nil {
					if _, err := client.Write(wire.BeginRequest(wire.TypeStat, 1).Text("/slow").Framed()); err != nil {
						return
					}
				}
			}()
		}
		synctest.Wait()
		used, workers := 0, 0
		for _, s := range sessions {
			used += s.backlog.used
			workers += s.names.workers
		}
		if most := len(sessions)*ownBacklog + 8*backlogBatch; used > most || used < most/2 {
			t.Errorf("requests of %d bytes wait, want up to %d", used, most)
		}
		if most := len(sessions)*ownLooking + 4*lookingBatch; workers > most {
			t.Errorf("%d requests are at the store, want at most %d", workers, most)
		}
		in, client := io.Pipe()
		out, replies := io.Pipe()
		other := sessionOf(t, srv, "other", store, in, replies)
		all.Go(other.serve)
		for range 10 {
			go func() { _, _ = client.Write(wire.BeginRequest(wire.TypeStat, 7).Text("/").Framed()) }()
			if _, _, err := wire.ReadPacket(out); err != nil {
				t.Fatal(err)
			}
		}
		cancel()
		close(store.release)
		_ = client.Close()
		_ = other
		all.Wait()
		for _, s := range sessions {
			s.conn.wg.Wait()
		}
		if srv.queued.Held() != 0 || srv.looking.Held() != 0 || srv.queuedBytes.Held() != 0 {
			t.Errorf("%d bytes and %d requests are left", srv.queued.Held(), srv.looking.Held())
		}
	})
}

// A path that is longer than any can be is not kept while the request waits.
func TestLongPathsAreNotKept(t *testing.T) {
	r := request{Request: wire.Request{Type: wire.TypeRename, Path: string(make([]byte, 100<<10)), Target: "/t"}}
	r.parsePaths(vfs.Path{})
	if r.pathErr == nil || r.Path != "" || r.cost() > 1<<10 {
		t.Errorf("a request of %d bytes is kept, %v", r.cost(), r.pathErr)
	}
}
