package azblob_test

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"slices"
	"testing"

	"github.com/tidegate/tidegate/backends/azblob"
	"github.com/tidegate/tidegate/internal/testing/azstub"
	"github.com/tidegate/tidegate/vfs"
)

// The first request asks only for the bytes that OpenOptions.First names, at most a whole range.
// The rest of the file can be read afterwards.
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

// Ranges that begin small grow while a file is read on: one that is read to its end costs
// four requests more, and a few bytes of it cost few.
func TestRangesGrow(t *testing.T) {
	const kib, mib = 1 << 10, 1 << 20
	s := azstub.Start(t, azstub.Options{})
	if err := s.Place(testContainer, "file", azstub.Blob{Size: 20 * mib}); err != nil {
		t.Fatal(err)
	}
	b := openStub(t, s, azblob.Options{})
	for _, test := range []struct {
		name        string
		first, read int64
		lengths     []int64
	}{
		{"a byte", 1, 1, []int64{1}},
		{"a byte and the next", 1, 2, []int64{1, 64 * kib}},
		{"a READ", 32 * kib, 32 * kib, []int64{32 * kib}},
		{"some READs", 32 * kib, 100 * kib, []int64{32 * kib, 128 * kib}},
		{"to the end", 32 * kib, 20 * mib, []int64{32 * kib, 128 * kib, 512 * kib, 2 * mib, 8 * mib, 8 * mib, 20*mib - (16*mib + 2*mib + 672*kib)}},
		{"in sequence", 0, 20 * mib, []int64{8 * mib, 8 * mib, 4 * mib}},
	} {
		t.Run(test.name, func(t *testing.T) {
			before := s.Seq()
			r, err := b.Open(t.Context(), vfs.MustParse("/file"), vfs.OpenOptions{First: test.first})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := io.CopyN(io.Discard, struct{ io.Reader }{r}, test.read); err != nil {
				t.Error(err)
			}
			if err := r.Close(); err != nil {
				t.Error(err)
			}
			var parts [][2]int64 // two that are requested at once come in any order
			for _, req := range s.Requests(before) {
				var from, to int64
				if _, err := fmt.Sscanf(req.Range(), "bytes=%d-%d", &from, &to); err != nil {
					t.Fatal(err)
				}
				parts = append(parts, [2]int64{from, min(to, 20*mib-1) + 1 - from})
			}
			slices.SortFunc(parts, func(a, b [2]int64) int { return cmp.Compare(a[0], b[0]) })
			var lengths []int64
			for _, part := range parts {
				lengths = append(lengths, part[1])
			}
			if !slices.Equal(lengths, test.lengths) {
				t.Errorf("ranges of %v bytes are asked for, want %v", lengths, test.lengths)
			}
		})
	}
}
