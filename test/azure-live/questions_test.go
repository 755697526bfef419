package azurelive

import (
	"crypto/md5"
	"encoding/base64"
	"encoding/binary"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/minio/crc64nvme"
)

// question is a question about the service that no documentation answers, or whose answer the
// code relies on. The answer is a text.
type question struct {
	name string
	ask  func(*testing.T, *files) string
	// want is the answer of the stub, azurite that of Azurite, "" where it is the same.
	want, azurite string
}

// TestQuestions puts the questions to each account.
func TestQuestions(t *testing.T) {
	each(t, func(t *testing.T, a *account) {
		all := commonQuestions()
		if a.hns {
			all = append(all, hierarchicalQuestions()...)
		} else {
			all = append(all, flatQuestions()...)
		}
		for _, q := range all {
			t.Run(q.name, func(t *testing.T) {
				want := q.want
				if a.name == "Azurite" && q.azurite != "" {
					want = q.azurite
				}
				if got := q.ask(t, a.newFiles(t)); got != want {
					differences.add(t, a, q.name, want, got)
				}
			})
		}
		t.Run("clocks", func(t *testing.T) { clocks(t, a) })
	})
}

// clocks measures how far the clocks of the service's machines differ.
func clocks(t *testing.T, a *account) {
	n := 10
	if a.real() {
		n = 1000
	}
	f := a.newFiles(t)
	for range n {
		f.blob(t, http.MethodHead, "?restype=container", nil, "").want(t, http.StatusOK)
	}
	t.Logf("%v: %v", a, &a.seen)
	if a.seen.answers < n || a.seen.most-a.seen.least > time.Hour {
		t.Errorf("measured %v", &a.seen)
	}
}

var putBlob = http.Header{"X-Ms-Blob-Type": {"BlockBlob"}}

// with puts headers "Name: value" beside those of h.
func with(h http.Header, lines ...string) http.Header {
	out := h.Clone()
	if out == nil {
		out = http.Header{}
	}
	for _, line := range lines {
		name, value, _ := strings.Cut(line, ": ")
		out.Set(name, value)
	}
	return out
}

func (f *files) put(t *testing.T, name, body string, lines ...string) answer {
	t.Helper()
	return f.blob(t, http.MethodPut, name, with(putBlob, lines...), body)
}

func (f *files) stage(t *testing.T, name, id string) answer {
	t.Helper()
	return f.blob(t, http.MethodPut, name+"?comp=block&blockid="+url.QueryEscape(base64.StdEncoding.EncodeToString([]byte(id))), nil, "x")
}

func (f *files) commit(t *testing.T, name, id string) answer {
	t.Helper()
	list := "<BlockList><Latest>" + base64.StdEncoding.EncodeToString([]byte(id)) + "</Latest></BlockList>"
	return f.blob(t, http.MethodPut, name+"?comp=blocklist", nil, list)
}

func (f *files) copy(t *testing.T, from, to string, lines ...string) answer {
	t.Helper()
	return f.blob(t, http.MethodPut, to, with(nil, append(lines, "x-ms-copy-source: "+f.account.url+"/"+f.name+"/"+from)...), "")
}

func (f *files) head(t *testing.T, name string) http.Header {
	t.Helper()
	a := f.blob(t, http.MethodHead, name, nil, "")
	a.want(t, http.StatusOK)
	return a.header
}

// The checksums of "x", and one that is wrong.
var (
	crcOfX   = base64.StdEncoding.EncodeToString(binary.LittleEndian.AppendUint64(nil, crc64nvme.Checksum([]byte("x"))))
	crcWrong = base64.StdEncoding.EncodeToString(make([]byte, crc64nvme.Size))
	md5OfX   = func() string { sum := md5.Sum([]byte("x")); return base64.StdEncoding.EncodeToString(sum[:]) }()
)

