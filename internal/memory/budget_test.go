package memory_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tidegate/tidegate/internal/memory"
)

// empty checks that all memory came back and nobody waits.
func empty(t *testing.T, b *memory.Budget) {
	t.Helper()
	if b.Held() != 0 {
		t.Errorf("%d bytes are held", b.Held())
	}
	for _, u := range b.Usage() {
		if u.Held != 0 || u.Leases != 0 || u.Waiting != 0 {
			t.Errorf("left: %+v", u)
		}
	}
}

// A part has its reserve whatever others hold, and no more than its ceiling.
func TestReserveAndCeiling(t *testing.T) {
	b := memory.New(100)
	chunks := b.Part("chunks", memory.Limits{Reserve: 50, Most: 100}).Open()
	records := b.Part("records", memory.Limits{Reserve: 10, Most: 20}).Open()
	other := b.Part("other", memory.Limits{Most: 30}).Open()
	for _, step := range []struct {
		name  string
		lease *memory.Lease
		n     int64
		want  bool
	}{
		{"up to what others have in reserve", chunks, 90, true},
		{"what others have in reserve", chunks, 1, false},
		{"without a reserve, when nothing is free", other, 1, false},
		{"the reserve", records, 10, true},
		{"more than the reserve, when nothing is free", records, 1, false},
	} {
		if got := step.lease.TryAcquire(step.n); got != step.want {
			t.Errorf("%s: got %v", step.name, got)
		}
	}
	chunks.Release(60)
	if !records.TryAcquire(10) || records.TryAcquire(1) {
		t.Error("the ceiling of records is not 20")
	}
	if other.TryAcquire(31) || !other.TryAcquire(30) {
		t.Error("the ceiling of other is not 30")
	}
	if b.Held() != 80 || b.Peak() != 100 || other.Held() != 30 {
		t.Errorf("held %d, peak %d, other %d", b.Held(), b.Peak(), other.Held())
	}
	for _, l := range []*memory.Lease{chunks, records, other} {
		l.Close()
		l.Close()
	}
	empty(t, b)
}

// Those that wait are served in their order, and one that leaves does not keep the
// others.
func TestOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := memory.New(100)
		p := b.Part("chunks", memory.Limits{Most: 100})
		all := p.Open()
		if !all.TryAcquire(100) {
			t.Fatal("refused")
		}
		ctx, cancel := context.WithCancelCause(t.Context())
		left := errors.New("left")
		var order []int
		var group sync.WaitGroup
		for i := range 5 {
			group.Go(func() {
				l := p.Open()
				defer l.Close()
				if i == 1 {
					if err := l.Acquire(ctx, 90); !errors.Is(err, left) {
						t.Errorf("got %v, want %v", err, left)
					}
					return
				}
				if err := l.Acquire(t.Context(), 40); err != nil {
					t.Error(err)
				}
				order = append(order, i) // one at a time has room
			})
			synctest.Wait()
		}
		late := p.Open()
		if all.Release(30); late.TryAcquire(30) {
			t.Error("one that does not wait overtook those that do")
		}
		late.Close()
		cancel(left)
		synctest.Wait()
		all.Release(10)
		group.Wait()
		for i, want := range []int{0, 2, 3, 4} {
			if order[i] != want {
				t.Fatalf("served in the order %v", order)
			}
		}
		all.Close()
		empty(t, b)
	})
}

// What an elastic part keeps no longer is given to those that wait.
func TestKeepingLess(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := memory.New(100)
		chunks := b.Part("chunks", memory.Limits{Most: 100, Elastic: true}).Open()
		stores := b.Part("stores", memory.Limits{Most: 50}).Open()
		if !chunks.TryAcquire(100) {
			t.Fatal("refused")
		}
		chunks.Keep(100)
		got := make(chan error, 1)
		go func() { got <- stores.Acquire(t.Context(), 40) }()
		synctest.Wait()
		chunks.Keep(60)
		synctest.Wait()
		select {
		case err := <-got:
			if err != nil {
				t.Error(err)
			}
		default:
			t.Error("it waits, although the memory is not kept")
			chunks.Release(100)
			if err := <-got; err != nil {
				t.Error(err)
			}
		}
		chunks.Close()
		stores.Close()
		empty(t, b)
	})
}

// Leases that give nothing back before they have their whole all come to their end,
// however little there is for all of them.
func TestHoldingWhileWaiting(t *testing.T) {
	const whole = 100
	for seed := range uint64(100) {
		synctest.Test(t, func(t *testing.T) {
			random := rand.New(rand.NewPCG(seed, 3))
			b := memory.New(1000)
			p := b.Part("writes", memory.Limits{Most: whole + random.Int64N(200), Whole: whole})
			others := b.Part("chunks", memory.Limits{Reserve: 500, Most: 1000})
			greedy := others.Open()
			for greedy.TryAcquire(1) {
			}
			var group sync.WaitGroup
			for range 20 {
				seed := random.Uint64()
				group.Go(func() {
					random := rand.New(rand.NewPCG(seed, 4))
					l := p.Open()
					defer l.Close()
					ctx := t.Context()
					if random.IntN(5) == 0 { // a client that leaves
						var cancel context.CancelFunc
						ctx, cancel = context.WithTimeout(ctx, time.Duration(random.IntN(50))*time.Second)
						defer cancel()
					}
					for range 3 {
						for left := int64(whole); left > 0; {
							n := min(left, 1+random.Int64N(40))
							if l.Acquire(ctx, n) != nil {
								return
							}
							left -= n
							time.Sleep(time.Second)
						}
						for l.Held() > 0 {
							l.Release(min(l.Held(), 1+random.Int64N(40)))
						}
					}
				})
			}
			group.Wait()
			for _, u := range b.Usage() {
				if u.Name == "writes" && u.Held != 0 {
					t.Errorf("%+v", u)
				}
			}
			if b.Peak() > b.Limit() {
				t.Errorf("%d bytes were held of %d", b.Peak(), b.Limit())
			}
			greedy.Close()
			empty(t, b)
		})
	}
}

