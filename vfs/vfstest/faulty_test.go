package vfstest_test

import (
	"context"
	"io"
	"testing"
	"time"

	"github.com/tidegate/tidegate/backends/memory"
	"github.com/tidegate/tidegate/vfs"
	"github.com/tidegate/tidegate/vfs/vfstest"
)

// TestFaultyWithoutFaults proves that the wrapper itself breaks nothing.
func TestFaultyWithoutFaults(t *testing.T) {
	vfstest.Run(t, vfstest.Target{
		BlockSize: 1 << 10,
		PageSize:  20,
		New:       func(*testing.T) vfs.Backend { return vfstest.NewFaulty(memory.New()) },
	})
}

func TestFaultyFails(t *testing.T) {
	p := vfs.MustParse("/file")
	calls := map[vfstest.Op]func(ctx context.Context, b vfs.Backend) error{
		vfstest.OpStat: func(ctx context.Context, b vfs.Backend) error { _, err := b.Stat(ctx, p, vfs.TypeAny); return err },
		vfstest.OpList: list, vfstest.OpEntry: list,
		vfstest.OpOpen: read, vfstest.OpRead: read,
		vfstest.OpCreate: write, vfstest.OpWrite: write, vfstest.OpCommit: write,
		vfstest.OpMkdir:  func(ctx context.Context, b vfs.Backend) error { return b.Mkdir(ctx, vfs.MustParse("/dir")) },
		vfstest.OpRemove: func(ctx context.Context, b vfs.Backend) error { return b.Remove(ctx, p, vfs.TypeFile) },
		vfstest.OpRename: func(ctx context.Context, b vfs.Backend) error { return b.Rename(ctx, p, p, vfs.RenameOptions{}) },
		vfstest.OpCopy: func(ctx context.Context, b vfs.Backend) error {
			_, err := b.Copy(ctx, p, p, vfs.CopyOptions{})
			return err
		},
		vfstest.OpSetModTime: func(ctx context.Context, b vfs.Backend) error {
			return b.SetModTime(ctx, p, time.Unix(1e9, 0))
		},
	}
	for op, call := range calls {
		t.Run(string(op), func(t *testing.T) {
			inner := memory.New()
			if err := write(t.Context(), inner); err != nil {
				t.Fatal(err)
			}
			fault := vfstest.Fail(op, 1, vfs.NewError(vfs.KindLocked, nil))
			b := vfstest.NewFaulty(inner, fault)
			if err := call(t.Context(), b); vfs.KindOf(err) != vfs.KindLocked {
				t.Errorf("the first call: %v, want kind locked", err)
			}
			<-fault.Hit()
			if err := call(t.Context(), b); err != nil {
				t.Errorf("the second call: %v", err)
			}
			if b.Calls(op) < 2 {
				t.Errorf("Calls = %d", b.Calls(op))
			}
		})
	}
}

func TestFaultyBlocks(t *testing.T) {
	ends := map[string]struct {
		end  func(f *vfstest.Fault, w vfs.Writer, cancel context.CancelFunc)
		want bool
	}{
		"release": {func(f *vfstest.Fault, _ vfs.Writer, _ context.CancelFunc) { f.Release() }, true},
		"abort":   {func(_ *vfstest.Fault, w vfs.Writer, _ context.CancelFunc) { w.Abort() }, false},
		"cancel":  {func(_ *vfstest.Fault, _ vfs.Writer, cancel context.CancelFunc) { cancel() }, false},
	}
	for name, tt := range ends {
		t.Run(name, func(t *testing.T) {
			fault := vfstest.Block(vfstest.OpWrite, 2)
			b := vfstest.NewFaulty(memory.New(), fault)
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			w, err := b.Create(ctx, vfs.MustParse("/file"), vfs.CreateOptions{})
			if err != nil {
				t.Fatal(err)
			}
			defer w.Abort()
			result := make(chan error, 1)
			go func() {
				_, _ = io.WriteString(w, "first")
				_, err := io.WriteString(w, "second")
				result <- err
			}()
			<-fault.Hit()
			tt.end(fault, w, cancel)
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
