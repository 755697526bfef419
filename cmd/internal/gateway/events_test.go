package gateway

import (
	"fmt"
	"hash/crc64"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"github.com/tidegate/tidegate/frontends/sftp/sftpclient"
	"github.com/tidegate/tidegate/frontends/sftp/wire"
	"github.com/tidegate/tidegate/internal/notify"
	"github.com/tidegate/tidegate/internal/testing/azstub"
	"github.com/tidegate/tidegate/internal/testing/ftpclient"
	"github.com/tidegate/tidegate/internal/testing/planted"
	"github.com/tidegate/tidegate/vfs/vfstest/patience"
)

// hook is a receiver of events.
type hook struct {
	*httptest.Server
	t *testing.T

	mu     sync.Mutex
	events []notify.Event
	// answer says which status an attempt gets; nil is 204.
	answer func(e notify.Event, attempt int) int
	// attempts counts the requests.
	attempts int
	arrived  chan struct{}
}

func startHook(t *testing.T) *hook {
	h := &hook{t: t, arrived: make(chan struct{}, 10_000)}
	h.Server = httptest.NewServer(h)
	t.Cleanup(h.Close)
	return h
}

func (h *hook) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	v, err := standardwebhooks.NewWebhook(planted.WebhookSecret)
	if err == nil {
		err = v.Verify(body, r.Header)
	}
	var events []notify.Event
	if err == nil {
		events, err = eventsIn(body, r.Header)
	}
	if err != nil {
		h.t.Errorf("%v: %s", err, body)
		return
	}
	h.mu.Lock()
	h.attempts++
	answer, n := h.answer, h.attempts
	h.mu.Unlock()
	status := http.StatusNoContent
	if answer != nil {
		for _, e := range events {
			if s := answer(e, n); s != http.StatusNoContent {
				status = s
			}
		}
	}
	if status == http.StatusNoContent {
		h.mu.Lock()
		h.events = append(h.events, events...)
		h.mu.Unlock()
	}
	w.WriteHeader(status)
	h.arrived <- struct{}{}
}

// setAnswer sets what the next attempts get.
func (h *hook) setAnswer(answer func(e notify.Event, attempt int) int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.answer = answer
}

// take returns the events that have come since the last call.
func (h *hook) take() []notify.Event {
	h.mu.Lock()
	defer h.mu.Unlock()
	all := h.events
	h.events = nil
	return all
}

// block returns a block that sends events to the hook.
func (h *hook) block(more string) string {
	return fmt.Sprintf("\nevent \"webhook\" \"hook\" {\nurl = %q\nsecrets = [%q]\n%s\n}\n", h.URL+"/"+planted.WebhookQuery, planted.WebhookSecret, more)
}

// said returns an event in short: what a table of operations expects.
func said(e notify.Event) string {
	text := strings.TrimSuffix(strings.TrimPrefix(e.Type, "tidegate."), ".v1") + " " + e.Data.Path
	if e.Data.OldPath != "" {
		text += " old " + e.Data.OldPath
	}
	if e.Data.SourcePath != "" {
		text += " from " + e.Data.SourcePath
	}
	if e.Data.ContentLength != nil {
		text += fmt.Sprintf(" %d", *e.Data.ContentLength)
	}
	return text
}

// eventful is an operation that a client does, and the events about it.
type eventful struct {
	name string
	do   func() error
	want []string
}