// Reserves that do not fit are a mistake of the program, and so is giving back what
// is not held.
func TestMistakes(t *testing.T) {
	b := memory.New(100)
	p := b.Part("chunks", memory.Limits{Reserve: 60})
	l := p.Open()
	for name, do := range map[string]func(){
		"too many reserves":   func() { b.Part("records", memory.Limits{Reserve: 41}) },
		"giving back nothing": func() { l.Release(1) },
		"use after the end":   func() { l.Close(); l.TryAcquire(1) },
	} {
		if !panics(do) {
			t.Errorf("%s does not panic", name)
		}
	}
	empty(t, b)
}

func panics(do func()) (panicked bool) {
	defer func() { panicked = recover() != nil }()
	do()
	return false
}

// Others get what an elastic part has beyond its reserve, but for what it keeps. It has
// to give that back before it takes anything.
func TestElastic(t *testing.T) {
	b := memory.New(100)
	chunks := b.Part("chunks", memory.Limits{Reserve: 20, Most: 90, Elastic: true}).Open()
	sessions := b.Part("sessions", memory.Limits{Reserve: 10, Most: 80}).Open()
	want := func(when string, allowed int64) {
		t.Helper()
		if got := chunks.Allowed(); got != allowed {
			t.Errorf("%s: %d bytes of chunks are allowed, want %d", when, got, allowed)
		}
	}
	want("at first", 90)
	if !chunks.TryAcquire(90) {
		t.Fatal("refused")
	}
	chunks.Keep(40)
	if sessions.TryAcquire(61) || !sessions.TryAcquire(60) {
		t.Error("sessions do not have what chunks do not keep")
	}
	chunks.Keep(30)
	if sessions.TryAcquire(11) || !sessions.TryAcquire(10) {
		t.Error("sessions do not have what chunks keep no longer")
	}
	want("with sessions", 30)
	if chunks.TryAcquire(1) {
		t.Error("chunks have more than they may")
	}
	chunks.Release(70)
	if !chunks.TryAcquire(10) || chunks.TryAcquire(1) {
		t.Error("chunks do not have what is left")
	}
	sessions.Take(30) // in any case
	want("with what sessions take", 0)
	if sessions.Held() != 100 || sessions.TryAcquire(1) {
		t.Errorf("sessions hold %d", sessions.Held())
	}
	sessions.Release(95)
	want("when sessions have gone", 90)
	chunks.Close()
	sessions.Close()
	empty(t, b)
}

// partsOf returns all parts but Writes, which keeps something apart for its first lease.
func partsOf(p *memory.Parts) []*memory.Part {
	return []*memory.Part{p.Chunks, p.Intake, p.Buffers, p.Stores, p.Events, p.Hashes, p.Sessions}
}

// The parts of a process fit into its budget, whatever that is, and thousands of
// sessions into the default one.
func TestDivide(t *testing.T) {
	for _, transfers := range []int64{1 << 20, 4 << 20, 16 << 20, 100 << 20, memory.Default, 1 << 40} {
		p := memory.Divide(transfers)
		var reserves int64
		for _, u := range p.Budget.Usage() {
			reserves += u.Reserve
			if u.Most > p.Budget.Limit() || u.Reserve > u.Most {
				t.Errorf("%d: %+v", transfers, u)
			}
		}
		if left := p.Budget.Limit() - reserves; left < 0 || left != p.Sessions.Most()-p.Sessions.Reserve() {
			t.Errorf("%d: reserves of %d in %d, sessions have %d at most", transfers, reserves, p.Budget.Limit(), p.Sessions.Most())
		}
	}
	for _, transfers := range []int64{4 << 20, 32 << 20, 64 << 20, memory.Default} {
		for _, part := range partsOf(memory.Divide(transfers)) {
			lease := part.Open()
			if !lease.TryAcquire(part.Most()) {
				t.Errorf("%d: a lease alone does not get the most: %+v", transfers, part.Budget().Usage())
			}
			lease.Close()
		}
	}
	p := memory.Divide(memory.Default)
	if n := p.Sessions.Most() / memory.SessionFTP; n < 3000 {
		t.Errorf("%d FTP sessions are admitted, want 3,000", n)
	}
	if n := p.Sessions.Most() / memory.SessionSFTP; n < 1000 {
		t.Errorf("%d SFTP sessions are admitted, want 1,000", n)
	}
	if limit := p.Budget.Limit(); limit != memory.Default/8*11 {
		t.Errorf("the process may hold %d bytes", limit)
	}
}
