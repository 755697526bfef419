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
	// metaUpload holds the random identity of the upload that made the
	// content: the only way to know our own commit again when its answer was
	// lost.
	metaUpload = "tidegate_upload"
	// metaCRC holds the CRC-64/NVME of the whole content, in 16 hexadecimal
	// digits, to compare a copy with.
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

// newUploadID returns what makes one upload's content known again.
func newUploadID() string {
	var id [12]byte
	_, _ = rand.Read(id[:]) // never fails
	return hex.EncodeToString(id[:])
}
