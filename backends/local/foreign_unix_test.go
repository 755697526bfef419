//go:build unix

package local_test

import (
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"testing"

	"github.com/tidegate/tidegate/backends/local"
	"github.com/tidegate/tidegate/vfs"
)

// TestForeignEntries puts entries into the directory that no client can create.
func TestForeignEntries(t *testing.T) {
	root := t.TempDir()
	for _, name := range []string{"a\nb", "a\x01", "\x7f", "caf\xe9", "plain"} {
		must(t, os.WriteFile(filepath.Join(root, name), nil, 0o644))
	}
	must(t, syscall.Mkfifo(filepath.Join(root, "pipe"), 0o644))
	b := open(t, root, local.Options{})
	ctx := t.Context()
	if got, err := names(ctx, b, "/"); err != nil || !slices.Equal(got, []string{"plain"}) {
		t.Errorf("List = %q, %v, want what a Path can hold", got, err)
	}
	// Opening the pipe would block until another program writes into it.
	_, openErr := get(ctx, b, "/pipe")
	_, statErr := b.Stat(ctx, vfs.MustParse("/pipe"), vfs.TypeAny)
	_, listErr := names(ctx, b, "/pipe")
	for what, err := range map[string]error{
		"Open": openErr, "Stat": statErr, "List": listErr,
		"append": put(ctx, b, "/pipe/below", vfs.CreateOptions{}, "x"),
		"Remove": b.Remove(ctx, vfs.MustParse("/pipe"), vfs.TypeFile),
	} {
		if k := vfs.KindOf(err); err == nil || k != vfs.KindNotExist {
			t.Errorf("%s of a pipe: %v, want kind not-exist", what, err)
		}
	}
}
