package limits

import "fmt"

// Limits are the limits of one tenant or one user. 0 is no limit.
type Limits struct {
	// Sessions is how many sessions may be logged in at once, Transfers how many files may
	// be open for reading or writing.
	Sessions, Transfers int64
	// StoreRequests is how many requests to stores may wait for an answer at once.
	StoreRequests int64
	// BandwidthUp and BandwidthDown are in bytes per second.
	BandwidthUp, BandwidthDown int64
	// UploadBytes is the size of the largest file that may be uploaded, UploadBytesPerDay
	// the number of bytes that may be uploaded on a day of UTC.
	UploadBytes, UploadBytesPerDay int64
}

// Owner is the tenant or, if User is not "", the user of a tenant that has limits.
type Owner struct{ Tenant, User string }

// String returns "tenant TENANT" or "user TENANT/USER".
func (o Owner) String() string {
	if o.User == "" {
		return "tenant " + o.Tenant
	}
	return "user " + o.Tenant + "/" + o.User
}

// noun is the word for the owner in texts for clients, which do not name it.
func (o Owner) noun() string {
	if o.User == "" {
		return "tenant"
	}
	return "user"
}

// The names of the limits, as the configuration writes them.
const (
	sessions          = "sessions"
	transfers         = "transfers"
	uploadBytes       = "upload_bytes"
	uploadBytesPerDay = "upload_bytes_per_day"
)

// Reached is the cause of every refusal by a limit. Its text is for the log.
type Reached struct {
	// Limit is the name of the setting in the block limits.
	Limit string
	Owner Owner
	// Most is the value of the limit.
	Most int64
}

func (e *Reached) Error() string {
	text := fmt.Sprintf("limits.%s of %s is reached: %d", e.Limit, e.Owner, e.Most)
	if e.Limit == uploadBytesPerDay {
		text += " on this node, until midnight UTC"
	}
	return text
}
