package azblob_test

import (
	"bytes"
	"fmt"
	"io"
	"testing"

	"github.com/tidegate/tidegate/backends/azblob"
	"github.com/tidegate/tidegate/internal/testing/azstub"
	"github.com/tidegate/tidegate/vfs"
)

// Who says how much is wanted first gets so much asked for, and can read on.
func TestFirstRange(t *testing.T) {
	s := azstub.Start(t, azstub.Options{})
	b := openStub(t, s, azblob.Options{BlockSize: suiteBlock})
	content := random(5 * suiteBlock)
	if _, err := store(t.Context(), b, "/file", vfs.CreateOptions{}, bytes.NewReader(content)); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ off, first, want int64 }{
		{0, 0, suiteBlock},
		{70_000, 1, 1},
		{0, 100, 100},
		{70_000, 10 * suiteBlock, suiteBlock},
		{int64(len(content)) - 1, 100, 100},
	} {
		all := s.Requests(0)
		before := all[len(all)-1].Seq
		r, err := b.Open(t.Context(), vfs.MustParse("/file"), vfs.OpenOptions{Offset: test.off, First: test.first})
		if err != nil {
			t.Fatal(err)
		}
		asked := s.Requests(before)
		if len(asked) != 1 || asked[0].Kind != azstub.GetBlob {
			t.Fatalf("%d requests, want one", len(asked))
		}
		if got, want := asked[0].Range(), fmt.Sprintf("bytes=%d-%d", test.off, test.off+test.want-1); got != want {
			t.Errorf("%+v: %s is asked for, want %s", test, got, want)
		}
		got, err := io.ReadAll(r)
		if err != nil || !bytes.Equal(got, content[test.off:]) {
			t.Errorf("%+v: %d bytes, %v", test, len(got), err)
		}
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	}
}
