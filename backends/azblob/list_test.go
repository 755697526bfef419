package azblob_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"testing"

	"github.com/tidegate/tidegate/backends/azblob"
	"github.com/tidegate/tidegate/internal/fairshare"
	"github.com/tidegate/tidegate/internal/testing/azstub"
	"github.com/tidegate/tidegate/vfs"
)

// A listing holds the entries of one page, not the much larger items of the SDK. It frees
// entries as it yields them, so that a slow caller does not hold them, and two pages are never
// in memory at once.
func TestListLetsGo(t *testing.T) {
	const page, most = 5000, 1500 << 10 // the items of a page take some MiB
	s := azstub.Start(t, azstub.Options{})
	b := openStub(t, s, azblob.Options{})
	for i := range page + 1 {
		if err := s.Place(testContainer, fmt.Sprintf("many/%05d", i), azstub.Blob{Content: []byte{}}); err != nil {
			t.Fatal(err)
		}
	}
	before := int64(heap())
	n := 0
	for _, err := range b.List(t.Context(), vfs.MustParse("/many")) {
		if err != nil {
			t.Fatal(err)
		}
		if n++; n == 1 || n == page {
			if held := int64(heap()) - before; held > most {
				t.Errorf("at entry %d the listing holds %d KiB", n, held>>10)
			}
		}
	}
	if n != page+1 {
		t.Errorf("%d entries, want %d", n, page+1)
	}
}

// A large page takes a slot of the process until it has become entries, and a client that
// leaves meanwhile waits for none.
func TestLargePageTakesASlot(t *testing.T) {
	s := azstub.Start(t, azstub.Options{})
	ledger := fairshare.New()
	b := openStub(t, s, azblob.Options{Ledger: ledger})
	slots := ledger.Resource("listing pages", 1) // fewer than the backend has made
	for i := range 2000 {
		if err := s.Place(testContainer, fmt.Sprintf("many/%05d", i), azstub.Blob{Content: []byte{}}); err != nil {
			t.Fatal(err)
		}
	}
	first := func(ctx context.Context) error {
		for _, err := range b.List(ctx, vfs.MustParse("/many")) {
			return err
		}
		return nil
	}
	if err := first(t.Context()); err != nil || slots.Held() != 0 {
		t.Fatalf("the first entry: %v, %d slots are held", err, slots.Held())
	}
	all, err := slots.TryAcquire(fairshare.Holder{}, 1)
	if err != nil {
		t.Fatal(err)
	}
	defer all.Release()
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- first(ctx) }()
	for slots.Waiting() == 0 {
		select {
		case err := <-ended:
			t.Fatalf("without a slot: %v", err)
		default:
			runtime.Gosched()
		}
	}
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("the client has left: %v", err)
	}
}

func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
