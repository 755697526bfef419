package azblob_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/tidegate/tidegate/backends/azblob"
	"github.com/tidegate/tidegate/internal/memory/chunk"
	"github.com/tidegate/tidegate/internal/testing/azstub"
	"github.com/tidegate/tidegate/vfs"
)

// slowStore sends each range so slowly that a client which takes what it gets
// needs many of them at once.
func slowStore(t *testing.T, content []byte) *azstub.Server {
	t.Helper()
	s := azstub.Start(t, azstub.Options{Shape: azstub.Shape{Latency: 2 * time.Millisecond, Download: 1 << 20}})
	if err := s.Place(testContainer, "file", azstub.Blob{Content: content}); err != nil {
		t.Fatal(err)
	}
	return s
}

// client takes what it gets, and pauses before the byte at pauseAt until resume
// is closed. look is called for every piece.
type client struct {
	bytes.Buffer
	pauseAt int
	paused  chan struct{}
	resume  chan struct{}
	look    func()
}

func pausingAt(at int) *client {
	return &client{pauseAt: at, paused: make(chan struct{}), resume: make(chan struct{})}
}

func (c *client) Write(p []byte) (int, error) {
	if c.look != nil {
		c.look()
	}
	if c.paused != nil && c.Len()+len(p) > c.pauseAt {
		close(c.paused)
		<-c.resume
		c.paused = nil
	}
	return c.Buffer.Write(p)
}

// fetch downloads the file to w.
func fetch(ctx context.Context, b *azblob.Backend, w io.Writer) error {
	r, err := b.Open(ctx, vfs.MustParse("/file"), vfs.OpenOptions{})
	if err != nil {
		return err
	}
	_, err = r.(io.WriterTo).WriteTo(w)
	return errors.Join(err, r.Close())
}

// until polls a condition that no event announces.
func until(t *testing.T, what string, is func() bool) {
	t.Helper()
	for !is() {
		select {
		case <-t.Context().Done():
			t.Fatalf("never: %s", what)
		case <-time.After(time.Millisecond):
		}
	}
}

// overlap returns how many of the requests were under way at once.
func overlap(reqs []azstub.Request) (most int) {
	for _, r := range reqs {
		n := 0
		for _, o := range reqs {
			if !o.Start.After(r.Start) && o.End.After(r.Start) {
				n++
			}
		}
		most = max(most, n)
	}
	return most
}

const ranges = 64 // of the file in most tests

// TestRangesInFlight: a fast client has many ranges on their way, each asked for
// once, all of them of the version that the first one had.
func TestRangesInFlight(t *testing.T) {
	content := random(ranges * suiteBlock)
	s := slowStore(t, content)
	pool := chunk.New(4 << 20)
	b := openStub(t, s, azblob.Options{BlockSize: suiteBlock, Chunks: pool})
	var got client
	if err := fetch(t.Context(), b, &got); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got.Bytes(), content) {
		t.Fatal("the content is another")
	}
	reqs := s.Requests(0)
	if len(reqs) != ranges {
		t.Errorf("%d requests, want %d", len(reqs), ranges)
	}
	if n := overlap(reqs); n < 6 || n > 12 {
		t.Errorf("%d ranges in flight at once, want 6 to 12", n)
	}
	for _, r := range reqs[1:] {
		if r.Header.Get("If-Match") == "" {
			t.Errorf("the range %s is not pinned", r.Range())
		}
	}
	if st := pool.Stats(); st.Peak > st.Budget/2 {
		t.Errorf("more memory than half of the budget: %+v", st)
	}
}

// TestHalfOfTheBudget: downloads together keep to their half, and all end well.
func TestHalfOfTheBudget(t *testing.T) {
	content := random(ranges / 2 * suiteBlock)
	s := slowStore(t, content)
	pool := chunk.New(1 << 20)
	b := openStub(t, s, azblob.Options{BlockSize: suiteBlock, Chunks: pool})
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			var got client
			if err := fetch(t.Context(), b, &got); err != nil || !bytes.Equal(got.Bytes(), content) {
				t.Errorf("%d bytes, want %d: %v", got.Len(), len(content), err)
			}
		})
	}
	group.Wait()
	if st := pool.Stats(); st.Peak == 0 || st.Peak > st.Budget/2 {
		t.Errorf("they held %d bytes at most, want some and no more than half of %d", st.Peak, st.Budget)
	}
}

