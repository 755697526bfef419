package azblob

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"testing"
	"testing/synctest"

	"github.com/tidegate/tidegate/internal/fairshare"
)

// readAnswer reads an answer of n bytes to a listing that has a slot.
func readAnswer(ctx context.Context, slot *pageSlot, n int) error {
	req, err := http.NewRequestWithContext(slot.in(ctx), http.MethodGet, "http://store.test/", http.NoBody)
	if err != nil {
		return err
	}
	resp := &http.Response{Request: req, Body: io.NopCloser(bytes.NewReader(make([]byte, n)))}
	limitPage(resp)
	_, err = io.Copy(io.Discard, resp.Body)
	return err
}

// While all slots are held, a large answer waits and a small one does not. The slot is
// held until the page is decoded.
func TestLargePagesTakeTurns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slots := fairshare.NewResource("listing pages", 1)
		other, err := slots.TryAcquire(fairshare.Holder{}, 1)
		if err != nil {
			t.Fatal(err)
		}
		small, large, left := &pageSlot{slots: slots}, &pageSlot{slots: slots}, &pageSlot{slots: slots}
		if err := readAnswer(t.Context(), small, smallAnswer-1); err != nil || slots.Waiting() != 0 {
			t.Errorf("a small answer: %v, %d wait", err, slots.Waiting())
		}
		done := make(chan error, 1)
		go func() { done <- readAnswer(t.Context(), large, 10*smallAnswer) }()
		ctx, cancel := context.WithCancel(t.Context())
		gone := make(chan error, 1)
		go func() { gone <- readAnswer(ctx, left, 10*smallAnswer) }()
		synctest.Wait()
		if slots.Waiting() != 2 {
			t.Errorf("%d large answers wait, want 2", slots.Waiting())
		}
		cancel()
		if err := <-gone; !errors.Is(err, context.Canceled) {
			t.Errorf("a client that leaves: %v", err)
		}
		other.Release()
		if err := <-done; err != nil || slots.Held() != 1 {
			t.Errorf("a large answer: %v, %d slots are held", err, slots.Held())
		}
		large.release()
		left.release()
		if slots.Held() != 0 {
			t.Errorf("%d slots are left", slots.Held())
		}
	})
}
