package azblob_test

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/tidegate/tidegate/internal/session"
	"github.com/tidegate/tidegate/internal/testing/azstub"
	"github.com/tidegate/tidegate/vfs"
)

// Every request has an id of its own that begins with the session, or with the backend's name
// where no client has caused it. The attempts of a request have the same id.
func TestRequestIDs(t *testing.T) {
	s := azstub.Start(t, azstub.Options{})
	s.CreateContainer(testContainer)
	o := small()
	o.Name = "ingest"
	b := openStub(t, s, o)
	background := s.Seq()
	for _, r := range s.Requests(0) {
		if id := r.Header.Get("x-ms-client-request-id"); r.Kind != azstub.CreateContainer && !strings.HasPrefix(id, "ingest-") {
			t.Errorf("%v before any session has the id %q", r.Kind, id)
		}
	}
	client := session.New("ftp", "ftp.test", netip.AddrPort{})
	ctx := session.NewContext(t.Context(), client)
	s.AddRule(azstub.Rule{Kinds: []azstub.Kind{azstub.PutBlockList}, Times: 1, Fault: azstub.ServerBusy()})
	if _, err := store(ctx, b, "/a", vfs.CreateOptions{}, zeros(5*suiteBlock)); err != nil {
		t.Fatal(err)
	}
	if err := b.Rename(ctx, vfs.MustParse("/a"), vfs.MustParse("/b"), vfs.RenameOptions{}); err != nil {
		t.Fatal(err)
	}
	commits, seen := map[string]int{}, map[string]azstub.Kind{}
	for _, r := range s.Requests(background) {
		id := r.Header.Get("x-ms-client-request-id")
		if !strings.HasPrefix(id, client.ID+"-") || len(id) > 20 {
			t.Errorf("%v has the id %q, the session is %s", r.Kind, id, client.ID)
		}
		if r.Kind == azstub.PutBlockList {
			commits[id]++
			continue
		}
		if other, ok := seen[id]; ok {
			t.Errorf("%v and %v have the same id", other, r.Kind)
		}
		seen[id] = r.Kind
	}
	if len(commits) != 1 {
		t.Errorf("the attempts of a commit have the ids %v, want one", commits)
	}
	for id, n := range commits {
		if n != 2 {
			t.Errorf("%d attempts have the id %s, want 2", n, id)
		}
	}
}