// Each change over FTP is one event, which the receiver has before the client gets the reply.
// What changes nothing is none.
func TestEventsOverFTP(t *testing.T) {
	h := startHook(t)
	r := startReloadable(t)
	r.reload(h.block(`delivery = "before_reply"`))
	c, err := r.ftpAs("u", "pw")
	if err != nil {
		t.Fatal(err)
	}
	put := func(name, text string) func() error {
		return func() error { return c.Put(name, strings.NewReader(text)) }
	}
	do := func(line string, codes ...int) func() error {
		return func() error { _, err := c.Do(line, codes...); return err }
	}
	h.check(t, "ftp", []eventful{
		{"STOR", put("/a", "1234"), []string{"file.committed /a 4"}},
		{"STOR again", put("/a", "12345"), []string{"file.committed /a 5"}},
		{"STOR of nothing", put("/empty", ""), []string{"file.committed /empty 0"}},
		{"APPE", func() error { return c.Append("/a", strings.NewReader("67")) }, []string{"file.committed /a 7"}},
		{"REST and STOR", func() error { return c.Resume("/a", 7, strings.NewReader("8")) }, []string{"file.committed /a 8"}},
		{"STOR with a relative path, in a new directory", put("in/b", "1"), []string{"file.committed /in/b 1"}},
		{"MKD", do("MKD /dir", 257), []string{"directory.created /dir"}},
		{"MKD again", do("MKD /dir", 550, 521), nil},
		{"RNFR and RNTO", func() error {
			if _, err := c.Do("RNFR /a", 350); err != nil {
				return err
			}
			_, err := c.Do("RNTO /dir/a", 250)
			return err
		}, []string{"file.renamed /dir/a old /a 8"}},
		{"RNFR and RNTO of a directory", func() error {
			if _, err := c.Do("RNFR /dir", 350); err != nil {
				return err
			}
			_, err := c.Do("RNTO /other", 250)
			return err
		}, []string{"directory.renamed /other old /dir"}},
		{"RMD of a directory that is not empty", do("RMD /other", 550), nil},
		{"DELE", do("DELE /other/a", 250), []string{"file.deleted /other/a 8"}},
		{"DELE of nothing", do("DELE /none", 550), nil},
		{"RMD", do("RMD /other", 250), []string{"directory.deleted /other"}},
		{"RETR", func() error { _, err := c.Get("/in/b", 0, io.Discard); return err }, nil},
		{"MLSD", func() error { _, err := c.MLSD("/"); return err }, nil},
		{"MFMT", do("MFMT 20260101000000 /in/b", 213), nil},
		{"an aborted STOR", func() error {
			transfer, err := c.Transfer("STOR /aborted", 0)
			if err != nil {
				return err
			}
			defer transfer.Close()
			if _, err := io.WriteString(transfer, "half"); err != nil {
				return err
			}
			_, err = transfer.Abort(ftpclient.AbortPlain)
			return err
		}, nil},
		{"an upload shorter than ALLO", func() error {
			if _, err := c.Do("ALLO 100", 200, 202); err != nil {
				return err
			}
			if err := c.Put("/short", strings.NewReader("short")); err == nil {
				return fmt.Errorf("it is stored")
			}
			return nil
		}, nil},
	})
}

// The same over SFTP, to a receiver that gets batches.
func TestEventsOverSFTP(t *testing.T) {
	h := startHook(t)
	r := startReloadable(t)
	r.reload(h.block("delivery = \"before_reply\"\nbatch = 100"))
	c, err := r.sftpAs("u", "pw")
	if err != nil {
		t.Fatal(err)
	}
	put := func(name, text string) func() error {
		return func() error {
			f, err := c.Create(name)
			if err != nil {
				return err
			}
			if _, err := io.WriteString(f, text); err != nil {
				return err
			}
			return f.Close()
		}
	}
	fails := func(do func() error) func() error {
		return func() error {
			if do() == nil {
				return fmt.Errorf("it succeeds")
			}
			return nil
		}
	}
	h.check(t, "sftp", []eventful{
		{"CLOSE", put("/a", "1234"), []string{"file.committed /a 4"}},
		{"CLOSE of nothing", put("/empty", ""), []string{"file.committed /empty 0"}},
		{"fsync, more, CLOSE", func() error {
			f, err := c.Create("/synced")
			if err != nil {
				return err
			}
			if _, err := io.WriteString(f, "12"); err != nil {
				return err
			}
			if err := f.Sync(); err != nil {
				return err
			}
			if _, err := io.WriteString(f, "3"); err != nil {
				return err
			}
			return f.Close()
		}, []string{"file.committed /synced 2", "file.committed /synced 3"}},
		{"copy-data", func() error { return copyData(r, "/a", "/copied") }, []string{"file.committed /copied from /a 4"}},
		{"MKDIR", func() error { return c.Mkdir("/dir") }, []string{"directory.created /dir"}},
		{"MKDIR again", fails(func() error { return c.Mkdir("/dir") }), nil},
		{"RENAME", func() error { return c.Rename("/a", "/dir/a") }, []string{"file.renamed /dir/a old /a 4"}},
		{"posix-rename", func() error { return c.PosixRename("/dir/a", "/empty") }, []string{"file.renamed /empty old /dir/a 4"}},
		{"RENAME of a directory", func() error { return c.Rename("/dir", "/other") }, []string{"directory.renamed /other old /dir"}},
		{"REMOVE", func() error { return c.Remove("/empty") }, []string{"file.deleted /empty 4"}},
		{"RMDIR", func() error { return c.RemoveDirectory("/other") }, []string{"directory.deleted /other"}},
		{"STAT", func() error { _, err := c.Stat("/synced"); return err }, nil},
		{"READDIR", func() error { _, err := c.ReadDir("/"); return err }, nil},
		{"OPEN of what is not there", fails(func() error { _, err := c.Open("/none"); return err }), nil},
		{"an upload with a hole", fails(func() error {
			f, err := c.Create("/hole")
			if err != nil {
				return nil //nolint:nilerr // which is another failure
			}
			if _, err := f.WriteAt([]byte("x"), 100); err != nil {
				return err
			}
			return f.Close()
		}), nil},
	})
}

