package ftp_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"iter"
	"log/slog"
	"strings"
	"testing"

	"github.com/tidegate/tidegate/backends/memory"
	"github.com/tidegate/tidegate/frontends/ftp"
	"github.com/tidegate/tidegate/frontends/streams"
	"github.com/tidegate/tidegate/internal/fairshare"
	budget "github.com/tidegate/tidegate/internal/memory"
	"github.com/tidegate/tidegate/internal/testing/ftpclient"
	"github.com/tidegate/tidegate/vfs"
)

// A client that does not read its listing gives its place to another user, and gets all entries
// once when it reads on. The listing is reported as one operation.
func TestListingGivesWay(t *testing.T) {
	t.Parallel()
	const entries = 20_000
	b, name := memory.New(), strings.Repeat("long", 60)
	for i := range entries {
		w, err := b.Create(t.Context(), vfs.MustParse(fmt.Sprintf("/dir/%05d%s", i, name)), vfs.CreateOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Commit(context.Background(), vfs.CommitOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	ledger, log := fairshare.New(), &journal{}
	places := streams.Listings(ledger, budget.Default)
	g := start(t, b, func(o *ftp.Options) {
		o.Ledger, o.Log = ledger, slog.New(slog.NewTextHandler(log, nil))
	})
	c := g.login(ftpclient.Options{})
	tr := g.begin(c, "NLST /dir")
	in := bufio.NewScanner(tr.Retrieve())
	read := 0
	for want := range entries {
		if want == 100 {
			others := places.Request(fairshare.Holder{Tenant: "others"}, places.Capacity())
			<-others.Granted() // once the listing waits for its client
			others.Lease().Release()
		}
		if !in.Scan() {
			break
		}
		if in.Text() != fmt.Sprintf("/dir/%05d%s", want, name) {
			t.Fatalf("line %d is %.20q", want, in.Text())
		}
		read++
	}
	if in.Scan() || read != entries || in.Err() != nil {
		t.Errorf("%d entries of %d, %v, then %.20q", read, entries, in.Err(), in.Text())
	}
	g.ask(c, "NOOP", 200)
	if found := log.lines("op=list"); len(found) != 1 || !strings.Contains(found[0], fmt.Sprint("entries=", entries)) {
		t.Errorf("the listing is reported as %q", found)
	}
	if places.Held() != 0 {
		t.Errorf("%d places are held", places.Held())
	}
}

// A directory whose lines are sent at once takes no place, however many listings hold one.
func TestSmallListingNeedsNoPlace(t *testing.T) {
	t.Parallel()
	ledger := fairshare.New()
	places := streams.Listings(ledger, budget.Default)
	all := places.Request(fairshare.Holder{Tenant: "others"}, places.Capacity()).Lease()
	defer all.Release()
	g := start(t, memory.New(), func(o *ftp.Options) { o.Ledger = ledger })
	c := g.login(ftpclient.Options{})
	for i := range 30 {
		g.put(c, fmt.Sprint("file", i), "x")
	}
	if got := g.list(c, "NLST"); len(got) != 30 {
		t.Errorf("%d names, want 30", len(got))
	}
}

// slowStore lists without an end, and waits after so many entries.
type slowStore struct {
	vfs.Backend
	entries int
	goOn    chan struct{}
}

func (s slowStore) List(_ context.Context, p vfs.Path) iter.Seq2[vfs.Info, error] {
	return func(yield func(vfs.Info, error) bool) {
		if !p.IsRoot() {
			yield(vfs.Info{}, vfs.NewError(vfs.KindNotExist, nil))
			return
		}
		for i := range 2 * s.entries {
			if i == s.entries {
				<-s.goOn
			}
			if !yield(vfs.Info{Name: fmt.Sprint("file", i), Type: vfs.TypeFile}, nil) {
				return
			}
		}
	}
}

// The reply to a listing does not wait until an entry matches its pattern.
func TestReplyBeforeFirstMatch(t *testing.T) {
	t.Parallel()
	store := slowStore{memory.New(), 1500, make(chan struct{})}
	g := start(t, store, nil)
	c := g.login(ftpclient.Options{})
	tr := g.begin(c, "NLST *99") // has the 150
	close(store.goOn)
	content, err := io.ReadAll(tr.Retrieve())
	if names := strings.Fields(string(content)); err != nil || len(names) != 2*store.entries/100 {
		t.Errorf("%d names, %v", len(names), err)
	}
}
