package azstub

import (
	"net/http"
	"net/url"
)

// fetch finds the bytes that a Put ... From URL reads. Unlike Copy Blob, these
// operations have no leave to read the source because it is in their account:
// its URL must be signed, or a token given for it.
func (c *call) fetch() (*version, content, error) {
	s, h := c.srv, c.http.Header
	if s.opts.Auth != NoAuth && h.Get("x-ms-copy-source-authorization") == "" && !signed(h.Get("x-ms-copy-source")) {
		return nil, content{}, errSourceNotAuthorized
	}
	s.mu.RLock()
	_, v, err := c.source()
	s.mu.RUnlock()
	if err != nil {
		return nil, content{}, err
	}
	if v.directory {
		return nil, content{}, errOnDirectory
	}
	if v.tier == "Archive" {
		return nil, content{}, errBlobArchived
	}
	rng := http.Header{"Range": h.Values("x-ms-source-range")}
	off, n, _, err := rangeOf(rng, v.content.size)
	if err != nil {
		return nil, content{}, err
	}
	return v, v.content.slice(off, n), nil
}

func signed(source string) bool {
	u, err := url.Parse(source)
	return err == nil && u.Query().Has("sig")
}

// sumSource verifies the checksums that the client gave for the source.
func (c *call) sumSource(from content) (received, error) {
	h := http.Header{}
	set(h, "Content-MD5", c.http.Header.Get("x-ms-source-content-md5"))
	set(h, "x-ms-content-crc64", c.http.Header.Get("x-ms-source-content-crc64"))
	sums, err := c.checksums(h, false)
	if err != nil {
		return received{}, err
	}
	out := received{content: from}
	if len(h) > 0 {
		_ = from.walk(0, from.size, bufferSize, c.srv.pattern, func(p []byte) error {
			sums.write(p)
			return nil
		})
	}
	return out, sums.verify(&out)
}

// putBlockFromURL is Put Block From URL.
func (c *call) putBlockFromURL() (*answer, error) {
	id, length, err := c.blockID()
	if err != nil {
		return nil, err
	}
	_, from, err := c.fetch()
	if err != nil {
		return nil, err
	}
	if from.size > c.srv.opts.Limits.BlockSize {
		return nil, errRequestBodyTooLarge
	}
	got, err := c.sumSource(from)
	if err != nil {
		return nil, err
	}
	if err := c.stage(block{id, from}, length); err != nil {
		return nil, err
	}
	ans := reply(http.StatusCreated)
	ans.header.Set("x-ms-request-server-encrypted", "true")
	setSums(ans.header, got)
	return ans, nil
}

// putBlobFromURL is Put Blob From URL. It takes the HTTP headers of the source
// where the request gives none, and never its metadata.
func (c *call) putBlobFromURL() (*answer, error) {
	h := c.http.Header
	cond, err := conditionsOf(h, "")
	if err != nil {
		return nil, err
	}
	v, err := c.newVersion()
	if err != nil {
		return nil, err
	}
	src, from, err := c.fetch()
	if err != nil {
		return nil, err
	}
	got, err := c.sumSource(from)
	if err != nil {
		return nil, err
	}
	if h.Get("x-ms-copy-source-blob-properties") != "false" {
		v.headers = v.headers.or(src.headers)
	}
	v.content = from
	ans, err := c.store(cond, v)
	if err != nil {
		return nil, err
	}
	setSums(ans.header, got)
	return ans, nil
}

// or fills what is empty from other.
func (h Headers) or(other Headers) Headers {
	for _, f := range []struct{ to, from *string }{
		{&h.ContentType, &other.ContentType},
		{&h.ContentEncoding, &other.ContentEncoding},
		{&h.ContentLanguage, &other.ContentLanguage},
		{&h.ContentDisposition, &other.ContentDisposition},
		{&h.CacheControl, &other.CacheControl},
	} {
		if *f.to == "" {
			*f.to = *f.from
		}
	}
	if h.ContentMD5 == nil {
		h.ContentMD5 = other.ContentMD5
	}
	return h
}
