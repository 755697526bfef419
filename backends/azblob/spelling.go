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

// The service keeps the case of metadata keys and compares without it. Programs
// in Python, Java and Go compare with it, so that whoever sends metadata again must
// send the keys of others as they were. They cannot be had from headers: net/http
// spells those its own way. A listing has them.

// ownKey reports whether a key is one of this package's, which are lower case.
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

// spelled returns the metadata of a blob as a clone, ready to be sent again, with
// the keys as they were given. It takes a request where there are keys of others,
// and else none. The blob must still be as info says: KindConflict.
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
			continue // a page may be empty and yet not the last
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

// listedKeys are the metadata keys of the blobs of one page, in their order.
type listedKeys struct{ blobs [][]string }

type listedKeysKey struct{}

// under returns a context for the request of the page.
func (k *listedKeys) under(ctx context.Context) context.Context {
	return context.WithValue(ctx, listedKeysKey{}, k)
}

// spell returns what the page says of its blob i, with the keys as they were given.
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

// keyReader takes the keys out of a page, as the SDK makes them lower case.
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

// metadataKeys returns the names of the elements in <Metadata> of each <Blob>. What
// is wrong with the page is for the SDK to say.
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
