package azstub

import (
	"crypto/md5"
	"encoding/base64"
	"net/http"
	"strings"
)

// maxMetadata bounds all keys and values of a blob's metadata together.
const maxMetadata = 8 << 10

// Headers are the properties of a blob that readers get as HTTP headers.
type Headers struct {
	ContentType        string
	ContentEncoding    string
	ContentLanguage    string
	ContentDisposition string
	CacheControl       string
	ContentMD5         []byte
}

// headersOf reads the x-ms-blob- headers.
func headersOf(h http.Header) (Headers, error) {
	out := Headers{
		ContentType:        h.Get("x-ms-blob-content-type"),
		ContentEncoding:    h.Get("x-ms-blob-content-encoding"),
		ContentLanguage:    h.Get("x-ms-blob-content-language"),
		ContentDisposition: h.Get("x-ms-blob-content-disposition"),
		CacheControl:       h.Get("x-ms-blob-cache-control"),
	}
	if v := h.Get("x-ms-blob-content-md5"); v != "" {
		var err error
		if out.ContentMD5, err = base64.StdEncoding.DecodeString(v); err != nil || len(out.ContentMD5) != md5.Size {
			return out, errInvalidMD5
		}
	}
	return out, nil
}

// metadata reads and checks the metadata of the request. Keys are compared without
// case and kept as they were written.
func (c *call) metadata() (map[string]string, error) {
	md, err := metadataOf(c.http.Header)
	if _, reserved := md[folderKey]; reserved && c.srv.opts.HNS {
		err = errInvalidMetadata
	}
	return c.spell(md), err
}

// folderKey is the metadata by which the Blob endpoint shows directories of a hierarchical
// namespace, and by which clients mark directories of a flat one.
const folderKey = "hdi_isfolder"

// metadataOf reads and checks the x-ms-meta- headers. Keys come out in lower
// case.
func metadataOf(h http.Header) (map[string]string, error) {
	var out map[string]string
	size := 0
	for name, values := range h {
		key, ok := strings.CutPrefix(strings.ToLower(name), "x-ms-meta-")
		if !ok {
			continue
		}
		value := strings.Join(values, ",")
		if key == "" {
			return nil, errEmptyMetadataKey
		}
		if !identifier(key) || !printable(value) {
			return nil, errInvalidMetadata
		}
		if size += len(key) + len(value); size > maxMetadata {
			return nil, errMetadataTooLarge
		}
		if out == nil {
			out = map[string]string{}
		}
		out[key] = value
	}
	return out, nil
}

// identifier reports whether a metadata key may be a name in C#, as documented.
func identifier(s string) bool {
	for i, c := range s {
		letter := c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
		if !letter && (i == 0 || c < '0' || c > '9') {
			return false
		}
	}
	return s != ""
}

// printable reports whether a value can stand in a header as it is.
func printable(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' && s[i] != '\t' || s[i] > '~' {
			return false
		}
	}
	return true
}

// tierOf reads x-ms-access-tier; without the header the account's default is
// inferred.
func tierOf(h http.Header) (string, error) {
	t := h.Get("x-ms-access-tier")
	switch t {
	case "", "Hot", "Cool", "Cold", "Archive":
		return t, nil
	}
	return "", errInvalidHeaderValue
}

