package ftp

import (
	"time"

	"github.com/tidegate/tidegate/frontends/ftp/data"
)

// truncatedDelay is for a TLS data connection without close_notify, unless the client
// is known to send none. On a busy machine, or one that may not use its processors
// for a while, a client that was killed loses its second connection some 100 ms
// after the first, and the network may lose the packet that says so.
const truncatedDelay = time.Second

// closeNotify is what the uploads of a session have shown of how its client ends TLS data
// connections. The end of a client that is killed is one without close_notify.
type closeNotify uint8

const (
	notSeen closeNotify = iota
	// omitted: one ended without, and the control connection stayed. Such a client has
	// no close_notify to miss.
	omitted
	// sent at least once. A client may fail to send it behind a large file, when its
	// socket takes no more bytes: that is no proof of a truncation.
	sent
)

// misses reports whether a connection that ended so may be that of a client that died.
func (n closeNotify) misses(end data.Ending) bool {
	return end == data.Truncated && n != omitted
}

// after is what is known behind a further upload whose control connection stayed.
func (n closeNotify) after(end data.Ending) closeNotify {
	switch {
	case end == data.Notified:
		return sent
	case end == data.Truncated && n == notSeen:
		return omitted
	}
	return n
}
