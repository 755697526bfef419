package azblob_test

import (
	"fmt"
	"runtime"
	"testing"

	"github.com/tidegate/tidegate/backends/azblob"
	"github.com/tidegate/tidegate/internal/testing/azstub"
	"github.com/tidegate/tidegate/vfs"
)

// What of a page has been yielded is held no longer, so that two pages are never
// in memory at once.
func TestListLetsGo(t *testing.T) {
	const page, held = 5000, 1 << 20 // a page takes some MiB
	s := azstub.Start(t, azstub.Options{})
	b := openStub(t, s, azblob.Options{})
	for i := range page + 1 {
		if err := s.Place(testContainer, fmt.Sprintf("many/%05d", i), azstub.Blob{Content: []byte{}}); err != nil {
			t.Fatal(err)
		}
	}
	var first, last uint64
	n := 0
	for _, err := range b.List(t.Context(), vfs.MustParse("/many")) {
		if err != nil {
			t.Fatal(err)
		}
		switch n++; n {
		case 1:
			first = heap()
		case page:
			last = heap()
		}
	}
	if n != page+1 {
		t.Errorf("%d entries, want %d", n, page+1)
	}
	if let := int64(first) - int64(last); let < held {
		t.Errorf("at the end of a page %d KiB of it are free", let>>10)
	}
}

func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
