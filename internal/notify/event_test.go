package notify

import (
	"context"
	"errors"
	"net/netip"
	"testing"
	"time"

	cloudevents "github.com/cloudevents/sdk-go/v2/event"
	"github.com/google/go-cmp/cmp"

	"github.com/tidegate/tidegate/internal/session"
	"github.com/tidegate/tidegate/vfs"
)

// Each change is one event that the SDK of CloudEvents accepts.
func TestEvents(t *testing.T) {
	s := session.New("sftp", "sftp.test", netip.MustParseAddrPort("[2001:db8::1]:4711"))
	s.Login(session.User{Tenant: "con toso", Name: "camera-01"})
	ctx := session.NewContext(context.Background(), s)
	at := time.Date(2026, 11, 29, 12, 0, 0, 5e6, time.FixedZone("", 3600))
	for _, test := range []struct {
		event                   vfs.Event
		kind, path, old, source string
		size                    bool
	}{
		{event("write", "/in/ä b.csv", "", vfs.TypeFile), "tidegate.file.committed.v1", "/root/in/ä b.csv", "", "", true},
		{event("copy", "/a", "/b", vfs.TypeFile), "tidegate.file.committed.v1", "/root/b", "", "/root/a", true},
		{event("rename", "/a", "/b", vfs.TypeFile), "tidegate.file.renamed.v1", "/root/b", "/root/a", "", true},
		{event("rename", "/a", "/b", vfs.TypeDir), "tidegate.directory.renamed.v1", "/root/b", "/root/a", "", false},
		{event("remove", "/a", "", vfs.TypeFile), "tidegate.file.deleted.v1", "/root/a", "", "", true},
		{event("remove", "/a", "", vfs.TypeDir), "tidegate.directory.deleted.v1", "/root/a", "", "", false},
		{event("mkdir", "/a", "", vfs.TypeDir), "tidegate.directory.created.v1", "/root/a", "", "", false},
	} {
		test.event.Root = vfs.MustParse("/root")
		c, ok := changeOf(ctx, test.event, "node-1", at)
		if !ok {
			t.Fatalf("%s: no event", test.kind)
		}
		var e cloudevents.Event
		if err := e.UnmarshalJSON(c.encode()); err != nil {
			t.Fatal(err)
		}
		if err := e.Validate(); err != nil {
			t.Errorf("%s: %v", test.kind, err)
		}
		if e.Type() != test.kind || e.Subject() != test.path || e.Source() != "/tidegate/con%20toso/memory.m" || e.ID() != c.ID || !e.Time().Equal(at) {
			t.Errorf("got %v", e)
		}
		var got Data
		if err := e.DataAs(&got); err != nil {
			t.Fatal(err)
		}
		want := Data{
			Operation: test.event.Op, Tenant: "con toso", User: "camera-01", Protocol: "sftp", ClientIP: "2001:db8::1", ClientPort: 4711,
			Session: s.ID, Node: "node-1", Backend: "memory.m", Path: test.path, OldPath: test.old, SourcePath: test.source,
		}
		if test.size {
			size := int64(3)
			want.ContentLength = &size
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%s (-want +got):\n%s", test.kind, d)
		}
	}
}

// Nobody hears of what has changed nothing.
func TestNoEvents(t *testing.T) {
	failed := event("write", "/a", "", vfs.TypeFile)
	failed.Err = errors.New("aborted")
	for _, e := range []vfs.Event{failed, event("read", "/a", "", vfs.TypeFile), event("list", "/a", "", vfs.TypeDir), event("stat", "/a", "", vfs.TypeFile), event("settime", "/a", "", vfs.TypeFile)} {
		if c, ok := changeOf(context.Background(), e, "", time.Now()); ok {
			t.Errorf("%s: %v", e.Op, c.Event)
		}
	}
}
