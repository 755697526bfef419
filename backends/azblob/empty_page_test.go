package azblob_test

import (
	"testing"

	"github.com/tidegate/tidegate/backends/azblob"
	"github.com/tidegate/tidegate/internal/testing/azstub"
	"github.com/tidegate/tidegate/vfs"
)

// TestEmptyPages: a page without entries is not the end of a listing, in whatever
// is decided by one.
func TestEmptyPages(t *testing.T) {
	s := azstub.Start(t, azstub.Options{EmptyPages: true})
	b := openStub(t, s, small())
	ctx := t.Context()
	place(t, s, map[string]azstub.Blob{"dir/a": {Content: []byte("a")}, "dir/sub/b": {Content: []byte("b")}})
	wantNames(t, b, "/dir", "a", "sub/")
	if info, err := b.Stat(ctx, vfs.MustParse("/dir"), vfs.TypeAny); err != nil || !info.IsDir() {
		t.Errorf("stat: %+v, %v", info, err)
	}
	wantKind(t, b.Remove(ctx, vfs.MustParse("/dir"), vfs.TypeDir), vfs.KindNotEmpty)
	wantKind(t, b.Remove(ctx, vfs.MustParse("/dir"), vfs.TypeFile), vfs.KindIsDir)
	if err := b.Rename(ctx, vfs.MustParse("/dir"), vfs.MustParse("/moved"), vfs.RenameOptions{}); err != nil {
		t.Error(err)
	}
	wantNames(t, b, "/moved", "a", "sub/")
	if err := b.Probe(ctx, azblob.NamespaceAuto); err != nil {
		t.Error(err)
	}
}
