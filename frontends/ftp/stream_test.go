package ftp_test

import (
	"bufio"
	"context"
	"fmt"
	"iter"
	"runtime"
	"testing"

	"github.com/tidegate/tidegate/backends/memory"
	"github.com/tidegate/tidegate/internal/testing/ftpclient"
	"github.com/tidegate/tidegate/vfs"
)

// endless is a store whose directories have a number of files, and which waits
// once a page of them was taken.
type endless struct {
	vfs.Backend
	entries, page int
	more          <-chan struct{}
}

func (e endless) List(ctx context.Context, _ vfs.Path) iter.Seq2[vfs.Info, error] {
	return func(yield func(vfs.Info, error) bool) {
		for i := range e.entries {
			if i == e.page {
				select {
				case <-e.more:
				case <-ctx.Done():
				}
			}
			if !yield(vfs.Info{Name: fmt.Sprintf("file-%07d.jpg", i), Type: vfs.TypeFile, Size: int64(i)}, nil) {
				return
			}
		}
	}
}

// A listing of very many entries takes no more memory than one of a few, and
// begins when the store's first page is there.
func TestListingStreams(t *testing.T) {
	const entries, page = 250_000, 5000
	more := make(chan struct{})
	g := start(t, endless{memory.New(), entries, page, more}, nil)
	tr := g.begin(g.login(ftpclient.Options{}), "LIST")
	lines := bufio.NewScanner(tr.Retrieve())
	if !lines.Scan() {
		t.Fatalf("no line after the first page: %v", lines.Err())
	}
	before := heap()
	more <- struct{}{}
	n, most := 1, uint64(0)
	for ; lines.Scan(); n++ {
		if n%(entries/5) == 0 {
			most = max(most, heap())
		}
	}
	if n != entries {
		t.Errorf("%d lines, want %d (%v)", n, entries, lines.Err())
	}
	if grown := int64(most) - int64(before); grown > 4<<20 {
		t.Errorf("the heap grew by %d KiB", grown>>10)
	}
}

func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
