package azblob

import (
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
	const mib = 1 << 20
	tests := []struct {
		budget    int64   // MiB
		downloads int     // at once
		client    float64 // MiB/s of each
		rate      float64 // MiB/s of each at least, in all
		atOnce    int     // ranges of each at most, with the one that is read
		memory    int64   // MiB at most
	}{
		{budget: 256, downloads: 1, client: 30, rate: 29, atOnce: 2},
		{budget: 256, downloads: 1, client: 60, rate: 58, atOnce: 2},
		{budget: 256, downloads: 1, client: 120, rate: 115, atOnce: 12, memory: 100},
		{budget: 256, downloads: 1, client: 300, rate: 270, atOnce: 12, memory: 100},
		{budget: 256, downloads: 1, client: 450, rate: 400, atOnce: 12, memory: 100},
		{budget: 256, downloads: 1, client: 600, rate: 500, atOnce: 12, memory: 100},
		{budget: 256, downloads: 1, client: 2000, rate: 530, atOnce: 12, memory: 100},
		{budget: 64, downloads: 1, client: 450, rate: 240, atOnce: 5, memory: 32},
		{budget: 16, downloads: 1, client: 450, rate: 95, atOnce: 2, memory: 8},
		{budget: 256, downloads: 4, client: 450, rate: 300, atOnce: 12, memory: 128},
		{budget: 256, downloads: 16, client: 50, rate: 48, atOnce: 2},
	}
	for _, test := range tests {
		t.Run(fmt.Sprintf("%d clients of %v MiB a second, budget %d MiB", test.downloads, test.client, test.budget), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &virtualStore{size: 768 * mib, latency: 20 * time.Millisecond, rate: 60 * mib, window: 4 * mib}
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

// takeAt reads the file in the pieces of an SFTP client, so many bytes a second.
func takeAt(t *testing.T, b *Backend, rate float64) {
	r, err := b.Open(t.Context(), vfs.MustParse("/file"), vfs.OpenOptions{})
	if err != nil {
		t.Error(err)
		return
	}
	buf := make([]byte, 64<<10)
	for left := r.Info().Size; left > 0; {
		n, err := io.ReadFull(r, buf)
		if err != nil {
			t.Error(err)
			break
		}
		left -= int64(n)
		time.Sleep(time.Duration(float64(n) / rate * float64(time.Second)))
	}
	if err := r.Close(); err != nil {
		t.Error(err)
	}
}