// copyData copies a whole file with copy-data.
func copyData(r *reloadable, from, to string) error {
	c, err := sftpclient.Open(r.sftpClient())
	if err != nil {
		return err
	}
	defer c.Close()
	open := func(path string, flags uint32) ([]byte, error) {
		p, err := c.Ask(wire.TypeOpen, slices.Concat(sftpclient.String(path), sftpclient.Uint32(flags), sftpclient.Uint32(0)))
		if err != nil || p.Kind != wire.TypeHandle {
			return nil, fmt.Errorf("OPEN %s: %v, %w", path, p, err)
		}
		return sftpclient.String(p.String(0)), nil
	}
	source, err := open(from, 1)
	if err != nil {
		return err
	}
	target, err := open(to, 2|8|16)
	if err != nil {
		return err
	}
	for _, ask := range []struct {
		kind wire.Type
		body []byte
	}{
		{wire.TypeExtended, slices.Concat(sftpclient.String("copy-data"), source, sftpclient.Uint64(0), sftpclient.Uint64(0), target, sftpclient.Uint64(0))},
		{wire.TypeClose, target},
		{wire.TypeClose, source},
	} {
		p, err := c.Ask(ask.kind, ask.body)
		if err != nil {
			return err
		}
		if code, text := p.Status(); code != 0 {
			return fmt.Errorf("%v: %d %s", ask.kind, code, text)
		}
	}
	return nil
}

// check does the operations one after the other. The events about each have come when it
// has returned.
func (h *hook) check(t *testing.T, protocol string, operations []eventful) {
	t.Helper()
	ids := map[string]bool{}
	for _, o := range operations {
		if err := o.do(); err != nil {
			t.Fatalf("%s: %v", o.name, err)
		}
		var got []string
		for _, e := range h.take() {
			got = append(got, said(e))
			if e.Data.Protocol != protocol || e.Data.Tenant != "acme" || e.Data.User != "u" || e.Data.ClientIP != "127.0.0.1" || e.Data.Session == "" || e.Subject != e.Data.Path || ids[e.ID] {
				t.Errorf("%s: %+v", o.name, e)
			}
			ids[e.ID] = true
		}
		if !slices.Equal(got, o.want) {
			t.Errorf("%s: the events are %q, want %q", o.name, got, o.want)
		}
	}
	if h.attempts != len(ids) {
		t.Errorf("%d requests for %d events", h.attempts, len(ids))
	}
}

