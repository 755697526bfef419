package azblob

import (
	"encoding/xml"
	"io"
	"net/http"
	"sync"
	"testing"

	"github.com/tidegate/tidegate/internal/memory/chunk"
	"github.com/tidegate/tidegate/vfs"
)

// TestLargestFile is the schedule by arithmetic: 10,000 blocks of each size.
func TestLargestFile(t *testing.T) {
	const mib = 1 << 20
	tests := []struct{ memory, want int64 }{
		{1, 50_000 * chunk.SmallSize * 2},
		{16 * mib, 50_000 * 2 * mib},
		{64 * mib, 50_000 * 8 * mib},
		{256 * mib, 10_000 * (8 + 16 + 3*32) * mib}, // 1.14 TiB
		{1024 * mib, 10_000 * (8 + 16 + 32 + 64 + 128) * mib},
		{1 << 40, 10_000 * (8 + 16 + 32 + 64 + 128) * mib},
	}
	for _, test := range tests {
		if got := new(Config).LargestFile(test.memory); got != test.want {
			t.Errorf("with %d bytes: %d, want %d", test.memory, got, test.want)
		}
	}
}

// stager is a service that takes everything at once and keeps the sizes of
// blocks alone.
type stager struct {
	mu        sync.Mutex
	blocks    map[string]int64
	committed int64 // bytes in the list; -1 before one came
	listed    int
}

func (s *stager) RoundTrip(req *http.Request) (*http.Response, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch query := req.URL.Query(); query.Get("comp") {
	case "block":
		n, err := io.Copy(io.Discard, req.Body)
		if err != nil {
			return nil, err
		}
		s.blocks[query.Get("blockid")] = n
	case "blocklist":
		var list struct{ Latest []string }
		if err := xml.NewDecoder(req.Body).Decode(&list); err != nil {
			return nil, err
		}
		s.committed, s.listed = 0, len(list.Latest)
		for _, id := range list.Latest {
			s.committed += s.blocks[id]
		}
	}
	return &http.Response{
		StatusCode: http.StatusCreated, Header: http.Header{"Etag": {`"1"`}}, Body: http.NoBody, Request: req,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
	}, nil
}

// hold lets an upload, and the service, have its first n blocks, full ones.
func (s *stager) hold(up *writer, n int) (size int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	up.queue.mu.Lock()
	defer up.queue.mu.Unlock()
	for index := range n {
		block := storedBlock{id: up.queue.ids.at(index), sum: sum{size: up.queue.b.blockLimit(index)}}
		s.blocks[block.id] = block.size
		up.queue.stored = append(up.queue.stored, block)
		size += block.size
	}
	return size
}

// TestLastByte fills a blob up to its last byte, through the writer, with blocks
// of a few bytes: the schedule, the last of 50,000 blocks and the list. When one block had
// to be sent early, as much is KindTooLarge: it would take one block more. There
// is no commit then, which leaves the old file.
func TestLastByte(t *testing.T) {
	t.Parallel()
	const first = 16
	// The budget is the least there is, so nothing here is bounded by its eighth
	// part.
	capacity := int64(doubleAfter * first * (1 + 2 + 4 + 8 + 16))
	tests := []struct {
		name  string
		held  int // blocks that are stored before
		size  int64
		early bool // a block is sent before it is full
		want  int  // blocks
		kind  vfs.Kind
	}{
		{name: "full", held: maxBlocks - 20, size: capacity, want: maxBlocks},
		{name: "a byte more", held: maxBlocks - 20, size: capacity + 1, kind: vfs.KindTooLarge},
		{name: "an early block", held: maxBlocks - 20, size: capacity, early: true, kind: vfs.KindTooLarge},
		{name: "blocks become larger", held: doubleAfter - 5, size: doubleAfter*first + 10*2*first, want: doubleAfter + 10},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := &stager{blocks: map[string]int64{}, committed: -1}
			b, err := New(Options{
				ContainerURL: "http://store.invalid/files", Transport: s, Chunks: chunk.New(1), BlockSize: first,
			})
			if err != nil {
				t.Fatal(err)
			}
			w, err := b.Create(t.Context(), vfs.MustParse("/file"), vfs.CreateOptions{})
			if err != nil {
				t.Fatal(err)
			}
			defer w.Abort()
			up := w.(*writer)
			rest := test.size - s.hold(up, test.held)
			if test.early {
				// A whole block, and the first byte of the next.
				begin := up.queue.b.blockLimit(test.held) + 1
				if _, err := w.Write(make([]byte, begin)); err != nil {
					t.Fatal(err)
				}
				up.keepCurrent()
				if err := up.queue.seal(); err != nil {
					t.Fatal(err)
				}
				rest -= begin
			}
			_, err = io.Copy(w, io.LimitReader(endless{}, rest))
			if err == nil {
				_, err = w.Commit(t.Context(), vfs.CommitOptions{})
			}
			switch {
			case test.kind != 0:
				if vfs.KindOf(err) != test.kind || s.committed != -1 {
					t.Errorf("%v, and %d bytes were committed, want kind %v and no commit", err, s.committed, test.kind)
				}
			case err != nil:
				t.Fatal(err)
			case s.committed != test.size || s.listed != test.want:
				t.Errorf("%d bytes in %d blocks, want %d in %d", s.committed, s.listed, test.size, test.want)
			}
		})
	}
}

type endless struct{}

func (endless) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}
