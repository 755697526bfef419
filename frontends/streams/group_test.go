package streams

import (
	"context"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tidegate/tidegate/internal/fairshare"
	"github.com/tidegate/tidegate/internal/memory"
)

// site is what several connections share.
type site struct {
	*testing.T
	places *fairshare.Resource
	calls  sync.WaitGroup

	connections atomic.Int64
}

// of returns the Group of a user's connection.
func (s *site) of(user string, o Options) *Group {
	o.Idle, o.Own, o.Shared, o.Calls = idle, own, s.places, &s.calls
	if o.Memory == nil {
		o.Memory = memory.Divide(memory.Default).Buffers
	}
	if o.Panicked == nil {
		o.Panicked = func(r any) { s.Error(r) }
	}
	if o.Most == 0 {
		o.Most = 16
	}
	connection := strconv.FormatInt(s.connections.Add(1), 10)
	o.Holder = func() fairshare.Holder { return fairshare.Holder{Tenant: "t", User: user, Connection: connection} }
	return New(o)
}

// opened is a Stream that counts how often it was closed.
type opened struct {
	*Stream
	closed atomic.Int32
}

func (g *Group) opened(t *testing.T) *opened {
	o := &opened{}
	o.Stream = g.Stream(t.Context(), func() { o.closed.Add(1) })
	return o
}

// use opens it if it is not open, and leaves it open.
func (o *opened) use() {
	o.Enter()
	o.Leave(true)
}

// within runs a test with places in a bubble. Nothing may be left at its end.
func within(t *testing.T, places int64, test func(s *site)) {
	synctest.Test(t, func(t *testing.T) {
		s := &site{T: t, places: fairshare.NewResource("places", places)}
		test(s)
		s.calls.Wait()
		if s.places.Held() != 0 || s.places.Waiting() != 0 {
			t.Errorf("%d places are held, %d requests wait", s.places.Held(), s.places.Waiting())
		}
	})
}

// A user that has all places, and uses none, gives one to the next user within a second.
func TestIdleGivesWay(t *testing.T) {
	within(t, 1, func(s *site) {
		first, second := s.of("mallory", Options{Keep: true}).opened(s.T), s.of("bob", Options{Keep: true}).opened(s.T)
		first.use()
		begun := time.Now()
		second.use()
		if waited := time.Since(begun); first.closed.Load() != 1 || waited > idle {
			t.Errorf("%d were closed after %v", first.closed.Load(), waited)
		}
		second.End()
		first.End()
	})
}

// Among the connections of one user it takes longer.
func TestOwnGivesWay(t *testing.T) {
	within(t, 1, func(s *site) {
		first, second := s.of("mallory", Options{}).opened(s.T), s.of("mallory", Options{}).opened(s.T)
		first.use()
		begun := time.Now()
		second.use()
		if waited := time.Since(begun); first.closed.Load() != 1 || waited != own {
			t.Errorf("%d were closed after %v", first.closed.Load(), waited)
		}
		second.End()
		first.End()
	})
}

// A user that uses all places all the time gives one to the next user within about a second,
// but has each for a second: it comes further before it has to begin again.
func TestUsedGivesWay(t *testing.T) {
	const step = 10 * time.Millisecond
	within(t, 1, func(s *site) {
		ctx, stop := context.WithCancel(s.Context())
		var users sync.WaitGroup
		var streams [2]*opened
		for i, user := range []string{"mallory", "bob"} {
			streams[i] = s.of(user, Options{}).opened(s.T)
			users.Go(func() {
				defer streams[i].End()
				for ctx.Err() == nil {
					streams[i].use()
					time.Sleep(step)
				}
			})
		}
		time.Sleep(10 * idle)
		for i, x := range streams {
			if x.closed.Load() < 4 || x.closed.Load() > 6 {
				t.Errorf("stream %d was closed %d times in %v", i, x.closed.Load(), 10*idle)
			}
		}
		stop()
		users.Wait()
	})
}

// What cannot be opened again keeps its place while it is used, and gives it when it is idle.
func TestLastGivesWayWhenIdle(t *testing.T) {
	within(t, 1, func(s *site) {
		first, second := s.of("mallory", Options{Keep: true}).opened(s.T), s.of("bob", Options{Keep: true}).opened(s.T)
		first.use()
		entered := make(chan struct{})
		go func() {
			defer close(entered)
			second.use()
		}()
		for range 5 {
			time.Sleep(idle * 3 / 4)
			first.Enter()
			first.Last()
			first.Leave(true)
		}
		if n := first.closed.Load(); n != 0 {
			t.Errorf("closed %d times while it was used", n)
		}
		begun := time.Now()
		<-entered
		if waited := time.Since(begun); first.closed.Load() != 1 || waited > idle {
			t.Errorf("closed %d times, %v after the last use", first.closed.Load(), waited)
		}
		second.End()
		first.End()
	})
}

