package azblob_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tidegate/tidegate/backends/azblob"
	"github.com/tidegate/tidegate/internal/memory/chunk"
	"github.com/tidegate/tidegate/internal/testing/azstub"
	"github.com/tidegate/tidegate/vfs"
)

// direct carries requests to the stub without a network, so that a test can let
// minutes pass. What the stub cuts is an error.
type direct struct{ *azstub.Server }

func (d direct) RoundTrip(req *http.Request) (resp *http.Response, err error) {
	defer func() {
		if recover() != nil {
			err = errors.New("the connection was cut")
		}
	}()
	r := req.Clone(req.Context())
	if r.Body == nil {
		r.Body = http.NoBody
	}
	r.Header = canonical(req.Header)
	w := httptest.NewRecorder()
	d.ServeHTTP(w, r)
	resp = w.Result()
	resp.Header = canonical(resp.Header)
	resp.Request = req
	return resp, nil
}

// canonical is what a header's names become on a network.
func canonical(h http.Header) http.Header {
	out := http.Header{}
	for name, values := range h {
		out[http.CanonicalHeaderKey(name)] = values
	}
	return out
}

// withRetries runs a test with the retry limits of the program, in virtual time.
func withRetries(t *testing.T, do func(t *testing.T, s *azstub.Server, b *azblob.Backend, log *logBuffer)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		s, err := azstub.New(azstub.Options{Auth: azstub.NoAuth})
		if err != nil {
			t.Fatal(err)
		}
		s.CreateContainer(testContainer)
		log := &logBuffer{}
		b, err := azblob.New(azblob.Options{
			ContainerURL: "http://store.invalid/" + azstub.DevAccount + "/" + testContainer, Transport: direct{s},
			Chunks: chunk.New(4 << 20), BlockSize: suiteBlock, Log: log.logger(),
		})
		if err != nil {
			t.Fatal(err)
		}
		do(t, s, b, log)
		if err := errors.Join(b.Close(), s.Close()); err != nil {
			t.Error(err)
		}
		synctest.Wait()
	})
}

// within checks how long something took.
func within(t *testing.T, begun time.Time, least, most time.Duration) {
	t.Helper()
	if took := time.Since(begun); took < least || took > most {
		t.Errorf("it took %v, want %v to %v", took, least, most)
	}
}

// TestThrottledUpload: an upload outlives a service that is busy for as long as
// services are, and one that is busy for good ends it.
func TestThrottledUpload(t *testing.T) {
	tests := []struct {
		name        string
		kinds       []azstub.Kind
		size        int
		fault       azstub.Fault
		lasts       time.Duration // 0 is for good
		want        vfs.Kind
		least, most time.Duration
	}{
		{"blocks", []azstub.Kind{azstub.PutBlock}, 8 * suiteBlock, azstub.ServerBusyFor(2 * time.Second), 20 * time.Second, 0, 20 * time.Second, 60 * time.Second},
		{"blocks, no Retry-After", []azstub.Kind{azstub.PutBlock}, 8 * suiteBlock, azstub.ServerBusy(), 60 * time.Second, 0, 60 * time.Second, 90 * time.Second},
		{"blocks, a long Retry-After", []azstub.Kind{azstub.PutBlock}, 3 * suiteBlock, azstub.ServerBusyFor(40 * time.Second), 20 * time.Second, 0, 40 * time.Second, 60 * time.Second},
		{"list", []azstub.Kind{azstub.PutBlockList}, 3 * suiteBlock, azstub.ServerBusyFor(time.Second), 20 * time.Second, 0, 20 * time.Second, 40 * time.Second},
		{"one block", []azstub.Kind{azstub.PutBlob}, 10, azstub.ServerBusy(), 20 * time.Second, 0, 20 * time.Second, 40 * time.Second},
		{"slow partition", []azstub.Kind{azstub.PutBlock}, 3 * suiteBlock, azstub.Fail(azstub.BeforeBody(), 500, "OperationTimedOut"), 20 * time.Second, 0, 20 * time.Second, 40 * time.Second},
		{"for good", []azstub.Kind{azstub.PutBlock}, 3 * suiteBlock, azstub.ServerBusy(), 0, vfs.KindUnavailable, 60 * time.Second, 120 * time.Second},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			withRetries(t, func(t *testing.T, s *azstub.Server, b *azblob.Backend, log *logBuffer) {
				s.AddRule(azstub.Rule{Kinds: test.kinds, For: test.lasts, Fault: test.fault})
				begun := time.Now()
				content := random(test.size)
				_, err := store(t.Context(), b, "/file", vfs.CreateOptions{}, bytes.NewReader(content))
				if test.want != 0 {
					wantKind(t, err, test.want)
				} else if err != nil {
					t.Fatal(err)
				} else {
					wantContent(t, s, "file", content)
				}
				within(t, begun, test.least, test.most)
				warnings := log.lines(t, "WARN")
				if len(warnings) == 0 || len(warnings) > 1+int(time.Since(begun)/time.Minute) {
					t.Errorf("%d warnings: %v", len(warnings), warnings)
				}
				for _, w := range warnings {
					if w["host"] != "store.invalid" {
						t.Errorf("a warning without the host: %v", w)
					}
				}
			})
		})
	}
}

