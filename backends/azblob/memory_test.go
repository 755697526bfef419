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

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/streaming"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"

	"github.com/tidegate/tidegate/backends/azblob"
	"github.com/tidegate/tidegate/internal/memory/chunk"
	"github.com/tidegate/tidegate/internal/testing/azstub"
	"github.com/tidegate/tidegate/vfs"
)

// pausing yields its content and then waits.
type pausing struct {
	io.Reader
	until <-chan struct{}
	sent  func() // called before the pause; may be nil
}

func (p *pausing) Read(b []byte) (int, error) {
	n, err := p.Reader.Read(b)
	if err == io.EOF {
		if p.sent != nil {
			p.sent()
		}
		<-p.until
	}
	return n, err
}

// TestTinyPool: uploads share a budget of 16 chunks, beside clients that pause
// with blocks half full, and all of them end well.
func TestTinyPool(t *testing.T) {
	s := azstub.Start(t, azstub.Options{})
	pool := chunk.New(1)
	b := openStub(t, s, azblob.Options{BlockSize: suiteBlock, Chunks: pool})
	c := uploads{t: t, s: s, b: b, resume: make(chan struct{}), slots: make(chan struct{}, pool.MaxAccounts()-2)}
	c.paused(2, random(20<<10))
	c.busy(200, random(150<<10))
	c.end()
	if st := pool.Stats(); st.Peak > st.Budget {
		t.Errorf("more memory than the budget: %+v", st)
	}
}

// TestSlowCrowd: hundreds of clients pause, each with a chunk that it has begun,
// after they were fast or before they have become it. Together that would be
// more than the budget. Others continue beside them.
func TestSlowCrowd(t *testing.T) {
	for name, size := range map[string]int{"slow from the start": 20 << 10, "fast at first": 600<<10 + 1} {
		t.Run(name, func(t *testing.T) {
			s := azstub.Start(t, azstub.Options{})
			pool := chunk.New(16 << 20)
			b := openStub(t, s, azblob.Options{BlockSize: 256 << 10, Chunks: pool})
			c := uploads{t: t, s: s, b: b, resume: make(chan struct{}), slots: make(chan struct{}, 4)}
			c.paused(100, random(size))
			c.busy(4, random(4<<20))
			if st := pool.Stats(); st.Peak > st.Budget {
				t.Errorf("more memory than the budget: %+v", st)
			}
			c.end()
		})
	}
}

// uploads runs uploads beside each other.
type uploads struct {
	t      *testing.T
	s      *azstub.Server
	b      *azblob.Backend
	resume chan struct{} // closed when the paused ones continue
	slots  chan struct{} // one for each busy upload at a time

	waiting sync.WaitGroup
	check   []func()
}

func (c *uploads) upload(group *sync.WaitGroup, name string, content []byte, r io.Reader, ended func()) {
	group.Go(func() {
		defer ended()
		if _, err := store(c.t.Context(), c.b, "/"+name, vfs.CreateOptions{}, r); err != nil {
			c.t.Errorf("%s: %v", name, err)
		}
	})
	c.check = append(c.check, func() { wantContent(c.t, c.s, name, content) })
}

// paused starts uploads that send their content and then pause. It returns when
// all of them do.
func (c *uploads) paused(n int, content []byte) {
	var sent sync.WaitGroup
	sent.Add(n)
	for i := range n {
		c.upload(&c.waiting, fmt.Sprintf("paused-%d", i), content, &pausing{bytes.NewReader(content), c.resume, sent.Done}, func() {})
	}
	sent.Wait()
}

// busy runs uploads to their end.
func (c *uploads) busy(n int, content []byte) {
	var group sync.WaitGroup
	for i := range n {
		c.slots <- struct{}{}
		c.upload(&group, fmt.Sprintf("busy-%d", i), content, bytes.NewReader(content), func() { <-c.slots })
	}
	group.Wait()
}

// end lets the paused ones continue and looks at what was stored.
func (c *uploads) end() {
	close(c.resume)
	c.waiting.Wait()
	for _, check := range c.check {
		check()
	}
}

