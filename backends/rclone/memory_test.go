package rclone_test

import (
	"context"
	"fmt"
	"net/netip"
	"runtime"
	"testing"
	"time"

	"github.com/tidegate/tidegate/backends/rclone"
	"github.com/tidegate/tidegate/config"
	"github.com/tidegate/tidegate/internal/fairshare"
	"github.com/tidegate/tidegate/internal/memory"
	"github.com/tidegate/tidegate/internal/session"
	"github.com/tidegate/tidegate/vfs"
	"github.com/tidegate/tidegate/vfs/vfstest/patience"
)

// What rclone buffers follows from the options of the store.
func TestStreamBytes(t *testing.T) {
	azure, _ := openAzure(t)
	local, _ := openLocal(t, nil)
	preset := openS3(t, nil, nil, nil)
	configured := openS3(t, map[string]config.Secret{"chunk_size": "5Mi", "upload_concurrency": "3"}, nil, nil)
	for name, test := range map[string]struct {
		b    *rclone.Backend
		want int64 // MiB
	}{
		"S3, our preset":      {preset, 16},
		"S3, configured":      {configured, 15},
		"Azure, our preset":   {azure, 32},
		"a store of the host": {local, 0},
	} {
		if got := test.b.StreamBytes(); got != test.want<<20 {
			t.Errorf("%s: %d bytes, want %d MiB", name, got, test.want)
		}
	}
}

