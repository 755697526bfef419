package fairshare

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func holder(tenant, user, connection string) Holder {
	return Holder{Tenant: tenant, User: user, Connection: connection}
}

// fill takes units one by one until it is refused, and returns how many it got.
func fill(t *testing.T, r *Resource, h Holder) (leases []*Lease) {
	t.Helper()
	for {
		lease, err := r.TryAcquire(h, 1)
		if errors.Is(err, ErrRefused) {
			return leases
		}
		if err != nil {
			t.Fatal(err)
		}
		leases = append(leases, lease)
	}
}

// What may be held for long is never all taken: each holder leaves an eighth of what
// it found at each level.
func TestReserve(t *testing.T) {
	r := NewResource("uploads", 4096)
	all := map[string][]*Lease{}
	for _, step := range []struct {
		name string
		h    Holder
		want int
	}{
		{"one connection", holder("a", "a1", "1"), 2744}, // 4096 · (7/8)³
		{"another of the user", holder("a", "a1", "2"), 343},
		{"another user", holder("a", "a2", "3"), 381},
		{"another tenant", holder("b", "b1", "4"), 422},
		{"an address before a login", Holder{Address: netip.MustParsePrefix("192.0.2.1/32"), Connection: "5"}, 159},
		{"the process", Holder{}, 47},
		{"nothing is left", holder("c", "c1", "6"), 0},
	} {
		all[step.name] = fill(t, r, step.h)
		if got := len(all[step.name]); got != step.want {
			t.Errorf("%s: got %d, want %d", step.name, got, step.want)
		}
	}
	check(t, r)
	// A holder that has more than its share gets nothing more when others leave.
	for _, l := range all["the process"] {
		l.Release()
	}
	if got := len(fill(t, r, holder("a", "a1", "1"))); got != 0 {
		t.Errorf("the one that holds the most got %d more", got)
	}
	if got := len(fill(t, r, holder("c", "c1", "6"))); got == 0 {
		t.Error("a newcomer got nothing")
	}
	for _, leases := range all {
		for _, l := range leases {
			l.Release()
			l.Release() // does nothing
		}
	}
}

// Small numbers round up, so that a single slot can be had.
func TestReserveOfFew(t *testing.T) {
	for capacity, want := range map[int64]int{1: 1, 2: 2, 7: 7, 8: 7, 16: 13} {
		r := NewResource("few", capacity)
		if got := len(fill(t, r, holder("a", "a1", ""))); got != want {
			t.Errorf("of %d one user got %d, want %d", capacity, got, want)
		}
	}
}

// Holders that take whenever they may have equal parts in the end, whichever was first.
func TestEqualParts(t *testing.T) {
	const capacity, tenants = 4000, 5
	rng := rand.New(rand.NewPCG(1, 2))
	r := NewResource("uploads", capacity)
	held := make([][]*Lease, tenants)
	for round := range 200_000 {
		i := rng.IntN(tenants)
		h := holder(fmt.Sprint(i), "u", "")
		if round < 20_000 {
			i, h = 0, holder("0", "u", "") // the first one is alone for long
		}
		if n := len(held[i]); rng.IntN(3) == 0 && n > 0 {
			k := rng.IntN(n)
			held[i][k].Release()
			held[i][k] = held[i][n-1]
			held[i] = held[i][:n-1]
		} else if l, err := r.TryAcquire(h, 1); err == nil {
			held[i] = append(held[i], l)
		}
	}
	check(t, r)
	for i := range held {
		if n := len(held[i]); n < capacity/tenants*7/10 || n > capacity/tenants*12/10 {
			t.Errorf("tenant %d has %d of %d", i, n, capacity)
		}
	}
}

