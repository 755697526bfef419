package azblob_test

import (
	"bytes"
	"crypto/md5"
	"fmt"
	"io"
	"net/http"
	"testing"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"

	"github.com/tidegate/tidegate/backends/azblob"
	"github.com/tidegate/tidegate/internal/testing/azstub"
	"github.com/tidegate/tidegate/vfs"
)

// corruptor changes one bit of every body but those of block lists, on the way
// to the service.
type corruptor struct{ http.RoundTripper }

func (c corruptor) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Body == nil || req.Method != http.MethodPut || req.URL.Query().Get("comp") == "blocklist" {
		return c.RoundTripper.RoundTrip(req)
	}
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return nil, err
	}
	if len(body) > 0 {
		body[len(body)/2] ^= 1
	}
	req = req.Clone(req.Context())
	req.Body, req.GetBody = io.NopCloser(bytes.NewReader(body)), nil
	return c.RoundTripper.RoundTrip(req)
}

// TestCorruptUpload: what arrives damaged is not stored, whichever checksum the
// service verifies, and what was there stays.
func TestCorruptUpload(t *testing.T) {
	for _, contentMD5 := range []bool{false, true} {
		for _, size := range []int{1, suiteBlock, 3*suiteBlock + 1} {
			for _, mode := range []vfs.Mode{vfs.ModeReplace, vfs.ModeAppend} {
				t.Run(fmt.Sprintf("MD5 %v, %d bytes, mode %d", contentMD5, size, mode), func(t *testing.T) {
					s := azstub.Start(t, azstub.Options{})
					o := small()
					o.ContentMD5 = contentMD5
					plain := &http.Transport{}
					defer plain.CloseIdleConnections()
					o.Transport = corruptor{plain}
					b := openStub(t, s, o)
					place(t, s, map[string]azstub.Blob{"file": {Content: []byte("old")}})
					_, err := store(t.Context(), b, "/file", vfs.CreateOptions{Mode: mode}, bytes.NewReader(random(size)))
					wantKind(t, err, vfs.KindUnavailable)
					wantContent(t, s, "file", []byte("old"))
				})
			}
		}
	}
}

// TestContentMD5: every way of storing a file as a whole leaves its MD5.
func TestContentMD5(t *testing.T) {
	t.Parallel()
	o := small()
	o.ContentMD5 = true
	onBothWith(t, o, func(t *testing.T, b *azblob.Backend, other *container.Client) {
		for _, mode := range []vfs.Mode{vfs.ModeReplace, vfs.ModeExclusive, vfs.ModeAppend} {
			for _, size := range []int{0, 1, suiteBlock, suiteBlock + 1, 3 * suiteBlock} {
				name, content := fmt.Sprint("file", mode, "-", size), random(size)
				if _, err := store(t.Context(), b, "/"+name, vfs.CreateOptions{Mode: mode}, bytes.NewReader(content)); err != nil {
					t.Fatalf("%s: %v", name, err)
				}
				props, err := other.NewBlobClient(name).GetProperties(t.Context(), nil)
				if err != nil {
					t.Fatal(err)
				}
				if want := md5.Sum(content); !bytes.Equal(props.ContentMD5, want[:]) {
					t.Errorf("%s: MD5 %x, want %x", name, props.ContentMD5, want)
				}
				wantLoad(t, b, "/"+name, string(content))
			}
		}
	})
}
