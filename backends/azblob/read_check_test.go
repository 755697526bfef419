package azblob_test

import (
	"bytes"
	"slices"
	"testing"

	"github.com/tidegate/tidegate/internal/testing/azstub"
	"github.com/tidegate/tidegate/vfs"
)

// TestCorruptTakeOver: when the old content of a file without blocks arrives
// damaged, it is not stored once more: the first append fails, and the next one
// is fine.
func TestCorruptTakeOver(t *testing.T) {
	s := azstub.Start(t, azstub.Options{})
	b := openStub(t, s, small())
	old, more := random(suiteBlock/2), random(1000)
	if _, err := store(t.Context(), b, "/file", vfs.CreateOptions{}, bytes.NewReader(old)); err != nil {
		t.Fatal(err)
	}
	s.AddRule(azstub.Rule{Kinds: []azstub.Kind{azstub.GetBlob}, Times: 1, Fault: azstub.Corrupt(-1)})
	_, err := store(t.Context(), b, "/file", vfs.CreateOptions{Mode: vfs.ModeAppend}, bytes.NewReader(more))
	wantKind(t, err, vfs.KindUnavailable)
	wantContent(t, s, "file", old)
	if _, err := store(t.Context(), b, "/file", vfs.CreateOptions{Mode: vfs.ModeAppend}, bytes.NewReader(more)); err != nil {
		t.Fatal(err)
	}
	wantContent(t, s, "file", slices.Concat(old, more))
}