// check compares the sums of the tree with each other.
func check(t *testing.T, r *Resource) {
	t.Helper()
	r.mu.Lock()
	defer r.mu.Unlock()
	var sums func(n *node) (held int64, waiting int)
	sums = func(n *node) (int64, int) {
		if len(n.children) == 0 && n.parent != nil {
			if n.waiting != len(n.queue) {
				t.Errorf("%v: %d wait, %d are in the queue", n.holder, n.waiting, len(n.queue))
			}
			return n.held, n.waiting
		}
		var held int64
		var waiting int
		for k, child := range n.children {
			h, w := sums(child)
			if child.key != k || child.parent != n || h == 0 && w == 0 {
				t.Errorf("node %v holds %d and waits for %d", k, h, w)
			}
			held, waiting = held+h, waiting+w
		}
		if held != n.held || waiting != n.waiting {
			t.Errorf("node %v: held %d of %d, waiting %d of %d", n.key, n.held, held, n.waiting, waiting)
		}
		return held, waiting
	}
	sums(&r.root)
	if full := r.root.held >= r.capacity; r.Full() != full {
		t.Errorf("%d of %d are held, full: %v", r.root.held, r.capacity, r.Full())
	}
}

// empty checks that nothing is held and no request waits.
func empty(t *testing.T, r *Resource) {
	t.Helper()
	check(t, r)
	if r.Held() != 0 || len(r.usage()) != 0 {
		t.Errorf("left: %+v", r.usage())
	}
}

// Random holders take, wait, leave and give back. At each moment the sums are right
// and the capacity holds, what is granted goes to the one that had the least at each
// level, no request waits while there is room, and in the end all were served.
func TestProperties(t *testing.T) {
	for seed := range uint64(50) {
		synctest.Test(t, func(t *testing.T) { run(t, rand.New(rand.NewPCG(seed, 7))) })
	}
}

func run(t *testing.T, rng *rand.Rand) {
	capacity := int64(1 + rng.IntN(6))
	r := NewResource("slots", capacity)
	var mu sync.Mutex
	var held []*Lease
	var callers sync.WaitGroup
	var cancels []context.CancelFunc
	asked, got, gone := 0, 0, 0
	ask := func() {
		h := holder(fmt.Sprint(rng.IntN(3)), fmt.Sprint(rng.IntN(2)), fmt.Sprint(rng.IntN(3)))
		if rng.IntN(4) == 0 {
			h = Holder{Address: netip.PrefixFrom(netip.AddrFrom4([4]byte{192, 0, 2, byte(rng.IntN(2))}), 32)}
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancels = append(cancels, cancel)
		asked++
		callers.Go(func() {
			l, err := r.Acquire(ctx, h, 1)
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				gone++
				return
			}
			got++
			held = append(held, l)
		})
	}
	release := func() {
		if len(held) == 0 {
			return
		}
		before := waiting(r)
		k := rng.IntN(len(held))
		l := held[k]
		held = append(held[:k], held[k+1:]...)
		n := len(held)
		after := minus(before, l)
		l.Release()
		synctest.Wait()
		for _, granted := range held[n:] {
			fair(t, after, granted.leaf.holder)
		}
	}
	for range 300 {
		switch p := rng.IntN(10); {
		case p < 5:
			ask()
		case p < 9:
			release()
		default:
			if len(cancels) > 0 {
				cancels[rng.IntN(len(cancels))]()
			}
		}
		synctest.Wait()
		check(t, r)
		if r.Held() > capacity || r.root.waiting > 0 && r.Held() < capacity {
			t.Fatalf("%d held of %d while %d wait", r.Held(), capacity, r.root.waiting)
		}
	}
	for len(held) > 0 {
		release()
	}
	callers.Wait()
	for _, cancel := range cancels {
		cancel()
	}
	if got+gone != asked {
		t.Errorf("%d asked, %d got, %d left", asked, got, gone)
	}
	empty(t, r)
}

// state is what the nodes at a level hold, and whether anybody below them waits.
type state struct {
	held    int64
	waiting bool
}

func waiting(r *Resource) map[Holder]state {
	r.mu.Lock()
	defer r.mu.Unlock()
	all := map[Holder]state{}
	r.root.leaves(func(n *node) { all[n.holder] = state{n.held, n.waiting > 0} })
	return all
}

