package azblob

import (
	"bufio"
	"bytes"
	"io"
	"net/http"
)

// kept are the properties that are used of a blob that is listed; Owner tells a
// hierarchical namespace. The tier is used where blobs are moved, whose listings
// are flat.
func (t *trimmer) kept(property string) bool {
	switch property {
	case "Last-Modified", "Etag", "Content-Length", "Content-MD5", "Owner":
		return true
	case "AccessTier", "AccessTierInferred":
		return t.flat
	}
	return false
}

// trimList takes out of the answer to List Blobs what nobody asks for. The
// service sends some twenty properties with each blob and cannot be told not to;
// to decode them takes most of the time and the memory of a listing.
func trimList(resp *http.Response) {
	if resp.StatusCode != http.StatusOK || resp.Request == nil {
		return
	}
	if query := resp.Request.URL.Query(); query.Get("comp") == "list" {
		resp.Body = &trimmer{Closer: resp.Body, in: bufio.NewReaderSize(resp.Body, trimBuffer), flat: !query.Has("delimiter")}
		resp.ContentLength = -1
	}
}

// trimBuffer holds any tag that matters.
const trimBuffer = 16 << 10

// trimmer reads XML without the elements in <Properties> that are not kept. It
// looks at tags alone: "<" stands nowhere else, and the service's properties have
// neither attributes nor elements in them.
type trimmer struct {
	io.Closer
	in   *bufio.Reader
	flat bool
	// rest was not yet handed out. It lies in the buffer of in.
	rest []byte
	// inside is true between <Properties> and its end. dropped is the end of the
	// element that is left out, nil when none is.
	inside  bool
	dropped []byte
	err     error
}

func (t *trimmer) Read(p []byte) (n int, err error) {
	for n < len(p) {
		if len(t.rest) == 0 {
			if t.err != nil {
				break
			}
			t.next()
		}
		copied := copy(p[n:], t.rest)
		t.rest = t.rest[copied:]
		n += copied
	}
	if n == 0 && len(p) > 0 {
		return 0, t.err
	}
	return n, nil
}

// next takes some text or a tag, and decides what stays of that.
func (t *trimmer) next() {
	if _, t.err = t.in.Peek(1); t.err != nil {
		return
	}
	some, _ := t.in.Peek(t.in.Buffered())
	switch start := bytes.IndexByte(some, '<'); {
	case start == 0:
		some = t.tag()
	case start > 0:
		some = some[:start]
	}
	stays := some[0] != '<' && t.dropped == nil || some[0] == '<' && t.passes(some)
	_, _ = t.in.Discard(len(some)) // it stays in the buffer until the next Peek
	if stays {
		t.rest = some
	}
}

// tag returns the tag that comes next, or its beginning when it is longer than any
// of a property.
func (t *trimmer) tag() []byte {
	for {
		some, _ := t.in.Peek(t.in.Buffered())
		if end := bytes.IndexByte(some, '>'); end >= 0 {
			return some[:end+1]
		}
		if _, err := t.in.Peek(len(some) + 1); err != nil {
			return some // of an answer that is cut off, or of a long tag
		}
	}
}

// passes decides about a tag.
func (t *trimmer) passes(tag []byte) bool {
	if t.dropped != nil {
		if bytes.Equal(tag, t.dropped) {
			t.dropped = nil
		}
		return false
	}
	name := bytes.Trim(tag, "<>")
	switch {
	case string(name) == "Properties", string(name) == "/Properties":
		t.inside = name[0] != '/'
		return true
	case !t.inside || len(name) == 0 || name[0] == '/' || t.kept(string(name)):
		return true
	case name[len(name)-1] != '/':
		t.dropped = append([]byte("</"), tag[1:]...)
	}
	return false
}
