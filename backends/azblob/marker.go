package azblob

import (
	"maps"
	"strings"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"

	"github.com/tidegate/tidegate/vfs"
)

// The metadata that this package knows. Keys must be C# identifiers, and the
// service does not distinguish their case.
const (
	// metaDir marks an empty blob as a directory. blobfuse2, Hadoop, Spark and
	// rclone write and honour it as well.
	metaDir = "hdi_isfolder"
	// metaTime holds the modification time that a client set, as RFC 3339
	// with nanoseconds in UTC. rclone uses the same key and form.
	metaTime = "mtime"
	// metaUpload holds the random identity of the upload that made the
	// content: the only way to know our own commit again when its answer was
	// lost.
	metaUpload = "tidegate_upload"
	// metaCRC holds the CRC-64/NVME of the whole content, in 16 hexadecimal
	// digits, for whoever wants to compare a copy.
	metaCRC = "tidegate_crc64nvme"
)

// metadata is the metadata of one blob as the SDK has it. The case of keys
// depends on where it comes from (headers or a listing), so that it must only
// be read and written by these methods.
type metadata map[string]*string

// get returns the value of a key, "" when there is none.
func (m metadata) get(key string) string {
	for k, v := range m {
		if v != nil && strings.EqualFold(k, key) {
			return *v
		}
	}
	return ""
}

// clone returns a copy in which our own keys are lower case, ready to be sent: the
// SDK's own spelling comes from Go's canonical headers, and some tools look for
// "hdi_isfolder" only in this form. Of the keys of others Backend.spelled knows
// the case.
func (m metadata) clone() metadata {
	c := make(metadata, len(m)+2)
	for k, v := range maps.All(m) {
		if ownKey(k) {
			k = strings.ToLower(k)
		}
		c[k] = v
	}
	return c
}

// set gives a key of a clone its value; "" removes it.
func (m metadata) set(key, value string) {
	if value == "" {
		delete(m, key)
		return
	}
	m[key] = to.Ptr(value)
}

// setTime keeps the time that a client set; the zero time forgets it, so that
// the service's own counts again.
func (m metadata) setTime(t time.Time) {
	if t.IsZero() {
		m.set(metaTime, "")
		return
	}
	m.set(metaTime, t.UTC().Format(time.RFC3339Nano))
}

// time returns the time that a client set, the zero time when none did.
func (m metadata) time() time.Time {
	t, err := time.Parse(time.RFC3339Nano, m.get(metaTime))
	if err != nil {
		return time.Time{}
	}
	return t
}

// isMarker reports whether a blob stands for a directory of its name: it is
// empty and says so. A blob that says so and has content is a file.
func (m metadata) isMarker(size int64) bool {
	return size == 0 && strings.EqualFold(m.get(metaDir), "true")
}

// blobInfo is what the service tells about one blob, whichever way it was asked.
type blobInfo struct {
	size         int64
	lastModified *time.Time
	etag         *azcore.ETag
	meta         metadata
	// exact is whether the keys of meta are spelled as they were given.
	exact bool
	// md5 is the property Content-MD5; nil where there is none.
	md5 []byte
	// tier is the access tier when it was chosen for this blob; "" when it is
	// the account's default.
	tier blob.AccessTier
	// What keeps it from being deleted: a lease, a legal hold, a policy until
	// that time. Those of the container are not told.
	leased, held bool
	retained     *time.Time
	// tagged is whether the blob has index tags. Who may not read those may
	// not be told.
	tagged bool
}

// modTime returns the time that a client set, or else the service's.
func (b blobInfo) modTime() time.Time {
	if t := b.meta.time(); !t.IsZero() || b.lastModified == nil {
		return t
	}
	return *b.lastModified
}

func (b blobInfo) isMarker() bool { return b.meta.isMarker(b.size) }

// entry returns the blob as the entry called name: the directory that it marks,
// or the file.
func (b blobInfo) entry(name string) vfs.Info {
	if b.isMarker() {
		return vfs.Info{Name: name, Type: vfs.TypeDir, ModTime: b.modTime()}
	}
	return vfs.Info{
		Name: name, Type: vfs.TypeFile, Size: b.size, ModTime: b.modTime(), Version: version(b.etag),
		MD5: string(b.md5),
	}
}

// version returns an ETag as a Version. Headers hold it in quotation marks,
// listings without.
func version(etag *azcore.ETag) string {
	if etag == nil {
		return ""
	}
	return strings.Trim(string(*etag), `"`)
}

// etagOf is the reverse of version; nil for "".
func etagOf(version string) *azcore.ETag {
	if version == "" {
		return nil
	}
	return to.Ptr(azcore.ETag(`"` + version + `"`))
}

// conditions returns the conditions of a request: the blob is the version
// ifMatch, or, with absent, is not there.
func conditions(ifMatch string, absent bool) *blob.AccessConditions {
	m := &blob.ModifiedAccessConditions{IfMatch: etagOf(ifMatch)}
	if absent {
		m.IfNoneMatch = to.Ptr(azcore.ETagAny)
	}
	return &blob.AccessConditions{ModifiedAccessConditions: m}
}
