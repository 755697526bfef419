package azstub

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"net/http"
)

// BlockBlob is the type of the blobs that the stub makes.
const BlockBlob = "BlockBlob"

// mayWrite reports whether the request may replace or change what is kept under
// a name: lease, pending copy, tier and immutability. The caller holds srv.mu.
func (c *call) mayWrite(b *blob) error {
	if err := c.leaseNeeded(b); err != nil {
		return err
	}
	switch v := b.current; {
	case v == nil:
		return nil
	case v.directory:
		return errOnDirectory
	case v.copied.pending():
		return errPendingCopy
	case v.tier == "Archive":
		return errBlobArchived
	}
	return b.protected()
}

// mayReplace reports whether the request may put a version of the given type in
// the place of what is kept under a name: the type of a blob cannot be changed.
// The caller holds srv.mu.
func (c *call) mayReplace(b *blob, blobType string) error {
	if b.current != nil && b.current.blobType != blobType {
		return errInvalidBlobType
	}
	return c.mayWrite(b)
}

// store makes v the content of the blob that the request names, if the
// conditions and the state of the blob allow it.
func (c *call) store(cond conditions, v *version) (*answer, error) {
	s := c.srv
	s.mu.Lock()
	defer s.mu.Unlock()
	ctr, err := s.container(c.target.container)
	if err != nil {
		return nil, err
	}
	if b := ctr.blob(c.target.blob); b != nil {
		// With If-None-Match: * Put Blob finds a name taken that has nothing
		// but uncommitted blocks; Azurite was seen to do so.
		if err := cond.create(b.current, b.uncommitted != nil); err != nil {
			return nil, err
		}
		if err := c.mayReplace(b, v.blobType); err != nil {
			return nil, err
		}
	} else if err := cond.create(nil, false); err != nil {
		return nil, err
	} else if c.http.Header.Get("x-ms-lease-id") != "" {
		return nil, errLeaseNotPresentBlob
	}
	if err := s.put(ctr, c.target.blob, c.caller(), v); err != nil {
		return nil, err
	}
	ans := reply(http.StatusCreated)
	setVersion(ans.header, v)
	ans.header.Set("x-ms-request-server-encrypted", "true")
	return ans, nil
}

// putBlob is Put Blob.
func (c *call) putBlob() (*answer, error) {
	h := c.http.Header
	if t := h.Get("x-ms-blob-type"); t == "" {
		return nil, errMissingHeader
	} else if t != BlockBlob {
		return nil, errNotImplemented
	}
	cond, err := conditionsOf(h, "")
	if err != nil {
		return nil, err
	}
	v, err := c.newVersion()
	if err != nil {
		return nil, err
	}
	if v.headers.ContentType == "" {
		v.headers.ContentType = h.Get("Content-Type")
	}
	// Of a Put Blob x-ms-blob-content-md5 is verified like Content-MD5.
	if v.headers.ContentMD5 != nil && h.Get("x-ms-content-crc64") != "" {
		return nil, errBothBlobSums
	}
	body, err := c.receive(c.srv.opts.Limits.PutBlobSize, true)
	if err != nil {
		return nil, err
	}
	if want := v.headers.ContentMD5; want != nil && body.md5 != nil && !bytes.Equal(want, body.md5) {
		return nil, errMd5Mismatch
	}
	if v.headers.ContentMD5 == nil {
		v.headers.ContentMD5 = body.md5
	}
	v.content = body.content
	ans, err := c.store(cond, v)
	if err != nil {
		return nil, err
	}
	setSums(ans.header, body)
	return ans, nil
}

// newVersion takes everything but the content from the headers of a request
// that makes a blob.
func (c *call) newVersion() (*version, error) {
	h := c.http.Header
	v := &version{blobType: BlockBlob}
	var err error
	if v.headers, err = headersOf(h); err != nil {
		return nil, err
	}
	if v.metadata, err = c.metadata(); err != nil {
		return nil, err
	}
	if v.tags, err = tagsOf(h); err != nil {
		return nil, err
	}
	v.tier, err = tierOf(h)
	return v, err
}

