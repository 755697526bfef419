package requests

import (
	"fmt"
	"io/fs"
	"slices"
	"testing"
	"time"

	"github.com/tidegate/tidegate/frontends/sftp/sftpclient"
	"github.com/tidegate/tidegate/frontends/sftp/wire"
	"github.com/tidegate/tidegate/internal/testing/azstub"
	"github.com/tidegate/tidegate/vfs/vfstest/patience"
)

// Requests of one SFTP session that only look are answered side by side: 64 of them
// that a client sends without waiting cost three round trips to the store at most.
// Those that change names keep their order.
func TestPipelinedLooks(t *testing.T) {
	s := azstub.Start(t, azstub.Options{Shape: azstub.Shape{Latency: patience.Scale(100 * time.Millisecond)}})
	s.CreateContainer(stubFiles)
	for i := range 16 {
		if err := s.Place(stubFiles, fmt.Sprintf("tenant/f%d", i), azstub.Blob{Content: []byte("x")}); err != nil {
			t.Fatal(err)
		}
	}
	talk, err := sftpclient.Open(dialSFTP(t, &stubContainer{s}).ssh)
	if err != nil {
		t.Fatal(err)
	}
	seq := s.Seq()
	const n = 64
	for i := range n {
		kind := []wire.Type{wire.TypeStat, wire.TypeLstat, wire.TypeStat, wire.TypeRealpath}[i%4]
		if _, err := talk.Request(kind, sftpclient.String(fmt.Sprintf("/f%d", i%16))); err != nil {
			t.Fatal(err)
		}
	}
	for range n {
		if p, err := talk.Receive(); err != nil || p.Kind != wire.TypeAttrs && p.Kind != wire.TypeName {
			t.Fatalf("%+v, %v", p, err)
		}
	}
	if got := azstub.Trips(s.Requests(seq)); got > 3 {
		t.Errorf("%d requests that only look take %d round trips, want 3 at most", n, got)
	}
	// A name that is made, changed, moved and looked at, without waiting.
	name, other := sftpclient.String("/new"), sftpclient.String("/moved")
	for _, r := range []struct {
		kind wire.Type
		body []byte
	}{
		{wire.TypeMkdir, slices.Concat(name, sftpclient.Uint32(0))},
		{wire.TypeStat, name},
		{wire.TypeRmdir, name},
		{wire.TypeStat, name},
		{wire.TypeRename, slices.Concat(sftpclient.String("/f1"), other)},
		{wire.TypeStat, other},
	} {
		if _, err := talk.Request(r.kind, r.body); err != nil {
			t.Fatal(err)
		}
	}
	for i, want := range []string{"OK", "ATTRS", "OK", "NO_SUCH_FILE", "OK", "ATTRS"} {
		p, err := talk.Receive()
		if err != nil {
			t.Fatal(err)
		}
		got := p.Kind.String()
		if code, _ := p.Status(); p.Kind == wire.TypeStatus {
			got = wire.Code(code).String()
		}
		if got != want {
			t.Errorf("answer %d: %s, want %s", i, got, want)
		}
	}
	if _, found := s.Blob(stubFiles, "tenant/moved"); !found {
		t.Error(fs.ErrNotExist)
	}
}
