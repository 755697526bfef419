package azblob_test

import (
	"bytes"
	"context"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/sas"

	"github.com/tidegate/tidegate/backends/azblob"
	"github.com/tidegate/tidegate/internal/testing/azstub"
	"github.com/tidegate/tidegate/vfs"
)

// signedStub returns the container of a stub, opened with a SAS.
func signedStub(t *testing.T, s *azstub.Server, o azblob.Options) *azblob.Backend {
	t.Helper()
	s.CreateContainer(testContainer)
	o.ContainerURL, o.Retry = s.URL()+"/"+testContainer, quick()
	key, err := container.NewSharedKeyCredential(azstub.DevAccount, azstub.DevKey)
	if err != nil {
		t.Fatal(err)
	}
	c, err := container.NewClientWithSharedKeyCredential(o.ContainerURL, key, nil)
	if err != nil {
		t.Fatal(err)
	}
	may := sas.ContainerPermissions{Read: true, Add: true, Create: true, Write: true, Delete: true, List: true}
	o.ContainerURL, err = c.GetSASURL(may, time.Date(2099, 1, 1, 0, 0, 0, 0, time.UTC), nil)
	if err != nil {
		t.Fatal(err)
	}
	b, err := azblob.New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = b.Close() })
	return b
}

// The receipt of each change is what the service has afterwards: URL without the signature,
// ETag, size, and the CRC of the whole content, also when the answer to the commit was lost.
// No request is sent for it: TestRequests counts them.
func TestReceipts(t *testing.T) {
	s := azstub.Start(t, azstub.Options{})
	var last vfs.Event
	v, err := vfs.NewView(vfs.ViewOptions{Mounts: []vfs.Mount{{Backend: signedStub(t, s, small())}}, Allow: vfs.PermAll})
	if err != nil {
		t.Fatal(err)
	}
	v = v.Observed(func(_ context.Context, e vfs.Event) { last = e })
	path := vfs.MustParse
	write := func(name string, size int, o vfs.CreateOptions, prepared bool) error {
		w, err := v.Create(t.Context(), path(name), o)
		if err != nil {
			return err
		}
		defer w.Abort()
		if _, err := w.(io.ReaderFrom).ReadFrom(bytes.NewReader(random(size))); err != nil {
			return err
		}
		if prepared {
			w.(vfs.Preparer).Prepare(t.Context(), vfs.CommitOptions{})
		}
		_, err = w.Commit(t.Context(), vfs.CommitOptions{})
		return err
	}
	lost := func(kind azstub.Kind) {
		s.AddRule(azstub.Rule{Kinds: []azstub.Kind{kind}, Times: 1, Fault: azstub.LostAnswer()})
	}
	var removed azstub.Blob
	for _, step := range []struct {
		name, blob string
		do         func() error
		noCRC      bool
	}{
		{"one block", "a b", func() error { return write("/a b", 1000, vfs.CreateOptions{}, false) }, false},
		{"prepared", "a b", func() error { return write("/a b", 999, vfs.CreateOptions{}, true) }, false},
		{"blocks", "ä", func() error { return write("/ä", 3*suiteBlock+1, vfs.CreateOptions{}, false) }, false},
		{"append", "ä", func() error { return write("/ä", 10, vfs.CreateOptions{Mode: vfs.ModeAppend}, false) }, false},
		{"append of nothing", "ä", func() error { return write("/ä", 0, vfs.CreateOptions{Mode: vfs.ModeAppend}, false) }, false},
		{"resume", "ä", func() error {
			return write("/ä", 10, vfs.CreateOptions{Mode: vfs.ModeResume, Offset: 3*suiteBlock + 11}, true)
		}, false},
		{"lost answer", "l", func() error { lost(azstub.PutBlob); return write("/l", 1000, vfs.CreateOptions{}, false) }, false},
		{"append to another program's blob", "theirs", func() error {
			place(t, s, map[string]azstub.Blob{"theirs": *blocksOf(random(1000), 100, false)})
			return write("/theirs", 10, vfs.CreateOptions{Mode: vfs.ModeAppend}, false)
		}, true},
		{"copy", "c", func() error { _, err := v.Copy(t.Context(), path("/ä"), path("/c"), vfs.CopyOptions{}); return err }, false},
		{"copy onto itself", "c", func() error { _, err := v.Copy(t.Context(), path("/c"), path("/c"), vfs.CopyOptions{}); return err }, false},
		{"rename", "d/e?f", func() error { return v.Rename(t.Context(), path("/c"), path("/d/e?f"), vfs.RenameOptions{}) }, false},
		{"time", "d/e?f", func() error { return v.SetModTime(t.Context(), path("/d/e?f"), time.Unix(1e9, 0)) }, false},
		{"remove", "", func() error {
			removed, _ = s.Blob(testContainer, "d/e?f")
			return v.Remove(t.Context(), path("/d/e?f"), vfs.TypeFile)
		}, false},
	} {
		if err := step.do(); err != nil {
			t.Fatalf("%s: %v", step.name, err)
		}
		blob, there := s.Blob(testContainer, step.blob)
		if step.blob == "" {
			blob, there = removed, true
		}
		if last.Receipt == nil || !there {
			t.Fatalf("%s: receipt %v, blob %v", step.name, last.Receipt, there)
		}
		want := vfs.Receipt{
			URL:  s.URL() + "/" + testContainer + "/" + map[string]string{"ä": "%C3%A4", "a b": "a%20b", "d/e?f": "d/e%3Ff", "": "d/e%3Ff"}[step.blob],
			ETag: strings.Trim(blob.ETag, `"`), CRC64: crcText(blob.Content), Type: vfs.TypeFile, Size: int64(len(blob.Content)),
		}
		if strings.HasSuffix(want.URL, "/") {
			want.URL += step.blob
		}
		if step.noCRC {
			want.CRC64 = ""
		}
		if *last.Receipt != want {
			t.Errorf("%s: receipt\n%+v, want\n%+v", step.name, *last.Receipt, want)
		}
	}
}

// Directories have the URL of what stands for them, and their marker's ETag.
func TestReceiptsOfDirectories(t *testing.T) {
	s := azstub.Start(t, azstub.Options{})
	var last vfs.Event
	v, err := vfs.NewView(vfs.ViewOptions{Mounts: []vfs.Mount{{Backend: openStub(t, s, small())}}, Allow: vfs.PermAll})
	if err != nil {
		t.Fatal(err)
	}
	v = v.Observed(func(_ context.Context, e vfs.Event) { last = e })
	want := func(name, etag string, err error) {
		t.Helper()
		want := vfs.Receipt{URL: s.URL() + "/" + testContainer + "/" + name, ETag: strings.Trim(etag, `"`), Type: vfs.TypeDir}
		if err != nil || last.Receipt == nil || *last.Receipt != want {
			t.Errorf("%v: receipt %+v, want %+v", err, last.Receipt, want)
		}
	}
	err = v.Mkdir(t.Context(), vfs.MustParse("/d"))
	marker, _ := s.Blob(testContainer, "d")
	want("d", marker.ETag, err)
	want("e", "", v.Rename(t.Context(), vfs.MustParse("/d"), vfs.MustParse("/e"), vfs.RenameOptions{}))
	want("e", "", v.Remove(t.Context(), vfs.MustParse("/e"), vfs.TypeDir))
}