func minus(all map[Holder]state, l *Lease) map[Holder]state {
	s := all[l.leaf.holder]
	s.held -= l.units
	all[l.leaf.holder] = s
	return all
}

// fair checks that no holder that waited had less than the one that was served, at any
// level.
func fair(t *testing.T, before map[Holder]state, served Holder) {
	t.Helper()
	want := served.path()
	for level := range levels {
		sums := map[key]state{}
		for h, s := range before {
			p := h.path()
			same := true
			for above := range level {
				same = same && p[above] == want[above]
			}
			if same {
				sum := sums[p[level]]
				sums[p[level]] = state{sum.held + s.held, sum.waiting || s.waiting}
			}
		}
		for k, s := range sums {
			if s.waiting && s.held < sums[want[level]].held {
				t.Errorf("%v was served, which had %d at level %d; %v waited with %d", served, sums[want[level]].held, level, k, s.held)
			}
		}
	}
}

// Tenants that always want more get the same, and so do the users of one and the
// connections of a user.
func TestTurns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := NewResource("processors", 2)
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		var callers sync.WaitGroup
		var mu sync.Mutex
		served := map[string]int{}
		want := func(tenant, user string, connections, calls int) {
			for c := range connections {
				for range calls {
					callers.Go(func() {
						for {
							l, err := r.Acquire(ctx, holder(tenant, user, fmt.Sprint(c)), 1)
							if err != nil {
								return
							}
							time.Sleep(time.Second)
							mu.Lock()
							served[tenant]++
							served[tenant+user]++
							served[fmt.Sprint(tenant, user, c)]++
							mu.Unlock()
							l.Release()
						}
					})
				}
			}
		}
		want("a", "x", 20, 10)
		want("a", "y", 1, 1)
		want("b", "z", 2, 50)
		want("c", "w", 1, 2)
		time.Sleep(3000 * time.Second)
		cancel()
		callers.Wait()
		for name, n := range map[string]int{"a": 2000, "b": 2000, "c": 2000, "ax": 1000, "ay": 1000, "ax0": 50, "ax19": 50, "bz0": 1000} {
			if got := served[name]; got < n*9/10 || got > n*11/10 {
				t.Errorf("%s was served %d times, want about %d", name, got, n)
			}
		}
		empty(t, r)
	})
}

// A caller that wants much is not overtaken for ever by those that want little, and
// gets more than there is when nothing else is held.
func TestLargeUnits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := NewResource("KiB", 32<<10)
		var running, memory, most int64
		var mu sync.Mutex
		var callers sync.WaitGroup
		for i := range 300 {
			kib := []int64{4, 8, 19, 31, 64, 256}[i%6] << 10
			h := Holder{Address: netip.PrefixFrom(netip.AddrFrom4([4]byte{192, 0, 2, byte(i % 7)}), 32)}
			callers.Go(func() {
				l, err := r.Acquire(t.Context(), h, kib)
				if err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				running, memory = running+1, memory+kib
				most = max(most, running)
				if memory > 32<<10 && running > 1 {
					t.Errorf("%d at once take %d KiB", running, memory)
				}
				mu.Unlock()
				time.Sleep(time.Second)
				mu.Lock()
				running, memory = running-1, memory-kib
				mu.Unlock()
				l.Release()
			})
		}
		callers.Wait()
		if most < 2 {
			t.Errorf("%d at once at most", most)
		}
		empty(t, r)
	})
}

