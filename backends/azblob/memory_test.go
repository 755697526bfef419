package azblob_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/streaming"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"

	"github.com/tidegate/tidegate/backends/azblob"
	"github.com/tidegate/tidegate/internal/azstub"
	"github.com/tidegate/tidegate/internal/chunk"
	"github.com/tidegate/tidegate/vfs"
)

// pausing yields its content and then waits.
type pausing struct {
	io.Reader
	until <-chan struct{}
}

func (p *pausing) Read(b []byte) (int, error) {
	n, err := p.Reader.Read(b)
	if err == io.EOF {
		<-p.until
	}
	return n, err
}

// TestTinyPool: any number of uploads share a budget of 16 chunks, beside
// clients that pause with blocks half full, and all of them end well.
func TestTinyPool(t *testing.T) {
	s := azstub.Start(t, azstub.Options{})
	pool := chunk.New(1)
	b := openStub(t, s, azblob.Options{BlockSize: suiteBlock, Chunks: pool})
	resume := make(chan struct{})
	upload := func(group *sync.WaitGroup, name string, r io.Reader) {
		group.Go(func() {
			if _, err := store(t.Context(), b, "/"+name, vfs.CreateOptions{}, r); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		})
	}
	const paused, busy = 10, 200
	slow, content := random(20<<10), random(150<<10)
	var slowOnes, others sync.WaitGroup
	for i := range paused {
		upload(&slowOnes, fmt.Sprintf("paused-%d", i), &pausing{bytes.NewReader(slow), resume})
	}
	for i := range busy {
		upload(&others, fmt.Sprintf("busy-%d", i), bytes.NewReader(content))
	}
	others.Wait()
	close(resume)
	slowOnes.Wait()
	for i := range busy {
		wantContent(t, s, fmt.Sprintf("busy-%d", i), content)
	}
	for i := range paused {
		wantContent(t, s, fmt.Sprintf("paused-%d", i), slow)
	}
	if st := pool.Stats(); st.Peak > st.Budget {
		t.Errorf("more memory than the budget: %+v", st)
	}
}

// TestDryPoolKeepsBlocks: that the store is slower than the client does not
// make the blocks small: who waits for memory that is on its way sends nothing
// early.
func TestDryPoolKeepsBlocks(t *testing.T) {
	s := azstub.Start(t, azstub.Options{Shape: azstub.Shape{Latency: 20 * time.Millisecond}})
	pool := chunk.New(1 << 20)
	b := openStub(t, s, azblob.Options{BlockSize: 128 << 10, Chunks: pool})
	if _, err := store(t.Context(), b, "/file", vfs.CreateOptions{}, zeros(8<<20)); err != nil {
		t.Fatal(err)
	}
	if n := s.Counts()[azstub.PutBlock]; n != 64 {
		t.Errorf("%d blocks, want 64", n)
	}
	if st := pool.Stats(); st.Peak > st.Budget {
		t.Errorf("more memory than the budget: %+v", st)
	}
}

// TestAbortFreesAtOnce: with blocks on their way to a store that hangs, and a
// client that pauses, Abort returns and the memory is there for others.
func TestAbortFreesAtOnce(t *testing.T) {
	s := azstub.Start(t, azstub.Options{})
	s.AddRule(azstub.Rule{Kinds: []azstub.Kind{azstub.PutBlock}, Fault: azstub.Hang(azstub.RequestBody(-1))})
	pool := chunk.New(1 << 20)
	b := openStub(t, s, azblob.Options{BlockSize: suiteBlock, Chunks: pool})
	w, err := b.Create(t.Context(), vfs.MustParse("/file"), vfs.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	resume, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		_, _ = w.(io.ReaderFrom).ReadFrom(&pausing{zeros(3*suiteBlock + 5), resume})
	}()
	if err := s.Wait(t.Context(), func(c azstub.Counts) bool { return c[azstub.PutBlock] >= 3 }); err != nil {
		t.Fatal(err)
	}
	w.Abort()
	if st := pool.Stats(); st.InUse > chunk.SmallSize || st.Outbound != 0 {
		t.Errorf("after Abort, while the client pauses: %+v", st)
	}
	close(resume)
	<-ended
	if st := pool.Stats(); st.InUse != 0 {
		t.Errorf("after the client's end: %+v", st)
	}
}

