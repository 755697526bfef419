package azblob_test

import (
	"bytes"
	"context"
	"errors"
	"sync/atomic"
	"testing"

	"github.com/tidegate/tidegate/internal/testing/azstub"
	"github.com/tidegate/tidegate/vfs"
)

// fewRequests is a limiter that allows a number of requests, and none afterwards.
type fewRequests struct {
	vfs.Limiter
	left    atomic.Int32
	waiting chan struct{}
}

func (f *fewRequests) Request(ctx context.Context) (func(), error) {
	if f.left.Add(-1) >= 0 {
		return func() {}, nil
	}
	close(f.waiting) // nothing more is asked for
	<-ctx.Done()
	return nil, vfs.NewError(vfs.KindCanceled, context.Cause(ctx))
}

// TestCommitThatWaits: a commit that ends while it waits for the limit of requests was not sent.
// So nobody looks whether it has succeeded.
func TestCommitThatWaits(t *testing.T) {
	s := azstub.Start(t, azstub.Options{})
	b := openStub(t, s, small())
	l := &fewRequests{waiting: make(chan struct{})}
	l.left.Store(3)
	ctx := vfs.WithLimiter(t.Context(), l)
	w, err := b.Create(ctx, vfs.MustParse("/file"), vfs.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer w.Abort()
	if _, err := w.Write(bytes.Repeat([]byte("x"), 3*suiteBlock-1)); err != nil {
		t.Fatal(err)
	}
	commit, cancel := context.WithCancelCause(ctx)
	go func() {
		<-l.waiting
		cancel(errors.New("the session ends"))
	}()
	_, err = w.Commit(commit, vfs.CommitOptions{})
	wantKind(t, err, vfs.KindCanceled)
	if c := s.Counts(); c.Of(azstub.PutBlock) != 3 || c.Of(azstub.HeadBlob) != 0 {
		t.Errorf("requests: %v", c)
	}
}

// countedRequests is a limiter that counts requests.
type countedRequests struct {
	vfs.Limiter
	n atomic.Int32
}

func (c *countedRequests) Request(context.Context) (func(), error) {
	c.n.Add(1)
	return func() {}, nil
}

// TestOneOfTheLimitForEachRequest: an upload takes one unit of the limit for each request that it
// sends, also where its last block is full and its commit has nothing left to send.
func TestOneOfTheLimitForEachRequest(t *testing.T) {
	for _, size := range []int{0, 1, 3*suiteBlock - 1, 3 * suiteBlock, 3*suiteBlock + 1} {
		s := azstub.Start(t, azstub.Options{})
		b := openStub(t, s, small())
		before := s.Seq()
		l := &countedRequests{}
		ctx := vfs.WithLimiter(t.Context(), l)
		w, err := b.Create(ctx, vfs.MustParse("/file"), vfs.CreateOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(bytes.Repeat([]byte("x"), size)); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Commit(ctx, vfs.CommitOptions{}); err != nil {
			t.Fatal(err)
		}
		if sent := len(s.Requests(before)); int(l.n.Load()) != sent {
			t.Errorf("%d bytes: %d units for %d requests", size, l.n.Load(), sent)
		}
	}
}