// A request that was withdrawn is not granted, and what was granted to a caller that
// has gone goes to the next one.
func TestGone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := NewResource("slot", 1)
		ctx, cancel := context.WithCancelCause(t.Context())
		first, err := r.Acquire(ctx, holder("a", "x", "1"), 1)
		if err != nil {
			t.Fatal(err)
		}
		left := errors.New("the client left")
		var callers sync.WaitGroup
		for range 10 {
			callers.Go(func() {
				if _, err := r.Acquire(ctx, holder("a", "x", "1"), 1); !errors.Is(err, left) {
					t.Errorf("got %v, want %v", err, left)
				}
			})
		}
		callers.Go(func() {
			l, err := r.Acquire(t.Context(), holder("a", "x", "1"), 1)
			if err != nil {
				t.Error(err)
				return
			}
			l.Release()
		})
		synctest.Wait()
		if _, err := r.TryAcquire(Holder{}, 1); !errors.Is(err, ErrRefused) {
			t.Errorf("TryAcquire while others wait: %v", err)
		}
		cancel(left)
		first.Release()
		callers.Wait()
		if _, err := r.Acquire(ctx, Holder{}, 1); !errors.Is(err, left) {
			t.Errorf("Acquire with a context that has ended: %v", err)
		}
		empty(t, r)
	})
}

// A request that comes last is granted when no other waits, and can be withdrawn like
// any other.
func TestRequestLast(t *testing.T) {
	r := NewResource("ports", 1)
	a, b := holder("a", "x", "1"), holder("b", "y", "2")
	first := r.Request(a, 1)
	last, gone, normal := r.RequestLast(b, 1), r.RequestLast(b, 1), r.Request(a, 1)
	if first.Lease() == nil || last.Lease() != nil || normal.Lease() != nil || r.Waiting() != 3 {
		t.Fatalf("%d wait", r.Waiting())
	}
	first.Lease().Release()
	if normal.Lease() == nil || last.Lease() != nil {
		t.Error("the last one was served before another")
	}
	gone.Withdraw()
	normal.Withdraw()
	normal.Withdraw()
	<-last.Granted()
	if all := r.usage(); len(all) != 1 || all[0].Holder != b {
		t.Errorf("usage: %+v", all)
	}
	last.Lease().Release()
	gone.Withdraw()
	empty(t, r)
}

// What is held briefly is on nobody's account while nobody waits. Otherwise holders take
// turns, whatever the number of their requests.
func TestAcquireBriefly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := NewResource("processors", 1)
		lease, err := r.AcquireBriefly(t.Context(), holder("a", "x", "1"))
		if err != nil || r.Held() != 1 || len(r.usage()) != 0 || !r.Full() || lease.Wanted() {
			t.Fatalf("%v, %d held: %+v", err, r.Held(), r.usage())
		}
		var order []string
		var waiting sync.WaitGroup
		wait := func(tenant string) {
			waiting.Go(func() {
				lease, err := r.AcquireBriefly(t.Context(), holder(tenant, "x", "1"))
				if err != nil {
					t.Error(err)
					return
				}
				order = append(order, tenant)
				lease.Release()
			})
			synctest.Wait()
		}
		for range 4 {
			wait("a")
		}
		wait("b")
		wait("b")
		if lease.Wanted() {
			t.Error("what is on nobody's account is wanted")
		}
		lease.Release()
		waiting.Wait()
		if got := fmt.Sprint(order); got != "[a b a b a a]" {
			t.Errorf("served %s", got)
		}
		empty(t, r)
	})
}

// A user that is alone does not wait for what it holds briefly itself. Another one waits for
// less than the capacity, and then both do.
func TestAcquireBrieflyAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := NewResource("processors", 1)
		acquire := func(tenant, connection string) (*Lease, error) {
			ctx, cancel := context.WithTimeout(t.Context(), time.Microsecond)
			defer cancel()
			return r.AcquireBriefly(ctx, holder(tenant, "x", connection))
		}
		must := func(tenant, connection string) *Lease {
			lease, err := acquire(tenant, connection)
			if err != nil {
				t.Fatalf("%s of %s waits: %v", connection, tenant, err)
			}
			return lease
		}
		must("a", "1").Release()
		time.Sleep(2 * aloneFor)
		first, second := must("a", "1"), must("a", "2")
		if r.Held() != 2 {
			t.Errorf("%d are held", r.Held())
		}
		if _, err := acquire("b", "1"); err == nil {
			t.Error("another user does not wait")
		}
		if _, err := acquire("a", "3"); err == nil {
			t.Error("the user does not wait beside another one")
		}
		first.Release()
		second.Release()
		must("b", "1").Release()
		empty(t, r)
	})
}

