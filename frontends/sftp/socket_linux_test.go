package sftp

import (
	"net"
	"testing"

	"github.com/tidegate/tidegate/frontends/frontendtest"
)

// The client's word is shorter than a packet.
func TestBeginningOfPacketIsAcknowledgedAtOnce(t *testing.T) {
	frontendtest.WantAcknowledged(t, func(c net.Conn) net.Conn { return newSocket(c, nil) })
}