// Uploads wait for the memory that rclone takes for them. One that is aborted meanwhile
// ends at once, and all memory comes back.
func TestUploadsWaitForMemory(t *testing.T) {
	parts := memory.Divide(32 << 20) // 13 MiB for stores
	b := openS3(t, map[string]config.Secret{"chunk_size": "5Mi", "upload_concurrency": "2"}, parts, nil)
	content := make([]byte, 1<<20)
	// begin sends content and waits until the upload has its memory, or waits for it.
	begin := func(name string, held int64, waiting int) (w vfs.Writer, sent chan error) {
		w, err := b.Create(t.Context(), vfs.MustParse(name), vfs.CreateOptions{})
		if err != nil {
			t.Fatal(err)
		}
		sent = make(chan error, 1)
		go func() {
			_, err := w.Write(content)
			sent <- err
		}()
		wantStores(t, parts, held, waiting)
		return w, sent
	}
	commit := func(w vfs.Writer, sent chan error) {
		t.Helper()
		if err := <-sent; err != nil {
			t.Fatal(err)
		}
		if _, err := w.Commit(t.Context(), vfs.CommitOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	first, firstSent := begin("/first", 10<<20, 0)
	aborted, abortedSent := begin("/aborted", 10<<20, 1)
	last, lastSent := begin("/last", 10<<20, 2)

	aborted.Abort()
	if err := <-abortedSent; vfs.KindOf(err) != vfs.KindCanceled {
		t.Errorf("the aborted upload: %v, want canceled", err)
	}
	wantStores(t, parts, 10<<20, 1)
	commit(first, firstSent)
	wantStores(t, parts, 10<<20, 0)
	commit(last, lastSent)
	wantStores(t, parts, 0, 0)

	small, err := b.Create(t.Context(), vfs.MustParse("/small"), vfs.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := small.Write(content[:1]); err != nil || parts.Budget.Held() != rclone.MaxSmall {
		t.Errorf("the beginning of an upload: %v, %d bytes are held", err, parts.Budget.Held())
	}
	small.Abort()
	for _, u := range parts.Budget.Usage() {
		if u.Held != 0 || u.Leases != 0 {
			t.Errorf("left: %+v", u)
		}
	}
	for _, name := range []string{"/first", "/last"} {
		if info, err := b.Stat(t.Context(), vfs.MustParse(name), vfs.TypeFile); err != nil || info.Size != int64(len(content)) {
			t.Errorf("%s: %+v, %v", name, info, err)
		}
	}
}

// uploader begins uploads of 1 MiB for connections of users.
type uploader struct {
	*testing.T
	b *rclone.Backend
}

func connection(t *testing.T, user string) context.Context {
	client := session.New("sftp", "sftp.test", netip.AddrPort{})
	client.Login(session.User{Tenant: "t", Name: user})
	return session.NewContext(t.Context(), client)
}

func (u uploader) begin(ctx context.Context, name string) (w vfs.Writer, sent chan error) {
	u.Helper()
	w, err := u.b.Create(ctx, vfs.MustParse(name), vfs.CreateOptions{})
	if err != nil {
		u.Fatal(err)
	}
	sent = make(chan error, 1)
	go func() {
		_, err := w.Write(make([]byte, 1<<20))
		sent <- err
	}()
	return w, sent
}

// A user cannot have all the memory for uploads, however slowly it sends: another user's upload
// goes on beside those that it has, and before those that wait.
func TestUploadsLeaveRoom(t *testing.T) {
	parts, ledger := memory.Divide(80<<20), fairshare.New() // 32 MiB for stores
	b := openS3(t, map[string]config.Secret{"chunk_size": "5Mi", "upload_concurrency": "2"}, parts, ledger)
	u := uploader{t, b}
	for i := range 4 {
		w, _ := u.begin(connection(t, "mallory"), fmt.Sprint("/slow", i))
		defer w.Abort()
	}
	shares := ledger.Resources()[0]
	for limit := time.Now().Add(patience.Limit()); shares.Waiting() != 2; runtime.Gosched() {
		if time.Now().After(limit) {
			t.Fatalf("%d uploads wait, want 2", shares.Waiting())
		}
	}
	wantStores(t, parts, 20<<20, 0)
	for i := range 2 {
		w, sent := u.begin(connection(t, "bob"), fmt.Sprint("/file", i))
		if err := <-sent; err != nil {
			t.Fatal(err)
		}
		if _, err := w.Commit(t.Context(), vfs.CommitOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	if shares.Waiting() != 2 || shares.Held() != 20<<20 {
		t.Errorf("%d bytes are held, %d uploads wait", shares.Held(), shares.Waiting())
	}
}

// A connection that sends several files in turn is told when there is no memory for one more.
// If it waited, its other uploads could not end.
func TestInterleavedUploads(t *testing.T) {
	for name, c := range map[string]struct {
		taken int64 // of the 32 MiB for stores, by sessions
		fit   int
	}{"no share": {0, 2}, "no memory": {20 << 20, 1}} {
		t.Run(name, func(t *testing.T) {
			parts, ledger := memory.Divide(80<<20), fairshare.New()
			b := openS3(t, map[string]config.Secret{"chunk_size": "5Mi", "upload_concurrency": "2"}, parts, ledger)
			b.SetInterleavedWait(100 * time.Millisecond)
			sessions := parts.Sessions.Open()
			defer sessions.Close()
			sessions.Take(parts.Sessions.Reserve() + c.taken)
			u, ctx := uploader{t, b}, connection(t, "u")
			var writers []vfs.Writer
			for i := range c.fit {
				w, sent := u.begin(ctx, fmt.Sprint("/file", i))
				if err := <-sent; err != nil {
					t.Fatal(err)
				}
				writers = append(writers, w)
			}
			w, sent := u.begin(ctx, "/more")
			if err := <-sent; vfs.KindOf(err) != vfs.KindBusy {
				t.Errorf("one more: %v, want busy", err)
			}
			w.Abort()
			for _, w := range writers {
				if _, err := w.Commit(t.Context(), vfs.CommitOptions{}); err != nil {
					t.Error(err)
				}
			}
			wantStores(t, parts, 0, 0)
			if shares := ledger.Resources()[0]; shares.Held() != 0 || shares.Waiting() != 0 {
				t.Errorf("%d bytes are held, %d uploads wait", shares.Held(), shares.Waiting())
			}
		})
	}
}

// wantStores waits until so much of the memory for stores is held, and so many uploads
// wait.
func wantStores(t *testing.T, parts *memory.Parts, held int64, waiting int) {
	t.Helper()
	for limit := time.Now().Add(patience.Limit()); ; runtime.Gosched() {
		for _, u := range parts.Budget.Usage() {
			if u.Name != "buffers of stores" {
				continue
			}
			if u.Held == held && u.Waiting == waiting {
				return
			}
			if time.Now().After(limit) {
				t.Fatalf("want %d bytes held and %d waiting: %+v", held, waiting, u)
			}
		}
	}
}
