package azblob

import (
	"bytes"
	"io"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"

	"github.com/tidegate/tidegate/internal/memory/chunk"
	"github.com/tidegate/tidegate/internal/testing/azstub"
	"github.com/tidegate/tidegate/vfs"
)

// TestStalledRanges: a service that stops sending in the middle of a range, be
// it the one that the client reads or one that is read ahead, is asked again for
// the rest of it.
func TestStalledRanges(t *testing.T) {
	t.Parallel()
	s := azstub.Start(t, azstub.Options{Shape: azstub.Shape{Download: 1 << 20}})
	content := bytes.Repeat([]byte("0123456789"), 100_000)
	if err := s.Place("files", "file", azstub.Blob{Content: content}); err != nil {
		t.Fatal(err)
	}
	odd := func(r *azstub.Request) bool { return r.Seq%2 == 1 }
	s.AddRule(azstub.Rule{Kinds: []azstub.Kind{azstub.GetBlob}, Match: odd, Times: 6, Fault: azstub.Hang(azstub.ResponseBody(-1))})
	cred, err := container.NewSharedKeyCredential(azstub.DevAccount, azstub.DevKey)
	if err != nil {
		t.Fatal(err)
	}
	pool := chunk.New(1 << 20)
	b, err := New(Options{ContainerURL: s.URL() + "/files", SharedKey: cred, Chunks: pool, BlockSize: 64 << 10})
	if err != nil {
		t.Fatal(err)
	}
	b.store.stall = 200 * time.Millisecond // instead of half a minute
	r, err := b.Open(t.Context(), vfs.MustParse("/file"), vfs.OpenOptions{})
	if err != nil {
		t.Fatal(err)
	}
	var got bytes.Buffer
	if _, err := r.(io.WriterTo).WriteTo(&got); err != nil || !bytes.Equal(got.Bytes(), content) {
		t.Errorf("%d bytes, want %d: %v", got.Len(), len(content), err)
	}
	if err := r.Close(); err != nil {
		t.Error(err)
	}
	if err := b.Close(); err != nil {
		t.Error(err)
	}
	if st := pool.Stats(); st.Peak == 0 || st.InUse != 0 {
		t.Errorf("want something read ahead, and nothing left: %+v", st)
	}
}
