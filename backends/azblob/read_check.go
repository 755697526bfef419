package azblob

import (
	"bytes"
	"context"
	"crypto/md5"
	"errors"
	"hash"
	"io"

	"github.com/tidegate/tidegate/vfs"
)

// openChecked opens a blob whose content the caller stores again: damage in an answer would
// become permanent. When the blob is read from its start and has a Content-MD5, as
// after a Put Blob, reading damaged content ends with KindUnavailable instead of io.EOF.
func (b *Backend) openChecked(ctx context.Context, name string, o vfs.OpenOptions) (io.ReadCloser, error) {
	r, err := b.openBlob(ctx, name, o)
	if err != nil || o.Offset > 0 || len(r.md5) == 0 {
		return r, err
	}
	return &checkedReader{r, md5.New()}, nil
}

type checkedReader struct {
	r   *reader
	sum hash.Hash
}

var errCorrupt = errors.New("azblob: what was read does not have the blob's Content-MD5")

func (c *checkedReader) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.sum.Write(p[:n])
	if err == io.EOF && !bytes.Equal(c.sum.Sum(nil), c.r.md5) { //nolint:errorlint // io.Reader's end is the bare value
		err = vfs.NewError(vfs.KindUnavailable, errCorrupt)
	}
	return n, err
}

func (c *checkedReader) Close() error { return c.r.Close() }