// TestSpentPool: with the pool spent, a download continues with the head alone,
// and costs no more requests.
func TestSpentPool(t *testing.T) {
	content := random(ranges / 2 * suiteBlock)
	s := slowStore(t, content)
	pool := chunk.New(1 << 20)
	b := openStub(t, s, azblob.Options{BlockSize: suiteBlock, Chunks: pool})
	everything := takeAll(t, pool, 0)
	got := client{look: func() {
		if n := pool.Stats().Ahead; n != 0 {
			t.Errorf("it holds %d bytes of a spent pool", n)
		}
	}}
	if err := fetch(t.Context(), b, &got); err != nil || !bytes.Equal(got.Bytes(), content) {
		t.Fatalf("%d bytes, want %d: %v", got.Len(), len(content), err)
	}
	everything()
	if n := s.Counts()[azstub.GetBlob]; n != ranges/2 {
		t.Errorf("%d requests, want %d", n, ranges/2)
	}
}

// takeAll takes all memory of the pool but for the given number of large chunks,
// as uploads do: it waits for it.
func takeAll(t *testing.T, pool *chunk.Pool, but int) (giveBack func()) {
	t.Helper()
	a := pool.Open(nil, func() bool { return false })
	var held []*chunk.Chunk
	large := 0
	for n, left := int(pool.Budget()), 0; n > left; left = but * large {
		c, err := a.Get(t.Context(), chunk.Large)
		if err != nil {
			t.Fatal(err)
		}
		held = append(held, c)
		n -= len(c.Free())
		large = max(large, len(c.Free()))
	}
	return func() {
		for _, c := range held {
			a.Put(c)
		}
		a.Close()
	}
}

// TestReadAheadGivesWay: uploads that wait get the memory in which a download
// has read ahead, although its client pauses; what was cancelled is requested
// again, and nothing else is.
func TestReadAheadGivesWay(t *testing.T) {
	content := random(ranges * suiteBlock)
	s := slowStore(t, content)
	pool := chunk.New(2 << 20)
	b := openStub(t, s, azblob.Options{BlockSize: suiteBlock, Chunks: pool})
	got := pausingAt(len(content) / 2)
	ended := make(chan error)
	go func() { ended <- fetch(t.Context(), b, got) }()
	<-got.paused
	until(t, "memory is read ahead", func() bool { return pool.Stats().Ahead > 0 })
	// The download keeps the chunk that its client is just taking.
	takeAll(t, pool, 1)()
	close(got.resume)
	if err := <-ended; err != nil || !bytes.Equal(got.Bytes(), content) {
		t.Fatalf("%d bytes, want %d: %v", got.Len(), len(content), err)
	}
	if n := s.Counts()[azstub.GetBlob]; n <= ranges || n > ranges+12 {
		t.Errorf("%d requests, want a few more than %d", n, ranges)
	}
}

// TestSlowClients: clients that take little at once hold nothing of the pool,
// and cost one request each.
func TestSlowClients(t *testing.T) {
	const clients = 300
	s := azstub.Start(t, azstub.Options{})
	if err := s.Place(testContainer, "file", azstub.Blob{Size: 1 << 30}); err != nil {
		t.Fatal(err)
	}
	pool := chunk.New(256 << 20)
	b := openStub(t, s, azblob.Options{Chunks: pool})
	var opened []vfs.Reader
	for range clients {
		r, err := b.Open(t.Context(), vfs.MustParse("/file"), vfs.OpenOptions{})
		if err != nil {
			t.Fatal(err)
		}
		opened = append(opened, r)
		if _, err := io.CopyN(io.Discard, r, 300<<10); err != nil {
			t.Fatal(err)
		}
	}
	if st, n := pool.Stats(), s.Counts()[azstub.GetBlob]; st.Peak != 0 || n != clients {
		t.Errorf("%d clients hold %d bytes and cost %d requests", clients, st.Peak, n)
	}
	for _, r := range opened {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	}
}

