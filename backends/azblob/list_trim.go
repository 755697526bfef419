package azblob

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"mime"
	"net/http"
)

// keeps reports whether a property of a listed blob is used. ResourceType, Owner, Group and
// Permissions exist in a hierarchical namespace alone; the last ones are used where blobs are
// moved, whose listings are flat.
func (t *trimmer) keeps(property string) bool {
	switch property {
	case "Last-Modified", "Etag", "Content-Length", "Content-MD5", "ResourceType", "Owner", "Group", "Permissions":
		return true
	case "AccessTier", "AccessTierInferred", "TagCount", "LeaseStatus", "LegalHold", "ImmutabilityPolicyUntilDate":
		return t.flat
	}
	return false
}

// trimList removes unused properties from the answer to List Blobs. The service sends some
// twenty properties with each blob, and no parameter turns them off. Decoding them takes
// most of the time and the memory of a listing.
func trimList(resp *http.Response) {
	if resp.StatusCode != http.StatusOK || resp.Request == nil {
		return
	}
	kind, _, _ := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	if query := resp.Request.URL.Query(); query.Get("comp") == "list" && kind == "application/xml" {
		resp.Body = &trimmer{Closer: resp.Body, in: bufio.NewReaderSize(resp.Body, trimBuffer), flat: !query.Has("delimiter")}
		resp.ContentLength = -1
		limitPage(resp)
	}
}

// trimBuffer holds any tag that matters.
const trimBuffer = 16 << 10

// trimmer reads XML without the elements in <Properties> that are not kept. It looks at tags
// only: the service writes "<" nowhere else. Elements inside a property that it drops are
// dropped too.
type trimmer struct {
	io.Closer
	in   *bufio.Reader
	flat bool // the answer to a request without a delimiter
	// rest has not been returned yet. It lies in the buffer of in.
	rest []byte
	// inside is true between <Properties> and its end.
	inside bool
	// kept is the name of the current property that is passed on, with the elements in
	// it. dropped is the name of the current one that is dropped. depth counts how many
	// elements of that name are open.
	kept, dropped []byte
	depth         int
	name          [64]byte // holds kept or dropped
	err           error
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

// errDirective is the error for a listing with a declaration (<!DOCTYPE …>). The service
// never sends one, and trimmer does not parse it.
var errDirective = errors.New("azblob: a listing with a directive")

// next reads some text or a tag, and decides what is kept of it.
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
	if isDirective(some) {
		t.err = errDirective
		return
	}
	stays := some[0] != '<' && t.dropped == nil || some[0] == '<' && t.passes(some)
	_, _ = t.in.Discard(len(some)) // it stays in the buffer until the next Peek
	if stays {
		t.rest = some
	}
}

// tag returns the next tag, or its beginning when it is longer than that of any property.
func (t *trimmer) tag() []byte {
	for {
		some, _ := t.in.Peek(t.in.Buffered())
		if end := tagEnd(some); end > 0 {
			return some[:end]
		}
		if _, err := t.in.Peek(len(some) + 1); err != nil {
			// The answer is cut off, or the tag is long. It may have moved within
			// the buffer.
			some, _ = t.in.Peek(t.in.Buffered())
			return some
		}
	}
}

// tagEnd returns the length of the tag with which text begins, 0 when text does not contain
// its end. A ">" in the value of an attribute, in a comment or in CDATA does not end it.
func tagEnd(text []byte) int {
	end := bytes.IndexByte(text, '>')
	if end < 0 {
		return 0
	}
	if !bytes.ContainsAny(text[:end], "\"'!") {
		return end + 1 // nearly all tags
	}
	for _, section := range [...][2]string{{"<!--", "-->"}, {"<![CDATA[", "]]>"}} {
		if !bytes.HasPrefix(text, []byte(section[0])) {
			continue
		}
		if i := bytes.Index(text[len(section[0]):], []byte(section[1])); i >= 0 {
			return len(section[0]) + i + len(section[1])
		}
		return 0
	}
	var quote byte
	for i, c := range text {
		switch {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '"', c == '\'':
			quote = c
		case c == '>':
			return i + 1
		}
	}
	return 0
}

// passes reports whether a tag is kept.
func (t *trimmer) passes(tag []byte) bool {
	name, end, alone := parseTag(tag)
	switch {
	case t.dropped != nil:
		t.count(&t.dropped, name, end, alone)
		return false
	case t.kept != nil:
		t.count(&t.kept, name, end, alone)
		return true
	case string(name) == "Properties":
		t.inside = !end && !alone
		return true
	case !t.inside || end || len(name) == 0:
		return true
	}
	keep := t.keeps(string(name))
	switch {
	case alone:
	case keep:
		t.kept, t.depth = append(t.name[:0], name...), 1
	default:
		t.dropped, t.depth = append(t.name[:0], name...), 1
	}
	return keep
}

// count follows a tag in an element until its end.
func (t *trimmer) count(element *[]byte, name []byte, end, alone bool) {
	if alone || !bytes.Equal(name, *element) {
		return
	}
	if !end {
		t.depth++
		return
	}
	if t.depth--; t.depth == 0 {
		*element = nil
	}
}

// isDirective reports whether tag is a complete <!…> that is neither a comment nor CDATA.
func isDirective(tag []byte) bool {
	return bytes.HasPrefix(tag, []byte("<!")) && bytes.HasSuffix(tag, []byte(">")) &&
		!bytes.HasPrefix(tag, []byte("<!--")) && !bytes.HasPrefix(tag, []byte("<![CDATA["))
}

// parseTag returns the name of a tag without attributes, "" when it is not the tag of an
// element but a comment or a declaration. end is true for </x>, alone for <x/>.
func parseTag(tag []byte) (name []byte, end, alone bool) {
	name = bytes.TrimSuffix(bytes.TrimPrefix(tag, []byte("<")), []byte(">"))
	name, end = bytes.CutPrefix(name, []byte("/"))
	name, alone = bytes.CutSuffix(name, []byte("/"))
	if i := bytes.IndexAny(name, " \t\r\n"); i >= 0 {
		name = name[:i]
	}
	if len(name) > 0 && (name[0] == '!' || name[0] == '?') {
		return nil, false, false
	}
	return name, end, alone
}
