package limits

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/tidegate/tidegate/internal/fairshare"
)

// holder has the limits and the counters of one owner.
type holder struct {
	owner    Owner
	up, down *bucket
	// requests has the requests to stores that are on their way. They are counted only
	// while limitsRequests is true.
	requests       *fairshare.Resource
	limitsRequests atomic.Bool

	mu     sync.Mutex
	limits Limits
	// sessions are logged in, transfers are open.
	sessions, transfers int64
	// uploaded counts the bytes of uploads on day, in days of UTC since 1970.
	day, uploaded int64
}

func newHolder(o Owner) *holder {
	return &holder{owner: o, up: newBucket(), down: newBucket(), requests: fairshare.NewResource("store requests of "+o.String(), 1)}
}

// set changes the limits.
func (h *holder) set(l Limits) {
	h.up.set(l.BandwidthUp)
	h.down.set(l.BandwidthDown)
	h.limitsRequests.Store(l.StoreRequests > 0)
	if l.StoreRequests > 0 {
		h.requests.Resize(l.StoreRequests)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.limits = l
}

// idle reports whether no session and no transfer of the owner is left.
func (h *holder) idle() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.sessions == 0 && h.transfers == 0
}

// reached returns the error of a limit.
func (h *holder) reached(limit string, most int64) *Reached {
	return &Reached{Limit: limit, Owner: h.owner, Most: most}
}

// addSession counts a session.
func (h *holder) addSession() *Reached { return h.add(&h.sessions, &h.limits.Sessions, sessions) }

func (h *holder) removeSession() { h.remove(&h.sessions) }

// addTransfer counts a transfer.
func (h *holder) addTransfer() *Reached { return h.add(&h.transfers, &h.limits.Transfers, transfers) }

func (h *holder) removeTransfer() { h.remove(&h.transfers) }

// add adds one to the number held, unless that is most already. most is 0 without a limit.
func (h *holder) add(held, most *int64, limit string) *Reached {
	h.mu.Lock()
	defer h.mu.Unlock()
	if *most > 0 && *held >= *most {
		return h.reached(limit, *most)
	}
	*held++
	return nil
}

func (h *holder) remove(held *int64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	*held--
}

// mayUpload reports whether an upload to a file of which size bytes are there may begin.
func (h *holder) mayUpload(size int64) *Reached {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.today()
	switch l := h.limits; {
	case l.UploadBytes > 0 && size > l.UploadBytes:
		return h.reached(uploadBytes, l.UploadBytes)
	case l.UploadBytesPerDay > 0 && h.uploaded >= l.UploadBytesPerDay:
		return h.reached(uploadBytesPerDay, l.UploadBytesPerDay)
	}
	return nil
}

// addUploaded counts n bytes of an upload, with which the file has size bytes.
func (h *holder) addUploaded(n, size int64) *Reached {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.today()
	switch l := h.limits; {
	case l.UploadBytes > 0 && size > l.UploadBytes:
		return h.reached(uploadBytes, l.UploadBytes)
	case l.UploadBytesPerDay > 0 && h.uploaded+n > l.UploadBytesPerDay:
		return h.reached(uploadBytesPerDay, l.UploadBytesPerDay)
	}
	h.uploaded += n
	return nil
}

// removeUploaded takes back what addUploaded has counted.
func (h *holder) removeUploaded(n int64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.uploaded = max(h.uploaded-n, 0)
}

// today begins a new count at midnight UTC. mu is held.
func (h *holder) today() {
	const secondsPerDay = 24 * 60 * 60
	if day := time.Now().Unix() / secondsPerDay; day != h.day {
		h.day, h.uploaded = day, 0
	}
}
