package azblob

import (
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"net/http"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/runtime"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"

	"github.com/tidegate/tidegate/vfs"
)

// The service keeps the case of metadata keys and ignores it in comparisons. Programs in
// Python, Java and Go do not ignore it, so that keys of other programs must be sent again in
// their original case. Headers do not show it, because net/http changes the case of their
// names. A listing does.

// ownKey reports whether a key is one of this package, which are lower case.
func ownKey(key string) bool {
	switch strings.ToLower(key) {
	case metaDir, metaTime, metaUpload, metaCRC:
		return true
	}
	return false
}

// foreign reports whether there are keys of other programs.
func (m metadata) foreign() bool {
	for key := range m {
		if !ownKey(key) {
			return true
		}
	}
	return false
}

// spelled returns a clone of the metadata of a blob to send again, with the keys in their
// original case. It takes a request when there are keys of other programs. When the blob
// has changed since info was read, the error is KindConflict.
func (s *store) spelled(ctx context.Context, name string, info blobInfo) (metadata, error) {
	if info.exact || !info.meta.foreign() {
		return info.meta.clone(), nil
	}
	keys := new(listedKeys)
	pager := s.container.NewListBlobsFlatPager(&container.ListBlobsFlatOptions{
		Prefix: to.Ptr(name), MaxResults: to.Ptr[int32](1), Include: container.ListBlobsInclude{Metadata: true},
	})
	for pager.More() {
		page, err := pager.NextPage(keys.under(ctx))
		if err != nil {
			return nil, fail(ctx, err)
		}
		if page.Segment == nil || len(page.Segment.BlobItems) == 0 {
			continue // a page may be empty without being the last
		}
		item := page.Segment.BlobItems[0]
		if item.Name == nil || *item.Name != name || item.Properties == nil || version(item.Properties.ETag) != version(info.etag) {
			break
		}
		info, err = keys.spell(0, info)
		return info.meta, err
	}
	return nil, vfs.NewError(vfs.KindConflict, errors.New("azblob: the blob has changed while its metadata was read"))
}

// spell returns a clone whose foreign keys are those of names.
func (m metadata) spell(names []string) (metadata, error) {
	c := m.clone()
	for key, value := range m {
		if ownKey(key) {
			continue
		}
		delete(c, key)
		found := false
		for _, name := range names {
			if found = strings.EqualFold(name, key); found {
				c[name] = value
				break
			}
		}
		if !found {
			return nil, vfs.NewError(vfs.KindConflict, errors.New("azblob: the listing does not have the metadata key "+key))
		}
	}
	return c, nil
}

// listedKeys are the metadata keys of the blobs of one page, in the order of the blobs.
type listedKeys struct{ blobs [][]string }

type listedKeysKey struct{}

// under returns a context for the request of the page.
func (k *listedKeys) under(ctx context.Context) context.Context {
	return context.WithValue(ctx, listedKeysKey{}, k)
}

// spell returns info, which belongs to blob i of the page, with the keys in their original
// case.
func (k *listedKeys) spell(i int, info blobInfo) (blobInfo, error) {
	if info.exact || !info.meta.foreign() {
		return info, nil
	}
	var names []string
	if i < len(k.blobs) {
		names = k.blobs[i]
	}
	var err error
	info.meta, err = info.meta.spell(names)
	info.exact = err == nil
	return info, err
}

// keyReader reads the keys from the XML of a page, because the SDK makes them lower case.
type keyReader struct{}

func (keyReader) Do(req *policy.Request) (*http.Response, error) {
	resp, err := req.Next()
	keys, ok := req.Raw().Context().Value(listedKeysKey{}).(*listedKeys)
	if !ok || err != nil || resp.StatusCode != http.StatusOK {
		return resp, err
	}
	page, err := runtime.Payload(resp)
	if err != nil {
		return nil, err
	}
	keys.blobs = metadataKeys(page)
	return resp, nil
}

// metadataKeys returns the names of the elements in <Metadata> of each <Blob>. The SDK
// reports errors of the page.
func metadataKeys(page []byte) (blobs [][]string) {
	d := xml.NewDecoder(bytes.NewReader(page))
	depth := 0 // 1 in <Metadata>, which may itself be a key
	for {
		token, err := d.Token()
		if err != nil {
			return blobs
		}
		switch t := token.(type) {
		case xml.StartElement:
			switch {
			case depth == 0 && t.Name.Local == "Blob":
				blobs = append(blobs, nil)
			case depth == 1 && len(blobs) > 0:
				blobs[len(blobs)-1] = append(blobs[len(blobs)-1], t.Name.Local)
			}
			if depth > 0 || t.Name.Local == "Metadata" {
				depth++
			}
		case xml.EndElement:
			depth = max(0, depth-1)
		}
	}
}
