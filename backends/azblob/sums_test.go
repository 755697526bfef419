package azblob_test

import (
	"bytes"
	"crypto/md5"
	"fmt"
	"slices"
	"testing"

	"github.com/minio/crc64nvme"

	"github.com/tidegate/tidegate/backends/azblob"
	"github.com/tidegate/tidegate/internal/testing/azstub"
	"github.com/tidegate/tidegate/vfs"
)

const crcKey = "tidegate_crc64nvme"

func crcText(content []byte) string { return fmt.Sprintf("%016x", crc64nvme.Checksum(content)) }

// TestSums: a blob carries the checksum of its whole content, however it came to
// be, and none where that is not known. The MD5 is there when it is requested,
// and not after appending to blocks.
func TestSums(t *testing.T) {
	tests := []struct {
		name    string
		old     *azstub.Blob
		mode    vfs.Mode
		size    int
		unknown bool // the CRC
		noMD5   bool
	}{
		{name: "empty", size: 0},
		{name: "one block", size: 1000},
		{name: "a full block", size: suiteBlock},
		{name: "blocks", size: 5*suiteBlock + 7},
		{name: "replacing", old: &azstub.Blob{Content: []byte("old"), Metadata: map[string]string{crcKey: "0123"}}, size: 1000},
		{name: "appending to nothing", mode: vfs.ModeAppend, size: 1000},
		{name: "appending to an empty blob", mode: vfs.ModeAppend, size: 1000, old: &azstub.Blob{Content: []byte{}}},
		{name: "appending to content without blocks", mode: vfs.ModeAppend, size: 1000, old: &azstub.Blob{Content: []byte("old")}},
		{name: "appending more to content without blocks", mode: vfs.ModeAppend, size: 3 * suiteBlock, old: &azstub.Blob{Content: random(2*suiteBlock + 5)}},
		{name: "appending to blocks", mode: vfs.ModeAppend, size: 1000, old: blocksOf(random(1000), 100, true), noMD5: true},
		{name: "appending blocks to blocks", mode: vfs.ModeAppend, size: 3*suiteBlock + 1, old: blocksOf(random(1000), 100, true), noMD5: true},
		{name: "appending to blocks without a sum", mode: vfs.ModeAppend, size: 1000, old: blocksOf(random(1000), 100, false), unknown: true, noMD5: true},
		{name: "appending to many blocks", mode: vfs.ModeAppend, size: 1000, old: blocksOf(random(3300), 3, true), noMD5: true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := azstub.Start(t, azstub.Options{})
			o := small()
			o.ContentMD5 = true
			b := openStub(t, s, o)
			want := random(test.size)
			if test.old != nil {
				old := md5.Sum(test.old.Content)
				test.old.Headers.ContentMD5 = old[:]
				place(t, s, map[string]azstub.Blob{"file": *test.old})
			}
			info, err := store(t.Context(), b, "/file", vfs.CreateOptions{Mode: test.mode}, bytes.NewReader(want))
			if err != nil {
				t.Fatal(err)
			}
			if test.mode == vfs.ModeAppend && test.old != nil {
				want = slices.Concat(test.old.Content, want)
			}
			wantContent(t, s, "file", want)
			got, _ := s.Blob(testContainer, "file")
			crc := crcText(want)
			if test.unknown {
				crc = ""
			}
			if got.Metadata[crcKey] != crc {
				t.Errorf("CRC %q, want %q", got.Metadata[crcKey], crc)
			}
			sum := md5.Sum(want)
			md5 := sum[:]
			if test.noMD5 {
				md5 = nil
			}
			if !bytes.Equal(got.Headers.ContentMD5, md5) || info.MD5 != string(md5) {
				t.Errorf("MD5 %x, and %x in the answer, want %x", got.Headers.ContentMD5, info.MD5, md5)
			}
		})
	}
	// (To a Put Blob the service itself adds one.)
	t.Run("MD5 is not asked for", func(t *testing.T) {
		s := azstub.Start(t, azstub.Options{})
		if _, err := store(t.Context(), openStub(t, s, small()), "/file", vfs.CreateOptions{}, zeros(2*suiteBlock)); err != nil {
			t.Fatal(err)
		}
		if got, _ := s.Blob(testContainer, "file"); got.Headers.ContentMD5 != nil {
			t.Errorf("MD5 %x", got.Headers.ContentMD5)
		}
	})
}

// blocksOf returns a blob of blocks of the given size.
func blocksOf(content []byte, size int, crc bool) *azstub.Blob {
	blob := &azstub.Blob{Content: content, Metadata: map[string]string{}}
	for at := 0; at < len(content); at += size {
		blob.Blocks = append(blob.Blocks, azstub.Block{ID: fmt.Sprintf("%08d", at), Size: int64(min(size, len(content)-at))})
	}
	if crc {
		blob.Metadata[crcKey] = crcText(content)
	}
	return blob
}

// TestLogger: appending lines for ever does not use up the blocks, and each
// line costs the same few requests, but for the one that stores the last thousand
// again.
func TestLogger(t *testing.T) {
	s := azstub.Start(t, azstub.Options{})
	b := openStub(t, s, small())
	old := blocksOf(random(998*10), 10, true)
	place(t, s, map[string]azstub.Blob{"log": *old})
	want := old.Content
	for i, blocks := range []int{999, 1000, 1, 2, 3} {
		line := fmt.Appendf(nil, "line %d\n", i)
		want = append(want, line...)
		before := s.Counts()
		if _, err := store(t.Context(), b, "/log", vfs.CreateOptions{Mode: vfs.ModeAppend}, bytes.NewReader(line)); err != nil {
			t.Fatal(err)
		}
		requests := int64(4)
		if blocks == 1 {
			requests = 5 // one of them reads
		}
		if n := s.Counts().Since(before).Total(); n != requests {
			t.Errorf("line %d costs %d requests, want %d", i, n, requests)
		}
		got, _ := s.Blob(testContainer, "log")
		if len(got.Blocks) != blocks {
			t.Errorf("%d blocks after line %d, want %d", len(got.Blocks), i, blocks)
		}
		if got.Metadata[crcKey] != crcText(want) {
			t.Errorf("CRC %q after line %d, want %q", got.Metadata[crcKey], i, crcText(want))
		}
		wantContent(t, s, "log", want)
	}
}

// TestLargeBlocksStay: blocks that are worth their place are not stored again.
func TestLargeBlocksStay(t *testing.T) {
	s := azstub.Start(t, azstub.Options{})
	b := openStub(t, s, azblob.Options{BlockSize: suiteBlock})
	old := blocksOf(random(1000*66), 66, true) // together more than a block
	place(t, s, map[string]azstub.Blob{"file": *old})
	if _, err := store(t.Context(), b, "/file", vfs.CreateOptions{Mode: vfs.ModeAppend}, zeros(1)); err != nil {
		t.Fatal(err)
	}
	if got, _ := s.Blob(testContainer, "file"); len(got.Blocks) != 1001 {
		t.Errorf("%d blocks", len(got.Blocks))
	}
}