// TestTooManyUploads: more uploads than the memory serves are refused, with an
// answer that makes clients try again, until others have ended.
func TestTooManyUploads(t *testing.T) {
	s := azstub.Start(t, azstub.Options{})
	pool := chunk.New(1 << 20)
	b := openStub(t, s, azblob.Options{Chunks: pool})
	create := func(mode vfs.Mode) (vfs.Writer, error) {
		return b.Create(t.Context(), vfs.MustParse("/file"), vfs.CreateOptions{Mode: mode})
	}
	write := func(mode vfs.Mode) (vfs.Writer, error) {
		w, err := create(mode)
		if err == nil {
			_, err = w.Write([]byte("a"))
		}
		return w, err
	}
	// Those that have sent nothing count for nothing.
	for range 2 * pool.MaxAccounts() {
		w, err := create(vfs.ModeReplace)
		if err != nil {
			t.Fatal(err)
		}
		defer w.Abort()
	}
	var writers []vfs.Writer
	for range pool.MaxAccounts() {
		w, err := write(vfs.ModeReplace)
		if err != nil {
			t.Fatal(err)
		}
		writers = append(writers, w)
	}
	before := s.Counts()
	w, err := write(vfs.ModeReplace)
	wantKind(t, err, vfs.KindBusy)
	if got := s.Counts().Since(before).Total(); got != 0 {
		t.Errorf("refusing took %d requests", got)
	}
	w.Abort()
	w, err = write(vfs.ModeAppend)
	wantKind(t, err, vfs.KindBusy)
	w.Abort()
	for _, w := range writers {
		w.Abort()
	}
	if w, err = write(vfs.ModeReplace); err != nil {
		t.Fatal(err)
	}
	w.Abort()
	// What fails at once does not stay in the count.
	for range 2 * pool.MaxAccounts() {
		_, err := create(vfs.ModeResume)
		wantKind(t, err, vfs.KindOffset)
	}
}

// TestDryPoolKeepsBlocks: that the store is slower than the client does not
// make the blocks small: an upload that waits for memory which is about to be freed sends nothing
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
		_, _ = w.(io.ReaderFrom).ReadFrom(&pausing{zeros(3*suiteBlock + 5), resume, nil})
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
	client, err := container.NewClientWithSharedKeyCredential(containerURL, cred, &container.ClientOptions{
		ClientOptions: policy.ClientOptions{PerCallPolicies: []policy.Policy{listPolicy{}}},
	})
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

// TestLeftoversAlone: blocks that wait for a commit under a name that has no
// blob, of an upload that was cancelled, do not keep a file from being made there,
// nor are they one.
func TestLeftoversAlone(t *testing.T) {
	for _, size := range []int{0, 10, 3 * suiteBlock} {
		for _, mode := range []vfs.Mode{vfs.ModeReplace, vfs.ModeExclusive, vfs.ModeAppend} {
			t.Run(fmt.Sprintf("%d bytes, mode %d", size, mode), func(t *testing.T) {
				s := azstub.Start(t, azstub.Options{})
				b := openStub(t, s, small())
				w, err := b.Create(t.Context(), vfs.MustParse("/file"), vfs.CreateOptions{})
				if err != nil {
					t.Fatal(err)
				}
				defer w.Abort()
				if _, err := w.Write(random(3 * suiteBlock)); err != nil {
					t.Fatal(err)
				}
				if err := s.Wait(t.Context(), func(c azstub.Counts) bool { return c[azstub.PutBlock] >= 2 }); err != nil {
					t.Fatal(err)
				}
				if err := s.Idle(t.Context()); err != nil {
					t.Fatal(err)
				}
				w.Abort()
				content := random(size)
				if _, err := store(t.Context(), b, "/file", vfs.CreateOptions{Mode: mode}, bytes.NewReader(content)); err != nil {
					t.Fatal(err)
				}
				wantContent(t, s, "file", content)
				if mode == vfs.ModeExclusive {
					_, err := store(t.Context(), b, "/file", vfs.CreateOptions{Mode: mode}, bytes.NewReader(content))
					wantKind(t, err, vfs.KindExist)
				}
			})
		}
	}
}

// TestTwoWriters: the first commit has dropped the blocks of the other upload, which
// fails.
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