// TestAheadFaults proves G8 while many ranges are in flight, for both ways to
// read.
func TestAheadFaults(t *testing.T) {
	get := []azstub.Kind{azstub.GetBlob}
	tests := []struct {
		name  string
		rules []azstub.Rule
		want  vfs.Kind
	}{
		{name: "busy", rules: []azstub.Rule{{Kinds: get, Skip: 5, Times: 3, Fault: azstub.ServerBusy()}}},
		{name: "every other is cut", rules: []azstub.Rule{{Kinds: get, Match: odd, Fault: azstub.Cut(azstub.ResponseBody(-1))}}},
		{name: "cut at once", rules: []azstub.Rule{{Kinds: get, Skip: 9, Times: 4, Fault: azstub.Cut(azstub.ResponseBody(0))}}},
		{name: "down from the middle on", rules: []azstub.Rule{{Kinds: get, Skip: 30, Fault: azstub.InternalError()}}, want: vfs.KindUnavailable},
		{name: "removed in the middle", rules: []azstub.Rule{{Kinds: get, Skip: 30, Fault: azstub.Fail(azstub.BeforeBody(), 404, "BlobNotFound")}}, want: vfs.KindConflict},
		{name: "refused from the middle on", rules: []azstub.Rule{{Kinds: get, Skip: 30, Fault: azstub.Fail(azstub.BeforeBody(), 403, "AuthorizationFailure")}}, want: vfs.KindUnavailable},
	}
	content := random(ranges * suiteBlock)
	for _, test := range tests {
		for _, way := range []string{"WriteTo", "Read"} {
			t.Run(test.name+", "+way, func(t *testing.T) {
				t.Parallel()
				s := slowStore(t, content)
				for _, rule := range test.rules {
					s.AddRule(rule)
				}
				b := openStub(t, s, small())
				got, err := loadBy(t.Context(), b, way)
				if test.want != 0 {
					wantKind(t, err, test.want)
				} else if err != nil || len(got) != len(content) {
					t.Errorf("%d bytes, want %d: %v", len(got), len(content), err)
				}
				if !bytes.HasPrefix(content, got) {
					t.Error("what was read is not the beginning of the file")
				}
			})
		}
	}
}

func odd(r *azstub.Request) bool { return r.Seq%2 == 1 }

// loadBy reads the file by one of a Reader's two ways.
func loadBy(ctx context.Context, b *azblob.Backend, way string) ([]byte, error) {
	if way == "WriteTo" {
		return load(ctx, b, "/file", vfs.OpenOptions{})
	}
	r, err := b.Open(ctx, vfs.MustParse("/file"), vfs.OpenOptions{})
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return io.ReadAll(r)
}

// TestReplacedWhileAhead: ranges of the old version that are on their way do not
// mix with the new one.
func TestReplacedWhileAhead(t *testing.T) {
	content := random(ranges * suiteBlock)
	for _, way := range []string{"WriteTo", "Read"} {
		t.Run(way, func(t *testing.T) {
			s := slowStore(t, content)
			b := openStub(t, s, small())
			replaced := make(chan error)
			go func() {
				err := s.Wait(t.Context(), func(c azstub.Counts) bool { return c[azstub.GetBlob] >= ranges/2 })
				replaced <- errors.Join(err, s.Place(testContainer, "file", azstub.Blob{Content: random(len(content) + 1)}))
			}()
			got, err := loadBy(t.Context(), b, way)
			wantKind(t, err, vfs.KindConflict)
			if !bytes.HasPrefix(content, got) || len(got) < ranges/4*suiteBlock {
				t.Errorf("%d bytes were read, want the beginning of the old content", len(got))
			}
			if err := <-replaced; err != nil {
				t.Error(err)
			}
		})
	}
}