// TestThrottledDownload: a range that is refused in the middle of a download is
// asked for until the service has it again.
func TestThrottledDownload(t *testing.T) {
	withRetries(t, func(t *testing.T, s *azstub.Server, b *azblob.Backend, _ *logBuffer) {
		content := random(4 * suiteBlock)
		place(t, s, map[string]azstub.Blob{"file": {Content: content}})
		s.AddRule(azstub.Rule{Kinds: []azstub.Kind{azstub.GetBlob}, Skip: 1, For: 40 * time.Second, Fault: azstub.ServerBusy()})
		begun := time.Now()
		got, err := load(t.Context(), b, "/file", vfs.OpenOptions{})
		if err != nil || !bytes.Equal(got, content) {
			t.Errorf("%d bytes of %d: %v", len(got), len(content), err)
		}
		within(t, begun, 40*time.Second, 70*time.Second)
	})
}

// TestNoLineAfterAnswers: a request that was answered is not slow, however long ago it was.
func TestNoLineAfterAnswers(t *testing.T) {
	withRetries(t, func(t *testing.T, _ *azstub.Server, b *azblob.Backend, log *logBuffer) {
		for _, size := range []int{10, 3 * suiteBlock} {
			if _, err := store(t.Context(), b, "/file", vfs.CreateOptions{}, bytes.NewReader(random(size))); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := list(t.Context(), b, "/"); err != nil {
			t.Fatal(err)
		}
		time.Sleep(5 * time.Minute)
		if lines := log.lines(t, "WARN"); len(lines) > 0 {
			t.Errorf("warnings: %v", lines)
		}
	})
}

// TestWaitingClients: a caller that waits for the end of a request gets it within the time
// after which clients disconnect, and at once when there is nothing to wait for.
func TestWaitingClients(t *testing.T) {
	ops := map[string]func(ctx context.Context, b *azblob.Backend) error{
		"stat": func(ctx context.Context, b *azblob.Backend) error {
			_, err := b.Stat(ctx, vfs.MustParse("/file"), vfs.TypeAny)
			return err
		},
		"list": func(ctx context.Context, b *azblob.Backend) error { _, err := list(ctx, b, "/"); return err },
		"open": func(ctx context.Context, b *azblob.Backend) error {
			_, err := load(ctx, b, "/file", vfs.OpenOptions{})
			return err
		},
		"remove": func(ctx context.Context, b *azblob.Backend) error {
			return b.Remove(ctx, vfs.MustParse("/file"), vfs.TypeFile)
		},
		"mkdir": func(ctx context.Context, b *azblob.Backend) error { return b.Mkdir(ctx, vfs.MustParse("/dir")) },
		"settime": func(ctx context.Context, b *azblob.Backend) error {
			return b.SetModTime(ctx, vfs.MustParse("/file"), time.Unix(1e9, 0))
		},
		"rename": func(ctx context.Context, b *azblob.Backend) error {
			return b.Rename(ctx, vfs.MustParse("/file"), vfs.MustParse("/to"), vfs.RenameOptions{})
		},
		"opening": func(ctx context.Context, b *azblob.Backend) error { return b.Probe(ctx, azblob.NamespaceAuto) },
		"statting": func(ctx context.Context, b *azblob.Backend) error {
			_, err := b.Stat(ctx, vfs.MustParse("/dir"), vfs.TypeDir)
			return err
		},
	}
	faults := []struct {
		name        string
		fault       azstub.Fault
		least, most time.Duration
		warnings    []any
	}{
		{"hangs", azstub.Hang(azstub.BeforeBody()), 15 * time.Second, 56 * time.Second, []any{"the store does not answer"}},
		{"busy", azstub.ServerBusy(), 3 * time.Second, 30 * time.Second, []any{"the store is throttling requests"}},
		{"busy for a minute", azstub.ServerBusyFor(time.Minute), 0, time.Second, []any{"the store is throttling requests"}},
		{"broken", azstub.Cut(azstub.BeforeBody()), 3 * time.Second, 30 * time.Second, nil},
		{"strict emulator", azstub.Fail(azstub.BeforeBody(), 500, "FeatureNotSupported"), 0, time.Second, nil},
	}
	for name, op := range ops {
		for _, f := range faults {
			t.Run(name+", "+f.name, func(t *testing.T) {
				withRetries(t, func(t *testing.T, s *azstub.Server, b *azblob.Backend, log *logBuffer) {
					place(t, s, map[string]azstub.Blob{"file": {Content: []byte("content")}})
					s.AddRule(azstub.Rule{Fault: f.fault})
					begun := time.Now()
					wantKind(t, op(t.Context(), b), vfs.KindUnavailable)
					within(t, begun, f.least, f.most)
					var warnings []any
					for _, line := range log.lines(t, "WARN") {
						warnings = append(warnings, line["msg"])
					}
					if !slices.Equal(warnings, f.warnings) && name != "opening" && name != "remove" {
						t.Errorf("warned: %q, want %q", warnings, f.warnings)
					}
				})
			})
			t.Run(name+", "+f.name+", canceled", func(t *testing.T) {
				withRetries(t, func(t *testing.T, s *azstub.Server, b *azblob.Backend, _ *logBuffer) {
					if name == "remove" || name == "mkdir" || name == "rename" {
						return // they may wait until what was lost can do no harm
					}
					place(t, s, map[string]azstub.Blob{"file": {Content: []byte("content")}})
					s.AddRule(azstub.Rule{Fault: f.fault})
					ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
					defer cancel()
					begun := time.Now()
					if err := op(ctx, b); err == nil {
						t.Error("no error")
					}
					within(t, begun, 0, 200*time.Millisecond)
				})
			})
		}
	}
}

// TestHangingStore: while a store does not answer, one line a minute says how many requests
// wait, and one says when it answers again.
func TestHangingStore(t *testing.T) {
	withRetries(t, func(t *testing.T, s *azstub.Server, b *azblob.Backend, log *logBuffer) {
		place(t, s, map[string]azstub.Blob{"file": {Content: []byte("content")}})
		answers := s.AddRule(azstub.Rule{Fault: azstub.Hang(azstub.BeforeBody())})
		var clients sync.WaitGroup
		for range 3 {
			clients.Go(func() {
				for range 3 { // about 45 seconds each
					_, err := b.Stat(t.Context(), vfs.MustParse("/file"), vfs.TypeFile)
					wantKind(t, err, vfs.KindUnavailable)
				}
			})
		}
		clients.Wait()
		answers()
		for range 2 {
			if _, err := b.Stat(t.Context(), vfs.MustParse("/file"), vfs.TypeFile); err != nil {
				t.Error(err)
			}
		}
		warned := log.lines(t, "WARN")
		if len(warned) < 2 || len(warned) > 3 {
			t.Errorf("%d lines in about 140 seconds: %v", len(warned), warned)
		}
		for i, line := range warned {
			if waiting, _ := line["waiting"].(float64); line["msg"] != "the store does not answer" || waiting < 1 || waiting > 3 || (line["more"] != nil) != (i > 0) {
				t.Errorf("line %d is %v", i, line)
			}
		}
		if again := log.lines(t, "INFO"); len(again) != 1 || again[0]["msg"] != "the store answers again" {
			t.Errorf("at the end: %v", again)
		}
	})
}

// TestBriefTrouble: what passes soon is not seen by anybody.
func TestBriefTrouble(t *testing.T) {
	for _, fault := range []azstub.Fault{azstub.ServerBusyFor(time.Second), azstub.InternalError(), azstub.Hang(azstub.BeforeBody())} {
		withRetries(t, func(t *testing.T, s *azstub.Server, b *azblob.Backend, _ *logBuffer) {
			place(t, s, map[string]azstub.Blob{"file": {Content: []byte("content")}})
			s.AddRule(azstub.Rule{For: 4 * time.Second, Fault: fault})
			if _, err := b.Stat(t.Context(), vfs.MustParse("/file"), vfs.TypeFile); err != nil {
				t.Error(err)
			}
		})
	}
}

// concurrency counts how many uploads of blocks are in flight.
type concurrency struct {
	direct
	busy    func() bool
	came    chan int
	present chan struct{}
}

func (c concurrency) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.URL.Query().Get("comp") != "block" {
		return c.direct.RoundTrip(req)
	}
	c.present <- struct{}{}
	defer func() { <-c.present }()
	c.came <- len(c.present)
	_, _ = io.Copy(io.Discard, req.Body)
	select {
	case <-time.After(100 * time.Millisecond):
	case <-req.Context().Done():
		return nil, req.Context().Err()
	}
	w := httptest.NewRecorder()
	if c.busy() {
		w.Header().Set("x-ms-error-code", "ServerBusy")
		w.WriteHeader(http.StatusServiceUnavailable)
	} else {
		w.WriteHeader(http.StatusCreated)
	}
	resp := w.Result()
	resp.Request = req
	return resp, nil
}