// TestManyAborts leaves neither a file nor a chunk, wherever the end comes; the
// pool is looked at when the test ends.
func TestManyAborts(t *testing.T) {
	s := azstub.Start(t, azstub.Options{})
	b := openStub(t, s, small())
	var group sync.WaitGroup
	for i := range 60 {
		group.Go(func() {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			w, err := b.Create(ctx, vfs.MustParse(fmt.Sprintf("/file-%d", i)), vfs.CreateOptions{})
			if err != nil {
				t.Error(err)
				return
			}
			defer w.Abort()
			_, _ = w.Write(make([]byte, i*10_000))
			if i%2 == 0 {
				cancel()
			}
		})
	}
	group.Wait()
	if names := s.Names(testContainer); len(names) != 0 {
		t.Errorf("there are %q", names)
	}
}

// sdk returns a client of the container that knows nothing of this package.
func sdk(t *testing.T, account, key, containerURL string) *container.Client {
	t.Helper()
	cred, err := container.NewSharedKeyCredential(account, key)
	if err != nil {
		t.Fatal(err)
	}
	client, err := container.NewClientWithSharedKeyCredential(containerURL, cred, nil)
	if err != nil {
		t.Fatal(err)
	}
	return client
}

// TestLeftovers: blocks of another program wait for their commit, with ids of
// another length than ours.
func TestLeftovers(t *testing.T) {
	tests := []struct {
		length int
		want   vfs.Kind
	}{{5, vfs.KindConflict}, {8, 0}, {16, 0}, {48, 0}, {64, 0}}
	for _, test := range tests {
		for _, mode := range []vfs.Mode{vfs.ModeReplace, vfs.ModeAppend} {
			t.Run(fmt.Sprintf("%d bytes, mode %d", test.length, mode), func(t *testing.T) {
				s := azstub.Start(t, azstub.Options{})
				b := openStub(t, s, small())
				place(t, s, map[string]azstub.Blob{"file": {Content: []byte("old")}})
				other := sdk(t, azstub.DevAccount, azstub.DevKey, s.URL()+"/"+testContainer).NewBlockBlobClient("file")
				id := base64.StdEncoding.EncodeToString(bytes.Repeat([]byte("x"), test.length))
				if _, err := other.StageBlock(t.Context(), id, streaming.NopCloser(strings.NewReader("left over")), nil); err != nil {
					t.Fatal(err)
				}
				content := random(5 * suiteBlock)
				_, err := store(t.Context(), b, "/file", vfs.CreateOptions{Mode: mode}, bytes.NewReader(content))
				if test.want != 0 {
					wantKind(t, err, test.want)
					wantContent(t, s, "file", []byte("old"))
					return
				}
				if err != nil {
					t.Fatal(err)
				}
				if mode == vfs.ModeAppend {
					content = append([]byte("old"), content...)
				}
				wantContent(t, s, "file", content)
			})
		}
	}
}

// TestTwoWriters: the one who commits first has dropped the blocks of the
// other, who hears of it.
func TestTwoWriters(t *testing.T) {
	s := azstub.Start(t, azstub.Options{})
	b := openStub(t, s, small())
	first, second := random(3*suiteBlock), random(4*suiteBlock)
	w, err := b.Create(t.Context(), vfs.MustParse("/file"), vfs.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer w.Abort()
	if _, err := w.Write(second); err != nil {
		t.Fatal(err)
	}
	if err := s.Wait(t.Context(), func(c azstub.Counts) bool { return c[azstub.PutBlock] >= 3 }); err != nil {
		t.Fatal(err)
	}
	if _, err := store(t.Context(), b, "/file", vfs.CreateOptions{}, bytes.NewReader(first)); err != nil {
		t.Fatal(err)
	}
	_, err = w.Commit(t.Context(), vfs.CommitOptions{})
	wantKind(t, err, vfs.KindConflict)
	wantContent(t, s, "file", first)
}

// TestSnapshots: a file with snapshots stays, and so do they.
func TestSnapshots(t *testing.T) {
	s := azstub.Start(t, azstub.Options{})
	b := openStub(t, s, small())
	place(t, s, map[string]azstub.Blob{"file": {Content: []byte("content")}})
	other := sdk(t, azstub.DevAccount, azstub.DevKey, s.URL()+"/"+testContainer).NewBlobClient("file")
	if _, err := other.CreateSnapshot(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	err := b.Remove(t.Context(), vfs.MustParse("/file"), vfs.TypeFile)
	wantKind(t, err, vfs.KindLocked)
	if got := vfs.ReasonOf(err); got != "file has snapshots" {
		t.Errorf("reason %q", got)
	}
	if got, _ := s.Blob(testContainer, "file"); len(got.Snapshots) != 1 {
		t.Errorf("%d snapshots are left", len(got.Snapshots))
	}
}
