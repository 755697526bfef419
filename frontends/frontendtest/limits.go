package frontendtest

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tidegate/tidegate/internal/limits"
	"github.com/tidegate/tidegate/internal/memory"
	"github.com/tidegate/tidegate/vfs"
	"github.com/tidegate/tidegate/vfs/vfstest/patience"
)

func limitTests() []suiteTest {
	return []suiteTest{
		{"limits/sessions", testSessionLimit},
		{"limits/transfers", testTransferLimit},
		{"limits/upload bytes", testUploadBytes},
		{"limits/upload bytes per day", testUploadBytesPerDay},
		{"limits/bandwidth", testBandwidth},
		{"limits/store requests", testStoreRequests},
	}
}

// twoOfOneTenant returns a setup with the users ann and bob of one tenant.
func twoOfOneTenant(user1, tenant limits.Limits) setup {
	return setup{users: func(vfs.Backend) []user {
		return []user{{name: ann, tenant: "acme", limits: user1, tenantLimits: tenant}, {name: "bob", tenant: "acme"}}
	}}
}

// testSessionLimit proves that a login beyond the limit of the user or the tenant is refused,
// and that a login succeeds again after another session has ended.
func testSessionLimit(t *testing.T, target Target) {
	s := serve(t, target, twoOfOneTenant(limits.Limits{Sessions: 1}, limits.Limits{Sessions: 2}))
	refused := func(name string) {
		t.Helper()
		if c, err := s.dial(Login{name, annPassword}); err == nil {
			c.Close()
			t.Errorf("%s got a session beyond the limit", name)
		}
	}
	first := s.loginAs(ann)
	refused(ann)
	s.loginAs("bob")
	refused("bob") // the tenant has two
	s.put(first, "/file", content(1, 10))
	s.ok(first.Quit(), "quit")
	deadline := time.Now().Add(patience.Limit())
	for {
		c, err := s.dial(Login{"bob", annPassword})
		if err == nil {
			_, err = c.Stat("/file")
			s.ok(err, "stat")
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("no session after one has ended: %v", err)
		}
	}
	// A new limit is in force at once.
	s.users[0].tenantLimits.Sessions, s.users[0].limits.Sessions = 0, 0
	s.setLimits()
	s.loginAs(ann)
}

// testTransferLimit proves that a transfer beyond the limit is refused, that its session
// continues, and that a transfer succeeds again after another one has ended.
func testTransferLimit(t *testing.T, target Target) {
	s := serve(t, target, twoOfOneTenant(limits.Limits{Transfers: 1}, limits.Limits{Transfers: 2}))
	s.StoreFile("/file", content(1, 1000), noTime())
	one, two, other, fourth := s.loginAs(ann), s.loginAs(ann), s.loginAs("bob"), s.loginAs("bob")
	begin := func(c Client, name string) Upload {
		t.Helper()
		u, err := c.Create(name, CreateOptions{})
		s.ok(err, "create")
		if _, err := u.Write([]byte("first")); err != nil {
			t.Fatal(err)
		}
		return u
	}
	running := begin(one, "/a")
	s.store.awaitOpenWriters(t, 1)
	s.wantKind(put(two, "/b", []byte("x"), CreateOptions{}), OpCreate, vfs.KindBusy)
	_, err := get(two, "/file", 0)
	s.wantKind(err, OpOpen, vfs.KindBusy)
	s.wantOwnWords(err, "too many transfers of this user")
	if _, err := two.List("/"); err != nil {
		t.Errorf("a listing counts as a transfer: %v", err)
	}
	others := begin(other, "/c")
	s.store.awaitOpenWriters(t, 2)
	err = put(fourth, "/d", []byte("x"), CreateOptions{})
	s.wantKind(err, OpCreate, vfs.KindBusy)
	s.wantOwnWords(err, "too many transfers of this tenant")
	s.ok(running.Finish(), "finish")
	s.ok(others.Finish(), "finish")
	s.put(two, "/b", content(2, 10))
	s.wantGet(fourth, "/b", content(2, 10))
}

