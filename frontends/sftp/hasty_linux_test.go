package sftp

import (
	"testing"

	"github.com/tidegate/tidegate/frontends/frontendtest"
)

// The client's word is shorter than a packet.
func TestBeginningOfPacketIsAcknowledgedAtOnce(t *testing.T) {
	frontendtest.WantAcknowledged(t, hasten)
}