// parts takes up to n parts for connections of a user, and returns what it got and what waits.
func parts(r *Resource, tenant, user string, n int, units int64) (held []*Lease, waiting []*Pending) {
	for i := range n {
		if w := r.Request(holder(tenant, user, fmt.Sprint(user, i)), units); w.Lease() != nil {
			held = append(held, w.Lease())
		} else {
			waiting = append(waiting, w)
		}
	}
	return held, waiting
}

// Where room is left, a user gets all but one part of what is held for long. Another one gets
// that part, before those that wait longer and have some, and so does the next one after it.
func TestLeaveRoom(t *testing.T) {
	const part = 16
	r := NewResource("buffers", 7*part)
	r.LeaveRoom()
	held, waiting := parts(r, "a", "mallory", 12, part)
	if len(held) != 6 {
		t.Errorf("a user alone has %d of 7 parts, want 6", len(held))
	}
	for _, h := range []Holder{holder("a", "alice", "a"), holder("b", "bob", "b"), holder("b", "carol", "c")} {
		w := r.Request(h, part)
		if w.Lease() == nil {
			t.Fatalf("%s waits", h.User)
		}
		second := r.Request(h, part)
		if second.Lease() != nil {
			t.Errorf("%s has two of the last part", h.User)
		}
		second.Withdraw()
		w.Lease().Release()
	}
	// What waits goes on when something is given back, one at a time.
	for _, w := range waiting {
		held[0].Release()
		if held = held[1:]; w.Lease() == nil {
			t.Fatal("a request is forgotten")
		}
		held = append(held, w.Lease())
	}
	for _, l := range held {
		l.Release()
	}
	large := r.Request(holder("a", "mallory", "1"), 7*part+1)
	if large.Lease() == nil {
		t.Fatal("a request for more than all waits while nothing is held")
	}
	large.Lease().Release()
	empty(t, r)
}

// Where there are many parts, a tenant leaves one for other tenants too, however many users it
// has.
func TestLeaveRoomForTenants(t *testing.T) {
	r := NewResource("listings", 16)
	r.LeaveRoom()
	held, waiting := parts(r, "a", "mallory", 20, 1)
	if len(held) != 14 {
		t.Errorf("a user alone has %d of 16 parts, want 14", len(held))
	}
	for _, user := range []string{"alice", "anne"} {
		more, wait := parts(r, "a", user, 2, 1)
		held, waiting = append(held, more...), append(waiting, wait...)
	}
	if len(held) != 15 {
		t.Errorf("a tenant alone has %d of 16 parts, want 15", len(held))
	}
	bob, wait := parts(r, "b", "bob", 2, 1)
	if len(bob) != 1 {
		t.Errorf("another tenant has %d parts, want 1", len(bob))
	}
	waiting = append(waiting, wait...)
	for _, w := range waiting {
		w.Withdraw()
	}
	for _, l := range append(held, bob...) {
		l.Release()
	}
	empty(t, r)
}

// A user that waits for a second part does not keep a user of another tenant, which has more
// parts in all, from the first one of its own.
func TestLeaveRoomForNewUser(t *testing.T) {
	r := NewResource("buffers", 4)
	r.LeaveRoom()
	first, _ := parts(r, "a", "x", 1, 1)
	second, _ := parts(r, "b", "y", 2, 1)
	_, waits := parts(r, "a", "x", 1, 1)
	late, _ := parts(r, "b", "z", 1, 1)
	if len(waits) != 1 || len(late) != 1 {
		t.Fatalf("%d waits, %d has the last part", len(waits), len(late))
	}
	waits[0].Withdraw()
	for _, l := range slices.Concat(first, second, late) {
		l.Release()
	}
	empty(t, r)
}