// testUploadBytes proves that a file may have as many bytes as the limit says, including those
// that it had before an append, and that no byte of a larger file is stored.
func testUploadBytes(t *testing.T, target Target) {
	const most = 300_000
	s := serve(t, target, setup{users: func(vfs.Backend) []user {
		return []user{{limits: limits.Limits{UploadBytes: most}}}
	}})
	c := s.login()
	s.put(c, "/file", content(1, most))
	s.put(c, "/small", content(1, 10))
	large := put(c, "/large", content(2, most+1), CreateOptions{})
	s.wantKind(large, OpWrite, vfs.KindTooLarge)
	s.wantOwnWords(large, "file is larger than this user may upload")
	s.wantKind(put(c, "/file", content(2, 10*most), CreateOptions{}), OpWrite, vfs.KindTooLarge)
	if s.store.Caps().Append {
		s.wantKind(put(c, "/small", content(2, most-9), CreateOptions{Append: true}), OpWrite, vfs.KindTooLarge)
		s.ok(put(c, "/small", content(2, most-10), CreateOptions{Append: true}), "append up to the limit")
		s.WantStored("/small", append(content(1, 10), content(2, most-10)...))
	}
	s.WantStored("/file", content(1, most))
	s.WantStoredNames("/", "file", "small")
	s.users[0].limits.UploadBytes = most + 1
	s.setLimits()
	s.put(c, "/large", content(2, most+1))
}

// testUploadBytesPerDay proves that all uploads of a day count together, those of all
// users of a tenant.
func testUploadBytesPerDay(t *testing.T, target Target) {
	s := serve(t, target, twoOfOneTenant(limits.Limits{}, limits.Limits{UploadBytesPerDay: 100_000}))
	one, other := s.loginAs(ann), s.loginAs("bob")
	s.put(one, "/a", content(1, 60_000))
	s.wantKind(put(other, "/b", content(1, 60_000), CreateOptions{}), OpWrite, vfs.KindQuota)
	// The refused bytes do not count, but those that came before them may.
	s.users[0].tenantLimits.UploadBytesPerDay = 120_000
	s.setLimits()
	err := put(one, "/c", content(1, 120_000), CreateOptions{})
	s.wantKind(err, OpWrite, vfs.KindQuota)
	s.wantOwnWords(err, "daily upload quota of this tenant is used up")
	s.wantGet(other, "/a", content(1, 60_000))
	s.WantStoredNames("/", "a")
}

// testBandwidth proves that the limit of the bandwidth applies to every way to transfer
// bytes: a transfer takes at least as long as the limit demands.
func testBandwidth(t *testing.T, target Target) {
	const rate, size = 1 << 20, 512 << 10
	l := limits.Limits{BandwidthUp: rate, BandwidthDown: rate}
	s := serve(t, target, setup{users: func(vfs.Backend) []user { return []user{{limits: l}} }})
	c := s.login()
	// An eighth of a second's bytes move at once, and a quantum is paid after it has moved.
	least := time.Duration(size-rate/8-2*limits.Quantum) * time.Second / rate
	data := content(1, size)
	start := time.Now()
	s.put(c, "/file", data)
	if took := time.Since(start); took < least {
		t.Errorf("an upload took %v, want at least %v", took, least)
	}
	start = time.Now()
	s.wantGet(c, "/file", data)
	if took := time.Since(start); took < least {
		t.Errorf("a download took %v, want at least %v", took, least)
	}
}

// testStoreRequests proves that no request comes to the store while another one of the user
// is unanswered, and that it comes afterwards.
func testStoreRequests(t *testing.T, target Target) {
	s := serve(t, target, setup{users: func(vfs.Backend) []user { return []user{{limits: limits.Limits{StoreRequests: 1}}} }})
	s.StoreFile("/file", content(1, 1000), noTime())
	one, two := s.login(), s.login()
	// Each answer takes the store a moment, so that requests without a limit overlap.
	var inside, most atomic.Int64
	s.store.failWith(func(context.Context, Op, vfs.Path) error {
		now := inside.Add(1)
		for old := most.Load(); now > old && !most.CompareAndSwap(old, now); old = most.Load() {
		}
		<-time.After(2 * time.Millisecond)
		inside.Add(-1)
		return nil
	})
	defer s.store.failWith(nil)
	done := make(chan error, 2)
	for _, c := range []Client{one, two} {
		go func() {
			for range 20 {
				if _, err := c.Stat("/file"); err != nil {
					done <- err
					return
				}
			}
			done <- nil
		}()
	}
	for range 2 {
		s.ok(<-done, "stat")
	}
	if n := most.Load(); n != 1 {
		t.Errorf("%d requests were at the store at once, want 1", n)
	}
	s.put(one, "/new", content(2, 1000))
	s.wantGet(two, "/new", content(2, 1000))
}

// ScarceMemory is a process's memory with n bytes left for sessions.
func ScarceMemory(t *testing.T, n int64) *memory.Parts {
	t.Helper()
	parts := memory.Divide(memory.Default)
	others := parts.Sessions.Open()
	t.Cleanup(others.Close)
	if !others.TryAcquire(parts.Sessions.Most() - n) {
		t.Fatal("other sessions do not have their memory")
	}
	return parts
}
