package limits

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tidegate/tidegate/internal/session"
	"github.com/tidegate/tidegate/vfs"
)

var (
	acme = Owner{Tenant: "acme"}
	ann  = Owner{Tenant: "acme", User: "ann"}
)

func registry(all map[Owner]Limits) *Registry {
	r := NewRegistry()
	r.Set(all)
	return r
}

// wantReached checks that err is a refusal of the limit of an owner.
func wantReached(t *testing.T, err error, kind vfs.Kind, limit string, owner Owner) {
	t.Helper()
	reached, ok := errors.AsType[*Reached](err)
	if !ok || vfs.KindOf(err) != kind || reached.Limit != limit || reached.Owner != owner {
		t.Errorf("got %v, want %v by the limit %s of %s", err, kind, limit, owner)
	}
}

func TestSessions(t *testing.T) {
	r := registry(map[Owner]Limits{acme: {Sessions: 3}, ann: {Sessions: 2}})
	a, b := r.Account("acme", "ann"), r.Account("acme", "bob")
	enter := func(a *Account) func() {
		t.Helper()
		leave, err := a.Session()
		if err != nil {
			t.Fatal(err)
		}
		return leave
	}
	first, second := enter(a), enter(a)
	_, err := a.Session()
	wantReached(t, err, vfs.KindBusy, "sessions", ann)
	third := enter(b)
	_, err = b.Session()
	wantReached(t, err, vfs.KindBusy, "sessions", acme)
	first()
	first() // does nothing
	// bob takes what ann has left; ann's refusal by the tenant leaves no count of ann.
	fourth := enter(b)
	_, err = a.Session()
	wantReached(t, err, vfs.KindBusy, "sessions", acme)
	fourth()
	enter(a)()
	second()
	third()
	if h := r.holders[acme]; h.sessions != 0 {
		t.Errorf("%d sessions are left", h.sessions)
	}
}

// A new configuration changes the limits of what runs, and no count begins again. An owner
// that it does not have is forgotten when nothing of it is left.
func TestSet(t *testing.T) {
	r := registry(map[Owner]Limits{acme: {Transfers: 1}, ann: {}})
	a := r.Account("acme", "ann")
	end, err := a.Transfer()
	if err != nil {
		t.Fatal(err)
	}
	r.Set(map[Owner]Limits{acme: {Transfers: 2}, ann: {}})
	again := r.Account("acme", "ann")
	more, err := again.Transfer()
	if err != nil {
		t.Error(err)
	}
	_, err = a.Transfer()
	wantReached(t, err, vfs.KindBusy, "transfers", acme)
	r.Set(nil)
	if r.holders[acme] == nil {
		t.Error("the counts of running transfers are forgotten")
	}
	end()
	more()
	r.Set(nil)
	if len(r.holders) != 0 {
		t.Errorf("%d owners are left", len(r.holders))
	}
}

func TestUploads(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := registry(map[Owner]Limits{acme: {UploadBytesPerDay: 1000}, ann: {UploadBytes: 600}})
		a := r.Account("acme", "ann")
		upload := func(size int64, parts ...int) error {
			m, err := a.Upload(size)
			for _, n := range parts {
				if err == nil {
					err = m.Moved(t.Context(), n)
				}
			}
			m.End()
			return err
		}
		if err := upload(0, 300, 300); err != nil {
			t.Error(err)
		}
		wantReached(t, upload(0, 601), vfs.KindTooLarge, "upload_bytes", ann)
		wantReached(t, upload(601), vfs.KindTooLarge, "upload_bytes", ann)
		wantReached(t, upload(300, 301), vfs.KindTooLarge, "upload_bytes", ann)
		wantReached(t, upload(0, 401), vfs.KindQuota, "upload_bytes_per_day", acme)
		// What was refused counts for nobody, and the day may be used up.
		if err := upload(200, 400); err != nil {
			t.Error(err)
		}
		wantReached(t, upload(0), vfs.KindQuota, "upload_bytes_per_day", acme)
		// The clock of the bubble begins at midnight UTC.
		time.Sleep(24*time.Hour - time.Second)
		wantReached(t, upload(0), vfs.KindQuota, "upload_bytes_per_day", acme)
		time.Sleep(time.Second)
		if err := upload(0, 600); err != nil {
			t.Errorf("on the next day: %v", err)
		}
	})
}

// Transfers with large and with small reads get equal parts, a tenant's users share its
// bandwidth, and a user has no more than its own.
func TestBandwidth(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const rate = 1 << 20
		r := registry(map[Owner]Limits{acme: {BandwidthUp: rate}, ann: {BandwidthUp: rate / 8}})
		ctx, cancel := context.WithCancel(t.Context())
		var callers sync.WaitGroup
		var mu sync.Mutex
		moved := map[string]int{}
		transfer := func(name, user string, size int) {
			m, err := r.Account("acme", user).Upload(0)
			if err != nil {
				t.Fatal(err)
			}
			callers.Go(func() {
				for m.Moved(ctx, min(size, m.Quantum())) == nil {
					mu.Lock()
					moved[name] += min(size, m.Quantum())
					mu.Unlock()
				}
				m.End()
			})
		}
		for i, size := range []int{1 << 10, 4 << 10, 32 << 10, 256 << 10} {
			transfer(fmt.Sprint(i), "bob", size)
		}
		transfer("ann", "ann", 32<<10)
		const seconds = 100
		time.Sleep(seconds * time.Second)
		cancel()
		callers.Wait()
		all := 0
		for name, n := range moved {
			all += n
			want := rate * seconds * 7 / 8 / 4
			if name == "ann" {
				want = rate * seconds / 8
			}
			if n < want*9/10 || n > want*11/10 {
				t.Errorf("%s moved %d bytes, want about %d", name, n, want)
			}
		}
		if most := rate*seconds + rate/8 + 10*Quantum; all > most {
			t.Errorf("%d bytes moved, want at most %d", all, most)
		}
	})
}

