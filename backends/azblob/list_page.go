package azblob

import (
	"context"
	"io"
	"net/http"

	"github.com/tidegate/tidegate/internal/fairshare"
	"github.com/tidegate/tidegate/internal/memory/chunk"
	"github.com/tidegate/tidegate/internal/session"
)

const (
	// smallAnswer is how much of the answer to a listing may be read without a slot.
	smallAnswer = 64 << 10
	// pageMemory is about what a page of 5,000 entries takes while it is read and
	// decoded: several times what its entries take afterwards.
	pageMemory = 8 << 20
	// minPages and maxPages bound how many large pages are read and decoded at once.
	minPages, maxPages = 2, 16
)

// pageSlots returns the resource of large pages that are read and decoded at once, in the
// whole process: an eighth of its memory.
func pageSlots(ledger *fairshare.Ledger, chunks *chunk.Pool) *fairshare.Resource {
	return ledger.Resource("listing pages", min(max(chunks.MaxBlock()/pageMemory, minPages), maxPages))
}

// pageSlot is what one listing has of the slots. It belongs to the goroutine that lists.
type pageSlot struct {
	slots *fairshare.Resource
	lease *fairshare.Lease // nil while it has none
}

type pageSlotKey struct{}

// in returns the context of a request whose answer takes the slot when it is large.
func (p *pageSlot) in(ctx context.Context) context.Context {
	return context.WithValue(ctx, pageSlotKey{}, p)
}

// acquire waits for a slot.
func (p *pageSlot) acquire(ctx context.Context) (err error) {
	if p.lease == nil {
		p.lease, err = p.slots.Acquire(ctx, session.HolderOf(ctx), 1)
	}
	return err
}

// release says that the page has become entries.
func (p *pageSlot) release() {
	if p.lease != nil {
		p.lease.Release()
		p.lease = nil
	}
}

// limitPage lets the answer to a listing wait for its slot when it turns out to be large.
// A small one, as most are, never waits.
func limitPage(resp *http.Response) {
	if slot, ok := resp.Request.Context().Value(pageSlotKey{}).(*pageSlot); ok {
		resp.Body = &limitedPage{resp.Body, resp.Request.Context(), slot, 0}
	}
}

// limitedPage is the body of such an answer.
type limitedPage struct {
	io.ReadCloser
	ctx  context.Context
	slot *pageSlot
	read int
}

func (l *limitedPage) Read(b []byte) (int, error) {
	if l.read >= smallAnswer {
		if err := l.slot.acquire(l.ctx); err != nil {
			return 0, err
		}
	}
	n, err := l.ReadCloser.Read(b)
	l.read += n
	return n, err
}