// TestDownloadCanceled: wherever the end comes, by the context or by Close,
// nothing stays; the pool is looked at when the test ends.
func TestDownloadCanceled(t *testing.T) {
	content := random(ranges * suiteBlock)
	s := slowStore(t, content)
	b := openStub(t, s, small())
	var group sync.WaitGroup
	for i := range 24 {
		group.Go(func() {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			r, err := b.Open(ctx, vfs.MustParse("/file"), vfs.OpenOptions{Offset: int64(i)})
			if err != nil {
				t.Error(err)
				return
			}
			if _, err := io.CopyN(io.Discard, r, int64(i*suiteBlock+i)); err != nil {
				t.Error(err)
			}
			if i%2 == 0 {
				cancel()
				if _, err := io.Copy(io.Discard, r); vfs.KindOf(err) != vfs.KindCanceled {
					t.Errorf("after the end of its context: %v", err)
				}
			}
			if err := r.Close(); err != nil {
				t.Error(err)
			}
			if _, err := r.Read(make([]byte, 1)); vfs.KindOf(err) != vfs.KindCanceled {
				t.Errorf("Read after Close: %v", err)
			}
		})
	}
	group.Wait()
}

// rewriter changes the headers of the answers, from the given one on.
type rewriter struct {
	http.Transport
	mu   sync.Mutex
	from int
	edit func(http.Header)
}

func (m *rewriter) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := m.Transport.RoundTrip(req)
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.from--; err == nil && m.from < 0 {
		m.edit(resp.Header)
	}
	return resp, err
}

// TestFalseAnswers: answers that are not what was requested, as of something in
// between that knows neither ranges nor conditions, are no part of a file.
func TestFalseAnswers(t *testing.T) {
	content := random(ranges / 4 * suiteBlock)
	tests := []struct {
		name string
		edit func(http.Header)
		want vfs.Kind
	}{
		{"no range", func(h http.Header) { h.Del("Content-Range") }, vfs.KindUnavailable},
		{"another range", func(h http.Header) { h.Set("Content-Range", "bytes 5-9/10") }, vfs.KindUnavailable},
		{"no range at all", func(h http.Header) { h.Set("Content-Range", "none") }, vfs.KindUnavailable},
		{"another version", func(h http.Header) { h.Set("ETag", `"0x1"`) }, vfs.KindConflict},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := slowStore(t, content)
			o := small()
			m := &rewriter{from: 3, edit: test.edit}
			defer m.CloseIdleConnections()
			o.Transport = m
			b := openStub(t, s, o)
			got, err := load(t.Context(), b, "/file", vfs.OpenOptions{})
			wantKind(t, err, test.want)
			if !bytes.Equal(got, content[:len(got)]) || len(got) < suiteBlock {
				t.Errorf("%d bytes were read, want the beginning of the file", len(got))
			}
		})
	}
}

// TestFirstBytes: a client has the first bytes while the first range is still on
// its way.
func TestFirstBytes(t *testing.T) {
	content := random(suiteBlock)
	s := azstub.Start(t, azstub.Options{})
	if err := s.Place(testContainer, "file", azstub.Blob{Content: content}); err != nil {
		t.Fatal(err)
	}
	s.AddRule(azstub.Rule{Kinds: []azstub.Kind{azstub.GetBlob}, Times: 1, Fault: azstub.Hang(azstub.ResponseBody(1000))})
	b := openStub(t, s, small())
	got := pausingAt(0)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- fetch(ctx, b, got) }()
	<-got.paused
	close(got.resume)
	cancel()
	wantKind(t, <-ended, vfs.KindCanceled)
	if !slices.Equal(got.Bytes(), content[:1000]) {
		t.Errorf("the client has %d bytes, want 1000", got.Len())
	}
}

// TestOffsets: a download that begins anywhere costs a request for each range
// from there on.
func TestOffsets(t *testing.T) {
	content := random(ranges/2*suiteBlock + 17)
	s := slowStore(t, content)
	b := openStub(t, s, small())
	for _, at := range []int{1, suiteBlock - 1, suiteBlock, 10*suiteBlock + 3, len(content) - 1} {
		t.Run(fmt.Sprint(at), func(t *testing.T) {
			before := s.Counts()
			got, err := load(t.Context(), b, "/file", vfs.OpenOptions{Offset: int64(at)})
			if err != nil || !bytes.Equal(got, content[at:]) {
				t.Errorf("%d bytes, want %d: %v", len(got), len(content)-at, err)
			}
			want := int64((len(content) - at + suiteBlock - 1) / suiteBlock)
			if n := s.Counts().Since(before)[azstub.GetBlob]; n != want {
				t.Errorf("%d requests, want %d", n, want)
			}
		})
	}
}
