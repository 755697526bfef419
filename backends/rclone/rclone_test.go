package rclone_test

import (
	"context"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/tidegate/tidegate/backends/rclone"
	"github.com/tidegate/tidegate/config"
	"github.com/tidegate/tidegate/vfs"
	"github.com/tidegate/tidegate/vfs/vfstest"
)

// open returns a backend that is closed with the test.
func open(t *testing.T, o rclone.Options) *rclone.Backend {
	t.Helper()
	if o.RenameEntries == 0 {
		o.RenameEntries = 5000
	}
	o.Log = slog.New(slog.DiscardHandler)
	b, err := rclone.Open(t.Context(), o)
	if err != nil {
		t.Fatalf("Open(%q, %q): %v", o.Store, o.Root, err)
	}
	t.Cleanup(func() {
		if err := b.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return b
}

func openLocal(t *testing.T, values map[string]config.Secret) (*rclone.Backend, string) {
	t.Helper()
	dir := t.TempDir()
	return open(t, rclone.Options{Store: "local", Root: dir, Values: values}), dir
}

// page is small where a store does not have pages.
const page = 20

func refusesLongNames(name string) bool { return len(name) > 255 }

func TestBackendOverLocal(t *testing.T) {
	vfstest.Run(t, vfstest.Target{
		New: func(t *testing.T) vfs.Backend {
			b, _ := openLocal(t, nil)
			return b
		},
		Refuses: refusesLongNames, PageSize: page,
	})
}

// The memory store is one for the process, so each tree gets a bucket, with a name that
// no other run of the test has.
func openMemory(t *testing.T) *rclone.Backend {
	return open(t, rclone.Options{Store: "memory", Root: bucket(t) + "/prefix"})
}

func bucket(t *testing.T) string { return filepath.Base(filepath.Dir(t.TempDir())) }

func TestBackendOverMemory(t *testing.T) {
	vfstest.Run(t, vfstest.Target{New: func(t *testing.T) vfs.Backend { return openMemory(t) }, PageSize: page})
}

// Other ways to put an upload in place, by stores that need no server: what is
// done for sftp over the local store, and what is done for azureblob and most
// stores that facts.go does not mention over the memory store.
func TestBackendOverStore(t *testing.T) {
	t.Run("that removes before it moves", func(t *testing.T) {
		vfstest.RunAgain(t, vfstest.Target{
			New: func(t *testing.T) vfs.Backend {
				b, _ := openLocal(t, nil)
				b.AsRemoving()
				return b
			},
			Refuses: refusesLongNames, PageSize: page,
		})
	})
	t.Run("that copies", func(t *testing.T) {
		vfstest.RunAgain(t, vfstest.Target{PageSize: page, New: func(t *testing.T) vfs.Backend {
			b := openMemory(t)
			b.AsUnknown()
			return b
		}})
	})
}

func TestStoreWithoutStreams(t *testing.T) {
	b := openMemory(t)
	b.WithoutStreams()
	p := vfs.MustParse("/file")
	small := strings.Repeat("x", rclone.MaxSmall)
	if err := put(t, b, p, small); err != nil {
		t.Errorf("%d bytes: %v, want them stored", len(small), err)
	}
	if err := put(t, b, p, small+"x"); vfs.KindOf(err) != vfs.KindTooLarge {
		t.Errorf("%d bytes: %v, want %v", len(small)+1, err, vfs.KindTooLarge)
	}
	if info, err := b.Stat(t.Context(), p, vfs.TypeFile); err != nil || info.Size != int64(len(small)) {
		t.Errorf("Stat: %+v, %v, want the first file", info, err)
	}
}

func TestStoreThatCannotPlace(t *testing.T) {
	b := openMemory(t)
	p := vfs.MustParse("/file")
	if err := put(t, b, p, "old"); err != nil {
		t.Fatal(err)
	}
	b.WithoutMoves()
	for name, err := range map[string]error{
		"Create":           put(t, b, p, "new"),
		"Rename":           b.Rename(t.Context(), p, vfs.MustParse("/other"), vfs.RenameOptions{}),
		"Rename directory": b.Rename(t.Context(), vfs.MustParse("/dir"), vfs.MustParse("/other"), vfs.RenameOptions{}),
	} {
		want := vfs.KindUnsupported
		if name == "Rename directory" {
			want = vfs.KindNotExist
		}
		if vfs.KindOf(err) != want {
			t.Errorf("%s: %v, want %v", name, err, want)
		}
	}
}

func TestRenameEntries(t *testing.T) {
	b := open(t, rclone.Options{Store: "memory", Root: bucket(t), RenameEntries: 3})
	for _, raw := range []string{"/dir/a", "/dir/sub/b"} {
		if err := put(t, b, vfs.MustParse(raw), raw); err != nil {
			t.Fatal(err)
		}
	}
	from, to := vfs.MustParse("/dir"), vfs.MustParse("/to")
	if err := b.Rename(t.Context(), from, to, vfs.RenameOptions{}); err != nil {
		t.Fatalf("three entries: %v, want them renamed", err)
	}
	if err := put(t, b, vfs.MustParse("/to/c"), "c"); err != nil {
		t.Fatal(err)
	}
	if err := b.Rename(t.Context(), to, from, vfs.RenameOptions{}); vfs.KindOf(err) != vfs.KindTooMany {
		t.Errorf("four entries: %v, want %v", err, vfs.KindTooMany)
	}
	if got, want := names(t, b, "/"), []string{"to"}; !slices.Equal(got, want) {
		t.Errorf("after the refusal there is %q, want %q", got, want)
	}
}

func TestOpenRefuses(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	write(t, file, "x")
	tests := []struct {
		name string
		o    rclone.Options
		want vfs.Kind
	}{
		{"no such store", rclone.Options{Store: "floppy"}, vfs.KindInvalid},
		{"no bucket", rclone.Options{Store: "memory"}, vfs.KindInvalid},
		{"no such directory", rclone.Options{Store: "local", Root: file + "-typo"}, vfs.KindNotExist},
		{"root is a file", rclone.Options{Store: "local", Root: file}, vfs.KindNotDir},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.o.Log = slog.New(slog.DiscardHandler)
			if b, err := rclone.Open(t.Context(), tt.o); vfs.KindOf(err) != tt.want {
				t.Errorf("Open: %v, %v, want %v", b, err, tt.want)
			}
		})
	}
	t.Run("ended context", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		o := rclone.Options{Store: "memory", Root: "bucket", Log: slog.New(slog.DiscardHandler)}
		if b, err := rclone.Open(ctx, o); vfs.KindOf(err) != vfs.KindCanceled {
			t.Errorf("Open: %v, %v, want %v", b, err, vfs.KindCanceled)
		}
	})
}