// describe sets the headers with the properties of a version.
func (c *call) describe(h http.Header, b *blob, v *version) {
	setVersion(h, v)
	for k, val := range v.metadata {
		h[metadataHeader+k] = []string{val} // Set would spell it its own way
	}
	set(h, "Content-Type", v.headers.ContentType)
	set(h, "Content-Encoding", v.headers.ContentEncoding)
	set(h, "Content-Language", v.headers.ContentLanguage)
	set(h, "Content-Disposition", v.headers.ContentDisposition)
	set(h, "Cache-Control", v.headers.CacheControl)
	h.Set("Accept-Ranges", "bytes")
	h.Set("x-ms-blob-type", v.blobType)
	h.Set("x-ms-creation-time", v.created.Format(http.TimeFormat))
	h.Set("x-ms-server-encrypted", "true")
	h.Set("x-ms-access-tier", v.tierName())
	if v.tier == "" {
		h.Set("x-ms-access-tier-inferred", "true")
	} else {
		h.Set("x-ms-access-tier-change-time", v.tierChanged.Format(http.TimeFormat))
	}
	v.describeTags(h)
	if b.legalHold {
		h.Set("x-ms-legal-hold", "true")
	}
	b.lease.describe(h, c.srv.clock())
	v.copied.describe(h)
	if c.srv.opts.HNS {
		b.describeAccess(h, c.showsACL())
		if v.directory {
			h.Set(metadataHeader+folderKey, "true")
		}
	}
}

func (v *version) tierName() string {
	if v.tier == "" {
		return "Hot"
	}
	return v.tier
}

// setVersion fills in what every answer about a version carries.
func setVersion(h http.Header, v *version) {
	h["ETag"] = []string{v.etag}
	h.Set("Last-Modified", v.modified.Format(http.TimeFormat))
}

// set leaves out what is empty.
func set(h http.Header, name, value string) {
	if value != "" {
		h.Set(name, value)
	}
}

// setSums sets the headers with the checksums that the service has verified or computed.
func setSums(h http.Header, r received) {
	if r.md5 != nil {
		h.Set("Content-MD5", base64.StdEncoding.EncodeToString(r.md5))
	}
	if r.crc64 != nil {
		h.Set("x-ms-content-crc64", base64.StdEncoding.EncodeToString(r.crc64))
	}
}

// setMetadata is Set Blob Metadata: it replaces all of it.
func (c *call) setMetadata() (*answer, error) {
	md, err := c.metadata()
	if err != nil {
		return nil, err
	}
	return c.alter(func(v *version) { v.metadata = md })
}

// setProperties is Set Blob Properties: it replaces all HTTP headers, so that
// those which are not given are cleared.
func (c *call) setProperties() (*answer, error) {
	headers, err := headersOf(c.http.Header)
	if err != nil {
		return nil, err
	}
	return c.alter(func(v *version) { v.headers = headers })
}

// alter stores a changed copy of the current version.
func (c *call) alter(change func(*version)) (*answer, error) {
	cond, err := conditionsOf(c.http.Header, "")
	if err != nil {
		return nil, err
	}
	s := c.srv
	s.mu.Lock()
	defer s.mu.Unlock()
	b, v, err := s.version(c.target, "")
	if err != nil {
		return nil, err
	}
	if err := cond.write(v); err != nil {
		return nil, err
	}
	if err := c.mayWrite(b); err != nil {
		return nil, err
	}
	v = b.change()
	change(v)
	b.current = s.stamp(v)
	ans := reply(http.StatusOK)
	setVersion(ans.header, v)
	ans.header.Set("x-ms-request-server-encrypted", "true")
	return ans, nil
}

// setTier is Set Blob Tier. A blob that leaves Archive is readable at once; the
// service would need hours.
func (c *call) setTier() (*answer, error) {
	tier, err := tierOf(c.http.Header)
	if err != nil {
		return nil, err
	}
	if tier == "" {
		return nil, errMissingHeader
	}
	s := c.srv
	s.mu.Lock()
	defer s.mu.Unlock()
	b, v, err := s.version(c.target, "")
	if err != nil {
		return nil, err
	}
	if err := c.leaseGiven(b); err != nil {
		return nil, err
	}
	if v.directory {
		return nil, errOnDirectory
	}
	status := http.StatusOK
	if v.tier == "Archive" && tier != "Archive" {
		status = http.StatusAccepted
	}
	v = b.change() // the ETag stays
	v.tier, v.tierChanged = tier, s.now()
	b.current = v
	return reply(status), nil
}