// Users that have nothing get what is left also beside one that waits for more than that. Among
// users that have some, nobody overtakes.
func TestLeaveRoomOfUnequalParts(t *testing.T) {
	r := NewResource("buffers", 105)
	r.LeaveRoom()
	small, _ := parts(r, "b", "bob", 3, 16)
	large, _ := parts(r, "a", "mallory", 1, 32)
	_, waits := parts(r, "a", "mallory", 1, 32) // 25 are free
	if len(small) != 3 || len(large) != 1 || len(waits) != 1 {
		t.Fatalf("%d small and %d large ones", len(small), len(large))
	}
	late, _ := parts(r, "b", "new", 1, 16)
	if len(late) != 1 {
		t.Fatal("a user that has nothing waits while there is room for it")
	}
	late[0].Release()
	small[0].Release() // 41 are free, and 64 are needed
	overtaking, behind := parts(r, "b", "bob", 1, 16)
	if len(overtaking) != 0 || waits[0].Lease() != nil {
		t.Error("a user that has more is served before one that has less")
	}
	behind[0].Withdraw()
	small[1].Release()
	small[2].Release()
	if waits[0].Lease() == nil {
		t.Error("a request is forgotten")
	}
}

// A lease is wanted when the one that waits has less, at the level where the two part.
func TestWanted(t *testing.T) {
	r := NewResource("listings", 2)
	first := r.Request(holder("a", "x", "1"), 1).Lease()
	second := r.Request(holder("b", "y", "2"), 1).Lease()
	if first.Wanted() {
		t.Error("wanted while no request waits")
	}
	own := r.Request(holder("a", "x", "1"), 1)
	if first.Wanted() || second.Wanted() {
		t.Error("wanted by the holder itself")
	}
	own.Withdraw()
	for _, h := range []Holder{holder("c", "z", "3"), holder("a", "w", "4"), holder("a", "x", "5")} {
		other := r.Request(h, 1)
		if !first.Wanted() {
			t.Errorf("not wanted by %+v", h)
		}
		if byOther := h.User != "x"; first.WantedByOther() != byOther {
			t.Errorf("%+v: wanted by another user: %v", h, !byOther)
		}
		other.Withdraw()
	}
	first.Release()
	if first.Wanted() {
		t.Error("wanted after its release")
	}
	second.Release()
	empty(t, r)
}

// Usage lists the holders and what they hold.
func TestUsage(t *testing.T) {
	ledger := New()
	r := ledger.Resource("uploads", 10)
	if again := ledger.Resource("uploads", 20); again != r || r.Capacity() != 20 {
		t.Error("the resource was made twice")
	}
	ledger.Add(NewResource("nothing", 1))
	lease, err := r.TryAcquire(holder("a", "x", "1"), 3)
	if err != nil {
		t.Fatal(err)
	}
	all := ledger.Usage()
	if len(all) != 1 || all[0] != (Usage{"uploads", holder("a", "x", "1"), 3, 0}) {
		t.Errorf("usage: %+v", all)
	}
	lease.Release()
	if all := ledger.Usage(); len(all) != 0 {
		t.Errorf("left: %+v", all)
	}
}

// A second call for a resource changes its capacity: waiting requests are served when it
// grows, and nothing is granted while more is held than the smaller one.
func TestCapacityChanges(t *testing.T) {
	l := New()
	r := l.Resource("slots", 1)
	h := Holder{Tenant: "t", User: "u", Connection: "c"}
	first, err := r.Acquire(t.Context(), h, 1)
	if err != nil {
		t.Fatal(err)
	}
	waiting := r.Request(h, 1)
	if l.Resource("slots", 2) != r || r.Capacity() != 2 {
		t.Fatalf("the capacity is %d, want 2 of the same resource", r.Capacity())
	}
	<-waiting.Granted()
	l.Resource("slots", 1)
	first.Release()
	if _, err := r.TryAcquire(h, 1); err == nil || !r.Full() {
		t.Errorf("one of one is held, full %v, and another is granted: %v", r.Full(), err)
	}
}
