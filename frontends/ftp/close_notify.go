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

// closeNotify is what the uploads of a session have shown about how the client ends TLS data
// connections. The connections of a client that is killed end without close_notify.
type closeNotify uint8

const (
	notSeen closeNotify = iota
	// omitted: a data connection ended without close_notify, and the control connection
	// stayed. The client sends no close_notify, so that a further lack of it shows nothing.
	omitted
	// sent: the client has sent it at least once. A client may fail to send it after a large
	// file, when its socket takes no more bytes: so a lack of it does not prove a truncation.
	sent
)

// misses reports whether the client may have died, if a data connection ended in this way.
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