// TestFewerWhileThrottled: while the service is busy, fewer bodies are on their way,
// and later as many as before.
func TestFewerWhileThrottled(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, err := azstub.New(azstub.Options{Auth: azstub.NoAuth})
		if err != nil {
			t.Fatal(err)
		}
		s.CreateContainer(testContainer)
		begun := time.Now()
		c := concurrency{direct{s}, func() bool { at := time.Since(begun); return at > time.Second && at < 20*time.Second }, make(chan int, 1<<20), make(chan struct{}, 1<<10)}
		b, err := azblob.New(azblob.Options{
			ContainerURL: "http://store.invalid/" + azstub.DevAccount + "/" + testContainer, Transport: c, Chunks: chunk.New(256 << 20), BlockSize: suiteBlock,
		})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan struct{})
		const uploads = 8
		for range uploads {
			go func() {
				defer func() { ended <- struct{}{} }()
				w, err := b.Create(ctx, vfs.MustParse("/file"), vfs.CreateOptions{})
				if err != nil {
					t.Error(err)
					return
				}
				defer w.Abort()
				_, _ = w.(io.ReaderFrom).ReadFrom(zeroReader{})
			}()
		}
		most := func(until time.Duration) int {
			time.Sleep(until - time.Since(begun))
			var all []int
			for len(c.came) > 0 {
				all = append(all, <-c.came)
			}
			if len(all) == 0 {
				return 0
			}
			return slices.Max(all)
		}
		before := most(900 * time.Millisecond)
		_ = most(8 * time.Second)
		during := most(19 * time.Second)
		_ = most(35 * time.Second)
		after := most(38 * time.Second)
		if before < uploads || during > before/4 || during == 0 || after < before {
			t.Errorf("%d bodies at a time before, %d while the service is busy, %d after", before, during, after)
		}
		cancel()
		for range uploads {
			<-ended
		}
		if err := errors.Join(b.Close(), s.Close()); err != nil {
			t.Error(err)
		}
	})
}
