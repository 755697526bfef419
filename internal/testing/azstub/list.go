package azstub

import (
	"bytes"
	"encoding/base64"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// listing is a List Blobs request.
type listing struct {
	prefix, delimiter, marker, startFrom string
	max                                  int
	include                              []string
	show                                 string // showonly of a hierarchical namespace
}

// entry is a line of a listing: a prefix, or a blob or snapshot.
type entry struct {
	name      string
	prefix    bool
	snapshot  string
	lease     lease
	legalHold bool
	version   *version // nil for a blob that has only uncommitted blocks
	access    access
}

// listBlobs is List Blobs, flat or by a delimiter.
func (c *call) listBlobs() (*answer, error) {
	l, err := c.readListing()
	if err != nil {
		return nil, err
	}
	s := c.srv
	s.mu.Lock()
	ctr, err := s.container(c.target.container)
	var page []entry
	var next string
	if err == nil {
		page, next = ctr.list(l)
		if s.opts.EmptyPages && l.marker == "" && len(page) > 0 {
			page, next = nil, page[0].name
		}
	}
	s.mu.Unlock()
	if err != nil {
		return nil, err
	}
	ans := reply(http.StatusOK)
	ans.header.Set("Content-Type", "application/xml")
	ans.body = newContent(c.render(l, page, next))
	return ans, nil
}

func (c *call) readListing() (listing, error) {
	q, limit := c.query, c.srv.opts.Limits.Page
	l := listing{prefix: q.Get("prefix"), delimiter: q.Get("delimiter"), startFrom: q.Get("startFrom"), max: limit}
	if v := q.Get("maxresults"); v != "" {
		n, err := strconv.Atoi(v)
		if err != nil {
			return l, errInvalidQuery
		}
		if n < 1 {
			return l, errOutOfRangeQuery
		}
		l.max = min(n, limit) // more than 5000 is taken for 5000, as documented
	}
	if v := q.Get("include"); v != "" {
		l.include = strings.Split(v, ",")
	}
	if l.permissions() && !c.srv.opts.HNS {
		return l, errInvalidQuery
	}
	if c.srv.opts.HNS {
		l.show = q.Get("showonly")
		if l.delimiter != "" && l.delimiter != "/" || l.show != "" && l.show != "files" && l.show != "directories" {
			return l, errInvalidQuery
		}
	}
	if v := q.Get("marker"); v != "" {
		name, ok := strings.CutPrefix(v, markerVersion)
		raw, err := base64.RawURLEncoding.DecodeString(name)
		if !ok || err != nil {
			return l, errInvalidQuery
		}
		l.marker = string(raw)
	}
	return l, nil
}

// permissions reports whether owner, group, permissions and ACL are asked for.
func (l listing) permissions() bool { return slices.Contains(l.include, "permissions") }

// markerVersion begins every marker. The rest is the name at which the listing
// continues; clients must not rely on it.
const markerVersion = "2!"

// list collects a page. next is the name of the first entry that is left. The
// caller holds Server.mu for writing.
func (ctr *container) list(l listing) (page []entry, next string) {
	x := &ctr.names
	x.settle(func(n string) bool { return ctr.blobs[n] != nil })
	i := x.from(l.prefix)
	for _, name := range []string{l.marker, l.startFrom} {
		if name != "" {
			i = max(i, x.from(name))
		}
	}
	for i < len(x.sorted) && strings.HasPrefix(x.sorted[i], l.prefix) {
		name := x.sorted[i]
		b := ctr.blobs[name]
		if b == nil || !b.listed(l) {
			i++
			continue
		}
		if len(page) >= l.max {
			return page, name
		}
		if l.delimiter != "" {
			if head, _, found := strings.Cut(name[len(l.prefix):], l.delimiter); found {
				head = l.prefix + head + l.delimiter
				if ctr.hierarchical { // blocks that are not committed, in no directory yet
					i++
					continue
				}
				page = append(page, entry{name: head, prefix: true})
				i = x.after(i, head)
				continue
			}
		}
		if l.delimiter != "" && b.isDirectory() {
			head := name + l.delimiter
			page = append(page, entry{name: head, prefix: true, version: b.current, access: b.access, lease: b.lease})
			i = x.after(i+1, head)
			continue
		}
		page = append(page, b.entries(name, l)...)
		i++
	}
	return page, ""
}

// listed reports whether a blob has anything to show.
func (b *blob) listed(l listing) bool {
	if l.show != "" && b.isDirectory() != (l.show == "directories") {
		return false
	}
	return b.current != nil || len(b.uncommitted) > 0 && slices.Contains(l.include, "uncommittedblobs")
}

// entries are the lines of one blob: its snapshots, oldest first, and itself.
func (b *blob) entries(name string, l listing) []entry {
	var out []entry
	if slices.Contains(l.include, "snapshots") {
		for _, sn := range b.snapshots {
			out = append(out, entry{name: name, snapshot: sn.id, version: sn.version})
		}
	}
	return append(out, entry{name: name, version: b.current, lease: b.lease, legalHold: b.legalHold, access: b.access})
}

// render writes the page as XML. It is written by hand because a listing of
// 100,000 blobs is something that gets measured.
func (c *call) render(l listing, page []entry, next string) []byte {
	b := new(bytes.Buffer)
	b.Grow(512 + len(page)*700)
	b.WriteString(`<?xml version="1.0" encoding="utf-8"?><EnumerationResults ServiceEndpoint="`)
	b.WriteString(escapeXML(c.srv.scheme() + "://" + c.http.Host + "/" + c.target.account + "/"))
	b.WriteString(`" ContainerName="` + c.target.container + `">`)
	element(b, "Prefix", l.prefix)
	element(b, "Marker", c.query.Get("marker"))
	element(b, "MaxResults", c.query.Get("maxresults"))
	element(b, "Delimiter", l.delimiter)
	b.WriteString("<Blobs>")
	metadata := slices.Contains(l.include, "metadata")
	copies := slices.Contains(l.include, "copy")
	now := c.srv.clock()
	for _, e := range page {
		if e.prefix {
			b.WriteString("<BlobPrefix>")
			nameElement(b, e.name)
			if e.version != nil {
				e.properties(b, l, copies, now)
			}
			b.WriteString("</BlobPrefix>")
			continue
		}
		e.render(b, l, metadata, copies, now)
	}
	b.WriteString("</Blobs><NextMarker>")
	if next != "" {
		b.WriteString(markerVersion + base64.RawURLEncoding.EncodeToString([]byte(next)))
	}
	b.WriteString("</NextMarker></EnumerationResults>")
	return b.Bytes()
}

func (e entry) render(b *bytes.Buffer, l listing, metadata, copies bool, now time.Time) {
	b.WriteString("<Blob>")
	nameElement(b, e.name)
	element(b, "Snapshot", e.snapshot)
	if e.version == nil {
		b.WriteString("<Properties><Content-Length>0</Content-Length><BlobType>BlockBlob</BlobType></Properties></Blob>")
		return
	}
	e.properties(b, l, copies, now)
	if metadata {
		metadataElement(b, e.version.metadata)
	}
	b.WriteString("</Blob>")
}

// properties writes the properties of an entry with a version.
func (e entry) properties(b *bytes.Buffer, l listing, copies bool, now time.Time) {
	v := e.version
	b.WriteString("<Properties>")
	element(b, "Creation-Time", v.created.Format(http.TimeFormat))
	element(b, "Last-Modified", v.modified.Format(http.TimeFormat))
	element(b, "Etag", strings.Trim(v.etag, `"`))
	e.access.render(b, v, l.permissions())
	element(b, "Content-Length", strconv.FormatInt(v.content.size, 10))
	element(b, "Content-Type", v.headers.ContentType)
	element(b, "Content-Encoding", v.headers.ContentEncoding)
	element(b, "Content-Language", v.headers.ContentLanguage)
	element(b, "Content-Disposition", v.headers.ContentDisposition)
	element(b, "Cache-Control", v.headers.CacheControl)
	element(b, "Content-MD5", base64.StdEncoding.EncodeToString(v.headers.ContentMD5))
	element(b, "BlobType", v.blobType)
	element(b, "AccessTier", v.tierName())
	if v.tier == "" {
		b.WriteString("<AccessTierInferred>true</AccessTierInferred>")
	} else {
		element(b, "AccessTierChangeTime", v.tierChanged.Format(http.TimeFormat))
	}
	if len(v.tags) > 0 {
		element(b, "TagCount", strconv.Itoa(len(v.tags)))
	}
	if e.snapshot == "" {
		state, status := e.lease.state(now)
		element(b, "LeaseStatus", status)
		element(b, "LeaseState", state)
	}
	if e.legalHold {
		element(b, "LegalHold", "true")
	}
	if copies {
		v.copied.render(b)
	}
	// What a later version of the service may send.
	b.WriteString(`<Later kind="any"><Later/></Later >`)
	b.WriteString("<ServerEncrypted>true</ServerEncrypted></Properties>")
}