// headBlob is Get Blob Properties. It also answers for archived blobs.
func (c *call) headBlob() (*answer, error) {
	b, v, err := c.look()
	if err != nil {
		return nil, err
	}
	ans := reply(http.StatusOK)
	c.describe(ans.header, b, v)
	ans.length = v.content.size
	if md5 := v.headers.ContentMD5; md5 != nil {
		ans.header.Set("Content-MD5", base64.StdEncoding.EncodeToString(md5))
	}
	return ans, nil
}

// look finds what a reading request sees, checks its conditions and lets a
// pending copy advance. It returns copies that may be used without the lock.
func (c *call) look() (*blob, *version, error) {
	cond, err := conditionsOf(c.http.Header, "")
	if err != nil {
		return nil, nil, err
	}
	s := c.srv
	s.mu.Lock()
	defer s.mu.Unlock()
	b, v, err := s.version(c.target, c.query.Get("snapshot"))
	if err != nil {
		return nil, nil, err
	}
	if c.rec.Kind == HeadBlob && c.query.Get("snapshot") == "" {
		v = s.poll(b)
	}
	if err := cond.read(v); err != nil {
		return nil, nil, err
	}
	if err := c.leaseGiven(b); err != nil {
		return nil, nil, err
	}
	seen := *b
	return &seen, v, nil
}

// getBlob is Get Blob.
func (c *call) getBlob() (*answer, error) {
	if c.http.Header.Get("x-ms-structured-body") != "" {
		return nil, errUnsupportedHeader
	}
	b, v, err := c.look()
	if err != nil {
		return nil, err
	}
	if v.tier == "Archive" {
		return nil, errBlobArchived
	}
	size := v.content.size
	off, n, ranged, err := rangeOf(c.http.Header, size)
	if err != nil {
		return nil, err
	}
	ans := reply(http.StatusOK)
	c.describe(ans.header, b, v)
	md5Header := "Content-MD5"
	if ranged {
		ans.status = http.StatusPartialContent
		ans.header.Set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", off, off+n-1, size))
		md5Header = "x-ms-blob-content-md5"
	}
	if md5 := v.headers.ContentMD5; md5 != nil {
		ans.header.Set(md5Header, base64.StdEncoding.EncodeToString(md5))
	}
	ans.body = v.content.slice(off, n)
	return ans, c.rangeSums(ans, ranged)
}

// deleteBlob is Delete Blob, of a blob or of one of its snapshots.
func (c *call) deleteBlob() (*answer, error) {
	cond, err := conditionsOf(c.http.Header, "")
	if err != nil {
		return nil, err
	}
	s := c.srv
	s.mu.Lock()
	defer s.mu.Unlock()
	ctr, err := s.container(c.target.container)
	if err != nil {
		return nil, err
	}
	if id := c.query.Get("snapshot"); id != "" {
		return reply(http.StatusAccepted), c.deleteSnapshot(ctr, id)
	}
	b := ctr.blob(c.target.blob)
	if b == nil {
		return nil, errBlobNotFound
	}
	if err := cond.write(b.current); err != nil {
		return nil, err
	}
	if err := c.leaseNeeded(b); err != nil {
		return nil, err
	}
	if b.current != nil && b.current.copied.pending() {
		return nil, errPendingCopy
	}
	if err := b.protected(); err != nil {
		return nil, err
	}
	switch which := c.http.Header.Get("x-ms-delete-snapshots"); {
	case b.isDirectory() && which != "":
		return nil, errOnDirectory
	case b.children > 0:
		return nil, errDirectoryIsNotEmpty
	}
	switch c.http.Header.Get("x-ms-delete-snapshots") {
	case "":
		if len(b.snapshots) > 0 {
			return nil, errSnapshotsPresent
		}
	case "include":
	case "only":
		b.snapshots = nil
		return reply(http.StatusAccepted), nil
	default:
		return nil, errInvalidHeaderValue
	}
	ctr.drop(c.target.blob) // with its uncommitted blocks, even when there is nothing else
	return reply(http.StatusAccepted), nil
}