// commonQuestions are those for each kind of account.
func commonQuestions() []question {
	past := "If-Unmodified-Since: Mon, 01 Jan 2001 00:00:00 GMT"
	return []question{
		{"Put Blob with a wrong CRC64", func(t *testing.T, f *files) string {
			return f.put(t, "f", "x", "x-ms-content-crc64: "+crcWrong).String()
		}, "400 Crc64Mismatch", "ok"},
		{"Put Blob with CRC64 and x-ms-blob-content-md5", func(t *testing.T, f *files) string {
			return f.put(t, "f", "x", "x-ms-content-crc64: "+crcOfX, "x-ms-blob-content-md5: "+md5OfX).String()
		}, "400 BothCrc64AndMsMd5HeaderPresent", "ok"},
		{"the MD5 after Put Blob with CRC64 alone", func(t *testing.T, f *files) string {
			f.put(t, "f", "x", "x-ms-content-crc64: "+crcOfX).want(t, http.StatusCreated)
			return f.head(t, "f").Get("Content-MD5")
		}, md5OfX, ""},
		{"Put Blob of a name that has nothing but blocks, If-None-Match: *", func(t *testing.T, f *files) string {
			f.stage(t, "f", "1").want(t, http.StatusCreated)
			return f.put(t, "f", "x", "If-None-Match: *").String()
		}, "409 BlobAlreadyExists", ""},
		{"Put Blob, If-Unmodified-Since, of what is not there", func(t *testing.T, f *files) string { return f.put(t, "f", "x", past).String() }, "ok", ""},
		{"Put Blob, If-Match, of what is not there", func(t *testing.T, f *files) string {
			return f.put(t, "f", "x", `If-Match: "0x1"`).String()
		}, "412 ConditionNotMet", "412 ConditionNotMet"},
		{"Copy Blob, If-Unmodified-Since, to what is not there", func(t *testing.T, f *files) string {
			f.put(t, "f", "x").want(t, http.StatusCreated)
			return f.copy(t, "f", "g", past).String()
		}, "ok", ""},
		{"Copy Blob, If-Unmodified-Since, to what is newer", func(t *testing.T, f *files) string {
			f.put(t, "f", "x").want(t, http.StatusCreated)
			f.put(t, "g", "x").want(t, http.StatusCreated)
			return f.copy(t, "f", "g", past).String()
		}, "412 TargetConditionNotMet", "412 ConditionNotMet"},
		{"If-Match and If-None-Match together", func(t *testing.T, f *files) string {
			return f.put(t, "f", "x", `If-Match: "0x1"`, `If-None-Match: "0x2"`).String()
		}, "400 MultipleConditionHeadersNotSupported", ""},
		{"Put Block without content", func(t *testing.T, f *files) string {
			return f.blob(t, http.MethodPut, "f?comp=block&blockid=AAAA", nil, "").String()
		}, "400 InvalidHeaderValue", "ok"},
		{"Put Block with an id of another length", func(t *testing.T, f *files) string {
			f.stage(t, "f", "1").want(t, http.StatusCreated)
			return f.stage(t, "f", "12345").String()
		}, "400 InvalidBlobOrBlock", ""},
		{"Put Block with an id of another length after Put Blob", func(t *testing.T, f *files) string {
			f.stage(t, "f", "1").want(t, http.StatusCreated)
			f.put(t, "f", "x").want(t, http.StatusCreated)
			return f.stage(t, "f", "12345").String()
		}, "ok", "400 InvalidBlobOrBlock"},
		{"the ETag after Put Block", func(t *testing.T, f *files) string {
			f.put(t, "f", "x").want(t, http.StatusCreated)
			before := f.head(t, "f").Get("ETag")
			f.stage(t, "f", "1").want(t, http.StatusCreated)
			return changed(before, f.head(t, "f").Get("ETag"))
		}, "stays", ""},
		{"the tier of a copy of a cool blob", func(t *testing.T, f *files) string {
			f.put(t, "f", "x", "x-ms-access-tier: Cool").want(t, http.StatusCreated)
			f.copy(t, "f", "g").want(t, http.StatusAccepted)
			h := f.head(t, "g")
			return h.Get("x-ms-access-tier") + ", inferred " + h.Get("x-ms-access-tier-inferred")
		}, "Hot, inferred true", "Cool, inferred false"},
		{"GET of an empty blob with a range", func(t *testing.T, f *files) string {
			f.put(t, "f", "").want(t, http.StatusCreated)
			return f.blob(t, http.MethodGet, "f", with(nil, "x-ms-range: bytes=0-9"), "").String()
		}, "416 InvalidRange", ""},
	}
}

func changed(before, after string) string {
	if before == after {
		return "stays"
	}
	return "changes"
}

// flatQuestions are those for accounts without a hierarchical namespace.
func flatQuestions() []question {
	return []question{
		{"List Blobs with include=permissions", func(t *testing.T, f *files) string {
			return f.blob(t, http.MethodGet, "?restype=container&comp=list&include=permissions", nil, "").String()
		}, "400 InvalidQueryParameterValue", "ok"},
		{"a plus and a space in x-ms-tags", func(t *testing.T, f *files) string {
			if a := f.put(t, "f", "x", "x-ms-tags: k=a+b%20c"); a.status != http.StatusCreated {
				return a.String() // not each role may set tags
			}
			return between(f.blob(t, http.MethodGet, "f?comp=tags", nil, "").body, "<Value>", "</Value>")
		}, "a+b c", "a b c"},
		{"tags after Copy Blob", func(t *testing.T, f *files) string {
			if a := f.put(t, "f", "x", "x-ms-tags: k=v"); a.status != http.StatusCreated {
				return a.String()
			}
			f.copy(t, "f", "g").want(t, http.StatusAccepted)
			return "count " + f.head(t, "g").Get("x-ms-tag-count")
		}, "count ", ""},
		{"Delete Blob with a snapshot", func(t *testing.T, f *files) string {
			f.put(t, "f", "x").want(t, http.StatusCreated)
			f.blob(t, http.MethodPut, "f?comp=snapshot", nil, "").want(t, http.StatusCreated)
			return f.blob(t, http.MethodDelete, "f", nil, "").String()
		}, "409 SnapshotsPresent", ""},
		{"Put Blob with the metadata hdi_isfolder", func(t *testing.T, f *files) string {
			return f.put(t, "d", "", "x-ms-meta-hdi_isfolder: true").String()
		}, "ok", ""},
		{"the order of names", func(t *testing.T, f *files) string { return order(t, f) }, "a-b a/x", ""},
	}
}

// between is the text between two others, "" when they are not there.
func between(text, begin, end string) string {
	_, rest, _ := strings.Cut(text, begin)
	found, _, ok := strings.Cut(rest, end)
	if !ok {
		return ""
	}
	return found
}

// order lists a name in a directory and one that begins like the directory.
func order(t *testing.T, f *files) string {
	t.Helper()
	for _, name := range []string{"a-b", "a/x"} {
		f.put(t, name, "x").want(t, http.StatusCreated)
	}
	return f.list(t, "")
}

// list is the names of a listing, in its order.
func (f *files) list(t *testing.T, query string) string {
	t.Helper()
	a := f.blob(t, http.MethodGet, "?restype=container&comp=list"+query, nil, "")
	a.want(t, http.StatusOK)
	var names []string
	for part := range strings.SplitSeq(a.body, "<Name>") {
		if name, _, ok := strings.Cut(part, "</Name>"); ok {
			names = append(names, name)
		}
	}
	return strings.Join(names, " ")
}
