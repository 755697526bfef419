package azblob

import (
	"cmp"
	"fmt"
	"io"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tidegate/tidegate/internal/memory/chunk"
	"github.com/tidegate/tidegate/vfs"
)

// TestReadAheadFollowsTheClient reads from a store that needs 20 ms for each request and
// brings 60 MiB/s within one, in virtual time. Downloads come as fast as their
// clients take bytes, as far as memory and twelve ranges at once allow it, without a
// request more than there are ranges, and without more memory than that needs.
func TestReadAheadFollowsTheClient(t *testing.T) {
	t.Parallel()
	const mib = 1 << 20
	tests := []struct {
		size      int64   // MiB; 0: 512
		budget    int64   // MiB
		downloads int     // at once
		client    float64 // MiB/s of each
		rate      float64 // MiB/s of each at least, in all
		atOnce    int     // ranges of each at most, with the one that is read
		memory    int64   // MiB at most
	}{
		{budget: 256, downloads: 1, client: 30, rate: 29, atOnce: 2, memory: 1},
		{budget: 256, downloads: 1, client: 60, rate: 58, atOnce: 2, memory: 1},
		{budget: 256, downloads: 1, client: 120, rate: 115, atOnce: 12, memory: 100},
		{budget: 256, downloads: 1, client: 300, rate: 270, atOnce: 12, memory: 100},
		{size: 1024, budget: 256, downloads: 1, client: 450, rate: 400, atOnce: 12, memory: 100},
		{budget: 256, downloads: 1, client: 600, rate: 460, atOnce: 12, memory: 100},
		{budget: 256, downloads: 1, client: 2000, rate: 480, atOnce: 12, memory: 100},
		{budget: 64, downloads: 1, client: 450, rate: 240, atOnce: 5, memory: 32},
		{budget: 16, downloads: 1, client: 450, rate: 95, atOnce: 2, memory: 8},
		{budget: 256, downloads: 4, client: 450, rate: 300, atOnce: 12, memory: 128},
		{budget: 256, downloads: 6, client: 50, rate: 48, atOnce: 2, memory: 2},
	}
	for _, test := range tests {
		t.Run(fmt.Sprintf("%d clients of %v MiB a second, budget %d MiB", test.downloads, test.client, test.budget), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &virtualStore{size: cmp.Or(test.size, 512) * mib, latency: 20 * time.Millisecond, rate: 60 * mib, window: 4 * mib}
				pool := chunk.New(test.budget * mib)
				b, err := New(Options{ContainerURL: "http://account.invalid/container", Chunks: pool, Transport: s})
				if err != nil {
					t.Fatal(err)
				}
				began := time.Now()
				var group sync.WaitGroup
				for range test.downloads {
					group.Go(func() { takeAt(t, b, test.client*mib) })
				}
				group.Wait()
				rate := float64(s.size) / mib / time.Since(began).Seconds()
				t.Logf("%.0f MiB/s, %d ranges at once, %d MiB", rate, s.most, pool.Stats().Peak/mib)
				if rate < test.rate {
					t.Errorf("each comes with %.0f MiB/s, want %.0f", rate, test.rate)
				}
				if want := int(s.size/b.rangeSize()) * test.downloads; s.requests != want {
					t.Errorf("%d requests, want %d", s.requests, want)
				}
				if s.most > test.atOnce*test.downloads {
					t.Errorf("%d ranges at once, want at most %d for each", s.most, test.atOnce)
				}
				if st := pool.Stats(); st.Peak > test.memory*mib || st.InUse != 0 {
					t.Errorf("memory %+v, want at most %d MiB", st, test.memory)
				}
			})
		})
	}
}

// takeAt downloads the file for a client that takes so many bytes a second.
func takeAt(t *testing.T, b *Backend, rate float64) {
	r, err := b.Open(t.Context(), vfs.MustParse("/file"), vfs.OpenOptions{})
	if err != nil {
		t.Error(err)
		return
	}
	n, err := r.(io.WriterTo).WriteTo(pacedClient(rate))
	if err != nil || n != r.Info().Size {
		t.Errorf("%d bytes, want %d: %v", n, r.Info().Size, err)
	}
	if err := r.Close(); err != nil {
		t.Error(err)
	}
}

// pacedClient takes so many bytes a second.
type pacedClient float64

func (c pacedClient) Write(p []byte) (int, error) {
	time.Sleep(time.Duration(float64(len(p)) / float64(c) * float64(time.Second)))
	return len(p), nil
}
