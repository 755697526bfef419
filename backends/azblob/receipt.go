package azblob

import (
	"context"
	"strings"

	"github.com/tidegate/tidegate/vfs"
)

// note notes the receipt of the operation of ctx: the blob called name is as info says.
func (s *store) note(ctx context.Context, name string, info blobInfo) {
	r := vfs.Receipt{URL: s.urlOf(name), ETag: version(info.etag), Type: vfs.TypeFile, Size: info.size}
	if _, known := info.meta.crc(); known {
		r.CRC64 = info.meta.get(metaCRC)
	}
	vfs.NoteReceipt(ctx, r)
}

// noteDir notes the receipt for the directory called name, or for its marker with this
// version.
func (s *store) noteDir(ctx context.Context, name, version string) {
	vfs.NoteReceipt(ctx, vfs.Receipt{URL: s.urlOf(name), ETag: version, Type: vfs.TypeDir})
}

// urlOf returns the URL of a blob without the signature. The SDK also escapes slashes.
func (s *store) urlOf(name string) string {
	u, _, _ := strings.Cut(s.container.NewBlobClient(name).URL(), "?")
	return strings.ReplaceAll(u, "%2F", "/")
}
