package azblob

import (
	"crypto/rand"
	"encoding/hex"
	"maps"
	"strings"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
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
	// metaUpload holds the random identity of the upload that made the content. It shows
	// whether a commit succeeded when its answer was lost.
	metaUpload = "tidegate_upload"
	// metaCRC holds the CRC-64/NVME of the whole content, in 16 hexadecimal
	// digits, to compare a copy with.
	metaCRC = "tidegate_crc64nvme"
)

// metadata is the metadata of one blob as the SDK returns it. The case of the keys depends
// on its source (headers or a listing), so that only these methods may read and write it.
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

// clone returns a copy to send, in which the keys of this package are lower case: the SDK
// returns the case of Go's canonical headers, and some tools look for "hdi_isfolder" only in
// lower case. store.spelled finds the case of other keys.
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

// set sets a key of a clone; the value "" removes it.
func (m metadata) set(key, value string) {
	if value == "" {
		delete(m, key)
		return
	}
	m[key] = to.Ptr(value)
}

// setTime stores the time that a client set. The zero time removes it, so that the time of
// the service is used again.
func (m metadata) setTime(t time.Time) {
	if t.IsZero() {
		m.set(metaTime, "")
		return
	}
	m.set(metaTime, t.UTC().Format(time.RFC3339Nano))
}

// time returns the time that a client set, or the zero time.
func (m metadata) time() time.Time {
	t, err := time.Parse(time.RFC3339Nano, m.get(metaTime))
	if err != nil {
		return time.Time{}
	}
	return t
}

// isMarker reports whether a blob marks a directory of its name: it has the metadata and is
// empty. A blob with the metadata and content is a file.
func (m metadata) isMarker(size int64) bool {
	return size == 0 && strings.EqualFold(m.get(metaDir), "true")
}

// newUploadID returns a value for metaUpload.
func newUploadID() string {
	var id [12]byte
	_, _ = rand.Read(id[:]) // never fails
	return hex.EncodeToString(id[:])
}
