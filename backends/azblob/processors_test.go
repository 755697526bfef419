package azblob

import (
	"net/netip"
	"runtime"
	"testing"

	"github.com/tidegate/tidegate/internal/fairshare"
	"github.com/tidegate/tidegate/internal/session"
	"github.com/tidegate/tidegate/internal/testing/azstub"
	"github.com/tidegate/tidegate/vfs"
)

// The body of an upload is sent in turns of its tenant: while others have the processors, it
// waits.
func TestUploadsTakeTurnsAtTheProcessors(t *testing.T) {
	b := overTLS(t, azstub.Start(t, azstub.Options{TLS: true}), "", true)
	ledger := fairshare.New()
	ledger.Add(b.store.processors.Resource)
	b.store.processors.Resize(1)
	all, err := b.store.processors.TryAcquire(fairshare.Holder{}, 1)
	if err != nil {
		t.Fatal(err)
	}
	s := session.New("ftp", "ftp.test", netip.AddrPort{})
	s.Login(session.User{Tenant: "a", Name: "alice"})
	ctx := session.NewContext(t.Context(), s)
	ended := make(chan error, 1)
	go func() {
		w, err := b.Create(ctx, vfs.MustParse("/f"), vfs.CreateOptions{})
		if err != nil {
			ended <- err
			return
		}
		defer w.Abort()
		if _, err = w.Write(make([]byte, 3<<20)); err == nil {
			_, err = w.Commit(ctx, vfs.CommitOptions{})
		}
		ended <- err
	}()
	for b.store.processors.Waiting() == 0 {
		select {
		case err := <-ended:
			t.Fatalf("without a turn: %v", err)
		default:
			runtime.Gosched()
		}
	}
	for _, u := range ledger.Usage() {
		if u.Waiting > 0 && (u.Holder.Tenant != "a" || u.Holder.User != "alice") {
			t.Errorf("the one that waits is %+v", u.Holder)
		}
	}
	all.Release()
	if err := <-ended; err != nil || b.store.processors.Held() != 0 {
		t.Errorf("%v, %d processors are held", err, b.store.processors.Held())
	}
}