// A receiver that refuses events does not change the reply, and a reload sends what is queued
// to another one.
func TestEventsOfFailingReceiver(t *testing.T) {
	h := startHook(t)
	h.setAnswer(func(notify.Event, int) int { return http.StatusServiceUnavailable })
	r := startReloadable(t)
	r.reload(h.block("delivery = \"before_reply\"\nwait = \"100ms\""))
	c, err := r.ftpAs("u", "pw")
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{"1", "12", "123"} {
		if err := c.Put("/a", strings.NewReader(text)); err != nil {
			t.Fatal(err)
		}
	}
	next := startHook(t)
	r.reload(next.block(`delivery = "best_effort"`))
	var got []string
	for len(got) < 3 {
		select {
		case <-next.arrived:
			for _, e := range next.take() {
				got = append(got, said(e))
			}
		case <-time.After(patience.Limit()):
			t.Fatalf("got %v", got)
		}
	}
	if want := []string{"file.committed /a 1", "file.committed /a 2", "file.committed /a 3"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if late := r.observe.Metrics.Sum("tidegate_event_late_total"); late != 3 {
		t.Errorf("%v replies did not wait long enough, want 3", late)
	}
}

// A stop delivers the events that are queued.
func TestEventsAtStop(t *testing.T) {
	h := startHook(t)
	held := make(chan struct{})
	h.setAnswer(func(notify.Event, int) int { <-held; return http.StatusNoContent })
	t.Run("serve", func(t *testing.T) {
		r := startReloadable(t)
		r.reload(h.block(""))
		c, err := r.sftpAs("u", "pw")
		if err != nil {
			t.Fatal(err)
		}
		for i := range 20 {
			f, err := c.Create(fmt.Sprintf("/f%d", i))
			if err != nil {
				t.Fatal(err)
			}
			if err := f.Close(); err != nil {
				t.Fatal(err)
			}
		}
		close(held)
	})
	if n := len(h.take()); n != 20 {
		t.Errorf("%d events have come, want 20", n)
	}
}

// What the store has is in the event, and the request that committed it leads to the same
// session.
func TestEventsOfBlobs(t *testing.T) {
	stub := azstub.Start(t, azstub.Options{})
	stub.CreateContainer("files")
	h := startHook(t)
	r := startReloadable(t)
	r.reload(h.block(`delivery = "before_reply"`), `backend "memory" "a" {}`, fmt.Sprintf(`
		backend "azblob" "a" {
		  endpoint  = %q
		  container = "files"
		  auth "shared_key" { key = %q }
		}`, stub.URL(), azstub.DevKey), "backend.memory.a", "backend.azblob.a")
	overFTP, err := r.ftpAs("u", "pw")
	if err != nil {
		t.Fatal(err)
	}
	overSFTP, err := r.sftpAs("u", "pw")
	if err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct {
		name string
		do   func() error
	}{
		{"upload over FTP", func() error { return overFTP.Put("/a b", strings.NewReader("1234")) }},
		{"append over FTP", func() error { return overFTP.Append("/a b", strings.NewReader("56")) }},
		{"upload over SFTP", func() error {
			f, err := overSFTP.Create("/a b")
			if err != nil {
				return err
			}
			if _, err := io.WriteString(f, "123456789"); err != nil {
				return err
			}
			return f.Close()
		}},
	} {
		before := stub.Seq()
		if err := step.do(); err != nil {
			t.Fatalf("%s: %v", step.name, err)
		}
		events := h.take()
		if len(events) != 1 {
			t.Fatalf("%s: %d events", step.name, len(events))
		}
		d := events[0].Data
		b, _ := stub.Blob("files", "a b")
		sum := crc64.New(crc64.MakeTable(0x9a6c9329ac4bc9b5))
		_, _ = sum.Write(b.Content)
		if want := fmt.Sprintf("%016x", sum.Sum64()); d.CRC64 != want || d.ETag != strings.Trim(b.ETag, `"`) || !strings.HasSuffix(d.URL, "/files/a%20b") || *d.ContentLength != int64(len(b.Content)) {
			t.Errorf("%s: %+v, want %s and %s", step.name, d, want, b.ETag)
		}
		for _, request := range stub.Requests(before) {
			if id := request.Header.Get("x-ms-client-request-id"); !strings.HasPrefix(id, d.Session+"-") {
				t.Errorf("%s: %v has the id %s, the session is %s", step.name, request.Kind, id, d.Session)
			}
		}
	}
}

// A receiver that dies while it has an event gets it again, with the same ID, and the reply
// waits until then.
func TestEventsOfDyingReceiver(t *testing.T) {
	h := startHook(t)
	var ids []string
	h.setAnswer(func(e notify.Event, attempt int) int {
		h.mu.Lock()
		ids = append(ids, e.ID)
		h.mu.Unlock()
		if attempt == 1 {
			panic(http.ErrAbortHandler)
		}
		return http.StatusNoContent
	})
	r := startReloadable(t)
	r.reload(h.block(`delivery = "before_reply"`))
	c, err := r.ftpAs("u", "pw")
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Put("/a", strings.NewReader("1")); err != nil {
		t.Fatal(err)
	}
	if got := h.take(); len(got) != 1 || len(ids) != 2 || ids[0] != ids[1] {
		t.Errorf("%d events, attempts %v", len(got), ids)
	}
}