// A connection that waits for a place closes what is idle of its own, also what becomes idle
// meanwhile, and what cannot be opened again last of all.
func TestWaitingTakesOwn(t *testing.T) {
	within(t, 2, func(s *site) {
		g := s.of("u", Options{Keep: true})
		last, first, second, third := g.opened(s.T), g.opened(s.T), g.opened(s.T), g.opened(s.T)
		last.Enter()
		last.Last()
		last.Leave(true)
		first.Enter()
		second.Enter() // takes the place of the last one, as first is in use
		if last.closed.Load() != 1 {
			t.Error("a connection waits for itself")
		}
		time.AfterFunc(idle/2, func() { first.Leave(true) })
		begun := time.Now()
		third.use()
		if waited := time.Since(begun); waited > 2*idle || first.closed.Load() != 1 {
			t.Errorf("it waited for %v, the other one was closed %d times", waited, first.closed.Load())
		}
		second.Leave(true)
		for _, x := range []*opened{last, first, second, third} {
			x.End()
		}
	})
	within(t, 2, func(s *site) {
		g := s.of("u", Options{Keep: true})
		last, first, second := g.opened(s.T), g.opened(s.T), g.opened(s.T)
		last.Enter()
		last.Last()
		last.Leave(true)
		first.use()
		second.use()
		if last.closed.Load() != 0 || first.closed.Load() != 1 {
			t.Errorf("closed: %d and %d, want the one that can be opened again", last.closed.Load(), first.closed.Load())
		}
		for _, x := range []*opened{last, first, second} {
			x.End()
		}
	})
}

// A panic in what closes a stream reaches the owner of the group, and its place is free again.
func TestPanicOnClose(t *testing.T) {
	within(t, 1, func(s *site) {
		var panicked atomic.Value
		x := s.of("mallory", Options{Keep: true, Panicked: func(r any) { panicked.Store(r) }}).Stream(s.Context(), func() { panic("planted") })
		x.Enter()
		x.Leave(true)
		second := s.of("bob", Options{Keep: true}).opened(s.T)
		second.use()
		second.End()
		x.End()
		s.calls.Wait() // the place is free before the owner knows
		if panicked.Load() != "planted" {
			t.Errorf("the owner got %v", panicked.Load())
		}
	})
}

// A panic in what closes one stream for another one of its connection leaves nothing behind.
func TestPanicOnCloseForOwn(t *testing.T) {
	within(t, 1, func(s *site) {
		g := s.of("u", Options{Keep: true})
		x := g.Stream(s.Context(), func() { panic("planted") })
		x.Enter()
		x.Leave(true)
		second := g.opened(s.T)
		func() {
			defer func() {
				if recover() != "planted" {
					t.Error("no panic")
				}
			}()
			second.Enter()
		}()
		second.use()
		second.End()
		x.End()
	})
}

// The streams of one connection take the places of each other, of the one that was used
// longest ago, and wait when all are in use.
func TestMost(t *testing.T) {
	within(t, 8, func(s *site) {
		g := s.of("u", Options{Most: 2, Keep: true})
		a, b, c := g.opened(s.T), g.opened(s.T), g.opened(s.T)
		a.use()
		b.use()
		a.use()
		c.use()
		if a.closed.Load() != 0 || b.closed.Load() != 1 {
			t.Errorf("closed: %d and %d, want that of the one that was used before", a.closed.Load(), b.closed.Load())
		}
		a.Enter()
		c.Enter()
		entered := make(chan struct{})
		go func() {
			defer close(entered)
			b.use()
		}()
		synctest.Wait()
		select {
		case <-entered:
			t.Error("three are in use")
		default:
		}
		a.Leave(false)
		<-entered
		c.Leave(true)
		for _, x := range []*opened{a, b, c} {
			x.End()
		}
	})
}

// What is not kept is closed when another one of the connection was used after it.
func TestNotKept(t *testing.T) {
	within(t, 8, func(s *site) {
		g := s.of("u", Options{})
		a, b := g.opened(s.T), g.opened(s.T)
		a.use()
		b.use()
		time.Sleep(2 * idle)
		if a.closed.Load() != 1 || b.closed.Load() != 0 {
			t.Errorf("closed: %d and %d", a.closed.Load(), b.closed.Load())
		}
		a.End()
		b.End()
	})
}

// A late stream needs no place before it is left open, is closed if there is none then, and
// waits for one before it is opened again.
func TestLate(t *testing.T) {
	within(t, 1, func(s *site) {
		holder, late := s.of("mallory", Options{}).opened(s.T), s.of("bob", Options{Late: true}).opened(s.T)
		holder.Enter()
		late.Enter()
		late.Leave(false) // it ended before
		late.Enter()
		late.Leave(true)
		if late.closed.Load() != 1 {
			t.Error("it is open without a place")
		}
		time.AfterFunc(idle, func() { holder.Leave(false) })
		begun := time.Now()
		late.Enter()
		if waited := time.Since(begun); waited != idle {
			t.Errorf("it was opened again after %v", waited)
		}
		late.Leave(true)
		if late.closed.Load() != 1 || s.places.Held() != 1 {
			t.Errorf("closed %d times, %d places", late.closed.Load(), s.places.Held())
		}
		late.End()
		holder.End()
	})
}

// The wait for a place ends with the context.
func TestWaitEnds(t *testing.T) {
	within(t, 1, func(s *site) {
		holder := s.of("mallory", Options{}).opened(s.T)
		holder.Enter()
		ctx, cancel := context.WithTimeout(s.Context(), idle/2)
		defer cancel()
		x := s.of("bob", Options{}).Stream(ctx, func() { t.Error("it was never open") })
		begun := time.Now()
		x.Enter()
		if waited := time.Since(begun); waited != idle/2 {
			t.Errorf("it waited for %v", waited)
		}
		x.Leave(false)
		holder.Leave(false)
	})
}
