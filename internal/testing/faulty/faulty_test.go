package faulty_test

import (
	"context"
	"io"
	"testing"
	"time"

	"github.com/tidegate/tidegate/backends/memory"
	"github.com/tidegate/tidegate/internal/testing/faulty"
	"github.com/tidegate/tidegate/vfs"
	"github.com/tidegate/tidegate/vfs/vfstest"
)

// TestWithoutFault proves that the wrapper itself breaks nothing.
func TestWithoutFault(t *testing.T) {
	vfstest.Run(t, vfstest.Target{
		BlockSize: 1 << 10,
		PageSize:  20,
		New:       func(*testing.T) vfs.Backend { return faulty.New(memory.New()) },
	})
}

func TestFails(t *testing.T) {
	p := vfs.MustParse("/file")
	calls := map[faulty.Op]func(ctx context.Context, b vfs.Backend) error{
		faulty.OpStat: func(ctx context.Context, b vfs.Backend) error { _, err := b.Stat(ctx, p, vfs.TypeAny); return err },
		faulty.OpList: list, faulty.OpEntry: list,
		faulty.OpOpen: read, faulty.OpRead: read,
		faulty.OpCreate: write, faulty.OpWrite: write, faulty.OpCommit: write,
		faulty.OpMkdir:  func(ctx context.Context, b vfs.Backend) error { return b.Mkdir(ctx, vfs.MustParse("/dir")) },
		faulty.OpRemove: func(ctx context.Context, b vfs.Backend) error { return b.Remove(ctx, p, vfs.TypeFile) },
		faulty.OpRename: func(ctx context.Context, b vfs.Backend) error { return b.Rename(ctx, p, p, vfs.RenameOptions{}) },
		faulty.OpCopy: func(ctx context.Context, b vfs.Backend) error {
			_, err := b.Copy(ctx, p, p, vfs.CopyOptions{})
			return err
		},
		faulty.OpSetModTime: func(ctx context.Context, b vfs.Backend) error {
			return b.SetModTime(ctx, p, time.Unix(1e9, 0))
		},
	}
	for op, call := range calls {
		t.Run(string(op), func(t *testing.T) {
			inner := memory.New()
			if err := write(t.Context(), inner); err != nil {
				t.Fatal(err)
			}
			b := faulty.New(inner)
			b.SetFault(func(_ context.Context, c faulty.Call) error {
				if c.Op == op {
					return vfs.NewError(vfs.KindLocked, nil)
				}
				return nil
			})
			if err := call(t.Context(), b); vfs.KindOf(err) != vfs.KindLocked {
				t.Errorf("the first call: %v, want kind locked", err)
			}
			b.SetFault(nil)
			if err := call(t.Context(), b); err != nil {
				t.Errorf("the second call: %v", err)
			}
			if b.Calls(op) < 2 {
				t.Errorf("Calls = %d", b.Calls(op))
			}
			if o := b.Opened(); o.Readers != o.ReadersEnded || o.Writers != o.WritersEnded || o.Commits > 1 {
				t.Errorf("something is open: %+v", o)
			}
		})
	}
}

// A fault that waits for its context ends with the caller's, and with the Writer.
func TestBlocks(t *testing.T) {
	ends := map[string]struct {
		end  func(release chan<- error, w vfs.Writer, cancel context.CancelFunc)
		want bool
	}{
		"release": {func(release chan<- error, _ vfs.Writer, _ context.CancelFunc) { release <- nil }, true},
		"abort":   {func(_ chan<- error, w vfs.Writer, _ context.CancelFunc) { w.Abort() }, false},
		"cancel":  {func(_ chan<- error, _ vfs.Writer, cancel context.CancelFunc) { cancel() }, false},
	}
	for name, tt := range ends {
		t.Run(name, func(t *testing.T) {
			b := faulty.New(memory.New())
			hit, release := make(chan struct{}), make(chan error)
			b.SetFault(func(ctx context.Context, c faulty.Call) error {
				if c.Op != faulty.OpWrite {
					return nil
				}
				close(hit)
				select {
				case err := <-release:
					return err
				case <-ctx.Done():
					return vfs.NewError(vfs.KindCanceled, context.Cause(ctx))
				}
			})
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			w, err := b.Create(ctx, vfs.MustParse("/file"), vfs.CreateOptions{})
			if err != nil {
				t.Fatal(err)
			}
			defer w.Abort()
			result := make(chan error, 1)
			go func() {
				_, err := io.WriteString(w, "content")
				result <- err
			}()
			<-hit
			tt.end(release, w, cancel)
			if err := <-result; (err == nil) != tt.want || (err != nil && vfs.KindOf(err) != vfs.KindCanceled) {
				t.Errorf("the blocked Write: %v", err)
			}
		})
	}
}

func write(ctx context.Context, b vfs.Backend) error {
	w, err := b.Create(ctx, vfs.MustParse("/file"), vfs.CreateOptions{})
	if err != nil {
		return err
	}
	defer w.Abort()
	_, _ = io.WriteString(w, "content") // Commit reports it
	_, err = w.Commit(ctx, vfs.CommitOptions{})
	return err
}

func read(ctx context.Context, b vfs.Backend) error {
	r, err := b.Open(ctx, vfs.MustParse("/file"), vfs.OpenOptions{})
	if err != nil {
		return err
	}
	defer func() { _ = r.Close() }()
	_, err = io.ReadAll(r)
	return err
}

func list(ctx context.Context, b vfs.Backend) error {
	for _, err := range b.List(ctx, vfs.Path{}) {
		if err != nil {
			return err
		}
	}
	return nil
}