// Small files cost their bytes, though none of them waits for its own.
func TestBandwidthOfSmallFiles(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const rate, size, files = 100 << 10, 1 << 10, 1000
		r := registry(map[Owner]Limits{acme: {BandwidthDown: rate}})
		a := r.Account("acme", "ann")
		start := time.Now()
		for range files {
			m := a.Download()
			if err := m.Moved(t.Context(), size); err != nil {
				t.Fatal(err)
			}
			m.End()
		}
		if took, want := time.Since(start), files*size*time.Second/rate; took < want*9/10 || took > want*11/10 {
			t.Errorf("%d files took %v, want about %v", files, took, want)
		}
	})
}

// A new rate counts for those that wait, and the end of the context ends a wait, also one
// whose time would come later than the context's deadline.
func TestBandwidthChanges(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := registry(map[Owner]Limits{acme: {}, ann: {BandwidthUp: 1 << 10}})
		m, err := r.Account("acme", "ann").Upload(0)
		if err != nil {
			t.Fatal(err)
		}
		left := errors.New("the client left")
		ctx, cancel := context.WithTimeoutCause(t.Context(), 10*time.Second, left)
		defer cancel()
		start := time.Now()
		err = m.Moved(ctx, 4*Quantum)
		if took := time.Since(start); !errors.Is(err, left) || vfs.KindOf(err) != vfs.KindCanceled || took != 10*time.Second {
			t.Errorf("%v after %v, want the end of the context after 10s", err, took)
		}
		done := make(chan error)
		go func() { done <- m.Moved(t.Context(), 4*Quantum) }()
		time.Sleep(time.Second)
		r.Set(map[Owner]Limits{acme: {}, ann: {BandwidthUp: 10 << 20}})
		start = time.Now()
		if err := <-done; err != nil || time.Since(start) > time.Second {
			t.Errorf("with a new rate: %v after %v", err, time.Since(start))
		}
		go func() { done <- m.Moved(t.Context(), 1000*Quantum) }()
		synctest.Wait()
		r.Set(map[Owner]Limits{acme: {}, ann: {}})
		if err := <-done; err != nil || m.Quantum() != 0 {
			t.Errorf("without a rate: %v, quantum %d", err, m.Quantum())
		}
		if waited := m.End(); waited < 11*time.Second {
			t.Errorf("the meter has waited %v", waited)
		}
	})
}

// Users of a tenant take turns with requests to stores, whatever the number of their
// sessions is.
func TestRequests(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := registry(map[Owner]Limits{acme: {StoreRequests: 2}})
		ctx, cancel := context.WithCancel(t.Context())
		var callers sync.WaitGroup
		var mu sync.Mutex
		served, now, most := map[string]int{}, 0, 0
		for user, sessions := range map[string]int{"ann": 20, "bob": 2} {
			for i := range sessions {
				s := &session.Session{ID: fmt.Sprint(user, i)}
				s.Login(session.User{Tenant: "acme", Name: user})
				a := r.Account("acme", user)
				callers.Go(func() {
					for {
						answered, err := a.Request(session.NewContext(ctx, s))
						if err != nil {
							return
						}
						mu.Lock()
						served[user]++
						now++
						most = max(most, now)
						mu.Unlock()
						time.Sleep(time.Second)
						mu.Lock()
						now--
						mu.Unlock()
						answered()
					}
				})
			}
		}
		time.Sleep(1000 * time.Second)
		cancel()
		callers.Wait()
		if most != 2 || served["ann"] < 900 || served["bob"] < 900 {
			t.Errorf("%d at once, served %v", most, served)
		}
		// Without a limit nobody waits.
		r.Set(map[Owner]Limits{acme: {}})
		for range 10 {
			if _, err := r.Account("acme", "ann").Request(t.Context()); err != nil {
				t.Error(err)
			}
		}
	})
}

// A nil Account limits nothing.
func TestNoAccount(t *testing.T) {
	var a *Account
	leave, err := a.Session()
	end, errTransfer := a.Transfer()
	answered, errRequest := a.Request(t.Context())
	m, errUpload := a.Upload(0)
	if err := errors.Join(err, errTransfer, errRequest, errUpload, m.Moved(t.Context(), 1<<40)); err != nil || m.Quantum() != 0 {
		t.Error(err)
	}
	m.End()
	a.Download().End()
	leave()
	end()
	answered()
}
